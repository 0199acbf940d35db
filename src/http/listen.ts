// Takes the port, and gives it up without cutting off what is still being answered.
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
