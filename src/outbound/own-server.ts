// Asks the server of this installation, where it listens. Its address is the operator's own, so no policy is asked; the
// certificate is for the public name, which is not the one used here.
import { unavailable } from "../errors.ts";

/** `isSecure`: it answers with TLS. A `host` like `unix:/run/pricore/http.sock` is a socket. */
type OwnServer = { host: string; port: number; isSecure: boolean };

/** Fails as `unavailable` when nothing answers in time. */
export async function askOwnServer(
  { host, port, isSecure }: OwnServer,
  { path, timeoutMs }: { path: string; timeoutMs: number },
): Promise<{ status: number; text: string }> {
  const socket = host.startsWith("unix:") ? host.slice("unix:".length) : null;
  const where = socket ?? `${hostToAsk(host)}:${port}`;
  try {
    const response = await fetch(`${isSecure ? "https" : "http"}://${socket ? "localhost" : where}${path}`, {
      ...(socket ? { unix: socket } : {}),
      tls: { rejectUnauthorized: false },
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, text: (await response.text()).slice(0, maxCharacters) };
  } catch {
    throw unavailable(`No Pricore answers at ${where}.`, {
      code: "server_away",
      advice: "Start it, or check HOST and PORT.",
    });
  }
}

const maxCharacters = 10_000;

/** Who listens everywhere is also on this machine. */
function hostToAsk(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}
