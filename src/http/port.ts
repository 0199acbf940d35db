// A port has one owner. By default the runtime lets several processes listen on one port, and the system then
// gives each of them a part of the requests, whatever data they serve.
import { messageOf, unavailable } from "../errors.ts";

type Place = { host: string; port: number };

/**
 * Fails as `unavailable` while anybody listens there, also one that would share the port. A server calls it when it
 * holds the lock of its data (`store/serve-lock.ts`): no other server of this installation runs then, so
 * the port belongs to another program.
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
      remedy: { do: "choose-port" },
    });
  return unavailable(`${host}:${port} is not available to listen on: ${messageOf(error)}.`, {
    code: "cannot_listen",
    advice: "Check HOST and PORT.",
  });
}
