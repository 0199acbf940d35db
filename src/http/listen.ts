// Takes the port, and gives it up without cutting off what is still being answered.
import type { App } from "../app.ts";
import { listenFailure, refuseTakenPort } from "./port.ts";

/** Where Bun itself ends a body. */
const bodyCapBytes = 32 * 1024 * 1024;
const idleSeconds = 30;
const drainMs = 20_000;

export type Answer = (request: Bun.BunRequest, server: Bun.Server<undefined>) => Response | Promise<Response>;

export type Handlers = {
  routes: Record<string, Answer>;
  fetch: (request: Request, server: Bun.Server<undefined>) => Response | Promise<Response>;
};

/** Answers 503 until a server takes it over. */
export type HeldPort = Bun.Server<undefined>;

/**
 * Port 0 means any free port. The system assigns it here, and `config` names it from then on, also in an APP_URL with
 * port 0 (as the default has it), because links are built before the server answers. Null when the port is not 0.
 */
export function holdAnyPort({ config }: Pick<App, "config">): HeldPort | null {
  if (config.port !== 0) return null;
  const held = listenOn(config, { routes: {}, fetch: () => new Response(null, { status: 503 }) });
  config.port = held.port ?? 0;
  const url = new URL(config.appUrl);
  if (url.port === "0") config.appUrl = `${url.protocol}//${url.hostname}:${config.port}`;
  return held;
}

/** Fails as `unavailable` when the port is taken. */
export function listenOn(place: { host: string; port: number }, handlers: Handlers): Bun.Server<undefined> {
  refuseTakenPort(place);
  try {
    const limits = { maxRequestBodySize: bodyCapBytes, idleTimeout: idleSeconds };
    const options = { development: false, reusePort: false, ...limits };
    return Bun.serve({ hostname: place.host, port: place.port, ...handlers, ...options });
  } catch (error) {
    throw listenFailure(place, error);
  }
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
