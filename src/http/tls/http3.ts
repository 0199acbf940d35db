// HTTP/3 in a server of its own. Two sockets that share a port would each get a part of a connection's packets, so this
// one is ended before the next one starts with another certificate, and our own header announces it to browsers.
import type { App } from "../../app.ts";
import { messageOf } from "../../errors.ts";
import type { Pair } from "../../tls/pair.ts";
import { bodyCapBytes, idleSeconds, type Answer, type Handlers } from "../listen.ts";

type Http3 = {
  /** Serves with this certificate from now on. Never fails: HTTPS works without it. */
  serve(pair: Pair): void;
  /** The same handlers, whose answers say where HTTP/3 is. */
  announcing(handlers: Handlers): Handlers;
  stop(): Promise<void>;
};

/** Short, so that a server without HTTP/3 is found soon. */
const announcedSeconds = 3600;

export function createHttp3(app: App, handlers: Handlers): Http3 {
  let server: Bun.Server<undefined> | null = null;
  const alternative = () => (server === null ? "clear" : `h3=":${app.config.port}"; ma=${announcedSeconds}`);
  return {
    serve(pair) {
      void server?.stop(true);
      server = null;
      try {
        server = listen(app, handlers, pair);
      } catch (error) {
        app.log.error("tls.http3_failed", { reason: messageOf(error) });
      }
    },
    announcing({ routes, fetch }) {
      const announce = (answer: Response): Response => {
        answer.headers.set("Alt-Svc", alternative());
        return answer;
      };
      const announced =
        <Asked extends Request>(
          handler: (request: Asked, server: Bun.Server<undefined>) => Response | Promise<Response>,
        ) =>
        (request: Asked, to: Bun.Server<undefined>) => {
          const answer = handler(request, to);
          return answer instanceof Promise ? answer.then(announce) : announce(answer);
        };
      const entries = Object.entries(routes).map(([path, answer]): [string, Answer] => [
        path,
        announced(answer),
      ]);
      return { routes: Object.fromEntries(entries), fetch: announced(fetch) };
    },
    async stop() {
      await server?.stop(true);
    },
  };
}

function listen({ config }: App, handlers: Handlers, { certificate, key }: Pair): Bun.Server<undefined> {
  return Bun.serve({
    ...handlers,
    ...{ hostname: config.host, port: config.port, tls: { cert: certificate, key } },
    ...{ http1: false, http3: true, reusePort: false, development: false },
    ...{ maxRequestBodySize: bodyCapBytes, idleTimeout: idleSeconds },
  });
}
