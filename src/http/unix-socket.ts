// Listening on a socket file, for a proxy on the same machine. The mode of the file decides which programs may connect,
// and those are trusted to name the client.
import { lstatSync, rmSync } from "node:fs";
import { messageOf, unavailable } from "../errors.ts";
import { net } from "../net.ts";

const prefix = "unix:";
/** The group may connect as well: the proxy's user belongs into it. */
const mode = 0o660;

/** Null when `host` is an address. */
export function socketPathOf({ host }: { host: string }): string | null {
  return host.startsWith(prefix) ? host.slice(prefix.length) : null;
}

/** Calls `listen` so that the file has its mode from the first moment. Fails as `unavailable`. */
export function listenOnSocket<Server>(path: string, listen: () => Server): Server {
  const umask = process.umask(0o777 & ~mode);
  try {
    return listen();
  } catch (error) {
    throw unavailable(`The socket ${path} cannot be created: ${messageOf(error)}.`, {
      code: "cannot_listen",
      advice: "Check HOST, and that its folder exists and this user may write there.",
    });
  } finally {
    process.umask(umask);
  }
}

/**
 * Removes the file that a server left when it was killed. Fails as `unavailable` when the file is no socket, or somebody
 * answers there.
 */
export async function clearSocket(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isSocket())
    throw unavailable(`${path} exists and is not a socket, so it was left alone.`, {
      code: "cannot_listen",
      advice: "Check HOST, or remove the file.",
    });
  if (!(await isDeserted(path)))
    throw unavailable(`Another program listens on ${path}.`, {
      code: "port_in_use",
      advice: "Stop that program, or choose another path for HOST.",
    });
  rmSync(path);
}

/** Only a refused connection proves it: a program that is busy, or not ours to ask, counts as alive. */
function isDeserted(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = net().connect({ path });
  socket.on("connect", () => resolve(false));
  socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED"));
  return promise.finally(() => socket.destroy());
}
