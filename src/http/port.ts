// A port has one owner. The runtime lets several processes listen on one port unless it is told otherwise, and the
// system then gives each of them a part of the requests, whatever data they serve.
import type { App } from "../app.ts";
import { messageOf, unavailable } from "../errors.ts";

type Place = { host: string; port: number };

/** Answers 503 until a server stands behind it. */
export type HeldPort = Bun.Server<undefined>;

/** Where Bun itself ends a body; each route has a limit of its own below that. */
const bodyCapBytes = 32 * 1024 * 1024;

/**
 * Port 0 is any free one. The system gives it out at once, and `config` names it from then on, also where its APP_URL
 * says 0 (as the default does): links are built before the server answers. Null when the port is not 0.
 */
export function holdAnyPort({ config }: Pick<App, "config">): HeldPort | null {
  if (config.port !== 0) return null;
  const held = listenOn(config, { fetch: () => new Response(null, { status: 503 }) });
  config.port = held.port ?? 0;
  const url = new URL(config.appUrl);
  if (url.port === "0") config.appUrl = `${url.protocol}//${url.hostname}:${config.port}`;
  return held;
}

type Answer = (request: Bun.BunRequest, server: HeldPort) => Response | Promise<Response>;
type Handlers = {
  routes?: Record<string, Answer>;
  fetch: (request: Request, server: HeldPort) => Response | Promise<Response>;
};

/** Fails as `unavailable` when that cannot be. */
export function listenOn({ host, port }: Place, handlers: Handlers): HeldPort {
  refuseTakenPort({ host, port });
  try {
    const limits = { maxRequestBodySize: bodyCapBytes, idleTimeout: 30 };
    const options = { development: false, reusePort: false, ...limits };
    return Bun.serve({ hostname: host, port, routes: {}, ...handlers, ...options });
  } catch (error) {
    throw listenFailure({ host, port }, error);
  }
}

/**
 * Fails as `unavailable` while anybody listens there, also one that would share the port. A server calls it when it
 * holds the lock of its data (`store/serve-lock.ts`): no other server of this installation runs then, so whoever has
 * the port is somebody else.
 */
export function refuseTakenPort({ host, port }: Place): void {
  if (port === 0) return;
  try {
    Bun.listen({ hostname: host, port, exclusive: true, socket: { data() {} } }).stop(true);
  } catch (error) {
    throw listenFailure({ host, port }, error);
  }
}

export function listenFailure({ host, port }: Place, error: unknown) {
  if ((error as { code?: string }).code === "EADDRINUSE")
    return unavailable(`Port ${port} on ${host} is in use by another program.`, {
      code: "port_in_use",
      remedy: "Stop that program, or set PORT (--port) to a free one.",
    });
  return unavailable(`${host}:${port} cannot be listened on: ${messageOf(error)}.`, {
    code: "cannot_listen",
    remedy: "Check HOST and PORT.",
  });
}
