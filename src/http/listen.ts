// Takes the port, and gives it up without cutting off what is still being answered.
import type { App } from "../app.ts";
import { listenFailure } from "./port.ts";
import { clearSocket, listenOnSocket, socketPathOf } from "./unix-socket.ts";

/** Where Bun itself ends a body. */
export const bodyCapBytes = 32 * 1024 * 1024;
export const idleSeconds = 30;
const drainMs = 20_000;

export type Answer = (request: Bun.BunRequest, server: Bun.Server<undefined>) => Response | Promise<Response>;

export type Handlers = {
  routes: Record<string, Answer>;
  fetch: (request: Request, server: Bun.Server<undefined>) => Response | Promise<Response>;
};

/** Answers 503 until a server takes it over. */
export type HeldPort = Bun.Server<undefined>;

/** PEM. */
type Credentials = { cert: string; key: string };

/** `host` is an address, or `unix:` and the path of a socket. */
type Place = { host: string; port: number };

/** `tls` is served over HTTP/1.1 and HTTP/2. */
type ListenOptions = { tls?: Credentials };

/**
 * Port 0 means any free port. The system assigns it here, and `config` names it from then on, also in an APP_URL with
 * port 0 (as the default has it), because links are built before the server answers. Null when the port is not 0.
 */
export function holdAnyPort({ config }: Pick<App, "config">): HeldPort | null {
  if (config.port !== 0 || socketPathOf(config) !== null) return null;
  const busy = { routes: {}, fetch: () => new Response(null, { status: 503 }) };
  const held = listenOn(config, busy);
  config.port = held.port ?? 0;
  const url = new URL(config.appUrl);
  if (url.port === "0") config.appUrl = `${url.protocol}//${url.hostname}:${config.port}`;
  return held;
}

/** The port is shared, so that it can be listened on once more, to replace this listener. See `refuseTakenPort`. */
export function listenOn(
  place: Place,
  handlers: Handlers,
  options: ListenOptions = {},
): Bun.Server<undefined> {
  const socket = socketPathOf(place);
  if (socket !== null) return listenOnSocket(socket, () => serveOnSocket(socket, handlers));
  return listen(place, handlers, options);
}

/**
 * Listens on the port of `old` beside it, and only then lets `old` end: no connection finds the port closed. What `old`
 * still answers, it answers to the end. Fails, and changes nothing, when the new one cannot
 * listen. This is how a server gets another certificate: reloading one leaves its certificate as it is.
 */
export async function replaceListener(
  old: Bun.Server<undefined>,
  { place, handlers, tls }: { place: Place; handlers: Handlers; tls?: Credentials },
): Promise<{ server: Bun.Server<undefined>; oldEnded: Promise<void> }> {
  const server = listen(place, handlers, tls ? { tls } : {});
  // The system resets connections that wait to be accepted when their socket closes; so they are accepted before.
  for (let turn = 0; turn < turnsBeforeStop; turn++) await new Promise(setImmediate);
  return { server, oldEnded: old.stop(false) };
}

const turnsBeforeStop = 3;
const limits = { maxRequestBodySize: bodyCapBytes, idleTimeout: idleSeconds, development: false };

/** The type knows no time limit for sockets; the runtime does. */
function serveOnSocket(path: string, handlers: Handlers) {
  const options: Bun.Serve.Options<undefined> = { unix: path, ...handlers, maxRequestBodySize: bodyCapBytes };
  return Bun.serve(Object.assign(options, limits));
}

function listen(place: Place, handlers: Handlers, { tls }: ListenOptions) {
  const encryption = tls ? { tls, http2: true } : {};
  try {
    const address = { hostname: place.host, port: place.port, reusePort: true };
    return Bun.serve({ ...address, ...handlers, ...limits, ...encryption });
  } catch (error) {
    throw listenFailure(place, error);
  }
}

/** The plain listener of this process, with the handlers that answer there now. */
let current: { port: number; server: Bun.Server<undefined>; handlers: Handlers } | null = null;

/**
 * Listens without TLS. Where this process listens already, the handlers replace those of before, and no connection is
 * lost: the server before may then end while this one answers. `stop` lets running requests end.
 */
export async function listenPlainly(
  place: Place,
  handlers: Handlers,
  held: HeldPort | null,
): Promise<{ stop(): Promise<void> }> {
  const before = current?.port === place.port ? current.server : held;
  const socket = socketPathOf(place);
  if (!before && socket !== null) await clearSocket(socket);
  const server = before?.reload(handlers) ?? listenOn(place, handlers);
  current = { port: place.port, server, handlers };
  return {
    async stop() {
      if (current?.handlers !== handlers) return untilQuiet(server);
      current = null;
      server.reload(closingConnections(handlers));
      await drain(server);
    },
  };
}

/** A busy client would otherwise keep its connection, and this server with it, for as long as a drain may last. */
function closingConnections({ routes, fetch }: Handlers): Handlers {
  const closing = (answer: Answer): Answer => {
    return async (request, server) => {
      const response = await answer(request, server);
      response.headers.set("Connection", "close");
      return response;
    };
  };
  return {
    routes: Object.fromEntries(Object.entries(routes).map(([path, answer]) => [path, closing(answer)])),
    fetch: closing(fetch as Answer) as Handlers["fetch"],
  };
}

/** Until nothing is being answered, or for as long as that may last. */
async function untilQuiet(server: Bun.Server<undefined>): Promise<void> {
  const deadline = performance.now() + drainMs;
  while (server.pendingRequests > 0 && performance.now() < deadline) await Bun.sleep(20);
}

/** Lets running requests end, then closes what is left. */
export async function drain(server: Bun.Server<undefined>): Promise<void> {
  const stopped = server.stop(false);
  const deadline = performance.now() + drainMs;
  while (server.pendingRequests > 0 && performance.now() < deadline) {
    // They would keep the server open.
    server.closeIdleConnections();
    await Bun.sleep(20);
  }
  void server.stop(true);
  await stopped;
}
