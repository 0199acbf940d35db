// Where the server is reached: address, public origin, proxies.
import { parseNetwork, type Network } from "../outbound/networks.ts";
import { listIn, type Reader } from "./reader.ts";

/** The runtime listens on no socket that it inherits, so the service manager's would stay silent. */
export function refuseInheritedSockets(read: Reader): void {
  if (read.text("LISTEN_FDS", "") !== "")
    read.problem(
      "LISTEN_FDS",
      "is set, but Pricore opens its port itself: remove the .socket unit (socket activation is not supported)",
    );
}

export function appUrl(read: Reader, host: string, port: number): string {
  const text = read.text("APP_URL", "");
  const fallback = `http://localhost:${port}`;
  if (host.startsWith("unix:") && !host.startsWith("unix:/"))
    read.problem("HOST", `"${host}" is not a path like unix:/run/pricore/http.sock`);
  if (text === "") {
    if (!isLoopback(host))
      read.problem(
        "APP_URL",
        `is needed because HOST is ${host}: set it to the address that people use for Pricore`,
      );
    return fallback;
  }
  const url = URL.parse(text);
  if (!url || !["http:", "https:"].includes(url.protocol)) {
    read.problem("APP_URL", `"${text}" is not an address like https://packages.example.com`);
    return fallback;
  }
  if (url.pathname !== "/" || url.search || url.hash || url.username || url.password)
    read.problem("APP_URL", "is an origin only, without path, query or credentials");
  return url.origin;
}

/** Two years at most. */
export function hstsSeconds(read: Reader, url: string): number {
  const seconds = read.integer("HSTS_SECONDS", 0, 0, 63_072_000);
  if (seconds > 0 && !url.startsWith("https:"))
    read.problem("HSTS_SECONDS", "is for an APP_URL of https: a browser ignores it over http");
  return seconds;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

export function trustedProxies(read: Reader): Network[] {
  return listIn(read.text("TRUSTED_PROXIES", "")).flatMap((part) => {
    const network = parseNetwork(part);
    if (network === null)
      read.problem("TRUSTED_PROXIES", `"${part}" is no address and no network like 10.0.0.0/8`);
    return network ?? [];
  });
}
