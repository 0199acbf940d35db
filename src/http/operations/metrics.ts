// GET /metrics in the format of Prometheus: for this machine itself, and for clients with METRICS_TOKEN.
import { createHash, timingSafeEqual } from "node:crypto";
import type { App } from "../../app.ts";
import { measureJobs } from "../../registry/jobs/metrics.ts";
import { json } from "../answers.ts";
import type { Counters } from "./counters.ts";
import type { CacheFigures } from "../composer/document-cache.ts";

type MetricsParts = { counters: Counters; cache: () => CacheFigures };

/** `peer` is the address at the other end of the connection. */
export function createMetrics(app: App, { counters, cache }: MetricsParts) {
  return async (request: Request, peer: string): Promise<Response> => {
    if (!mayScrape(app, request, peer)) return refusal();
    // The first request loads the library.
    const { describe } = await import("./metric-families.ts");
    const requests = counters.requests();
    const { text, contentType } = await describe({ ...(await measureJobs(app)), requests, cache: cache() });
    return new Response(text, { headers: { "Content-Type": contentType, "Cache-Control": "no-store" } });
  };
}

/**
 * A connection from this machine may be a proxy that forwards for anybody: then it says so, or it names the public
 * host. Such a request needs the token.
 */
function mayScrape({ config }: App, request: Request, peer: string): boolean {
  if (hasToken(config.metricsToken, request)) return true;
  const isPassedOn = passingOn.some((name) => request.headers.has(name));
  return !isPassedOn && isLoopback(peer) && isLoopback(hostIn(request));
}

const passingOn = ["x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via"];

function hasToken(expected: string | null, request: Request): boolean {
  const sent = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (expected === null || sent === undefined) return false;
  // Hashes have equal length, as the comparison requires.
  const [a, b] = [sent, expected].map((text) => createHash("sha256").update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

function isLoopback(address: string): boolean {
  return /^(localhost|\[?::1\]?|(::ffff:)?127(\.\d{1,3}){3})$/i.test(address);
}

function hostIn(request: Request): string {
  return (request.headers.get("host") ?? "").replace(/:\d+$/, "");
}

function refusal(): Response {
  const message = "Metrics are available from this machine, or with METRICS_TOKEN as a Bearer token.";
  const headers = { "WWW-Authenticate": 'Bearer realm="Pricore"', "Cache-Control": "no-store" };
  return json({ message }, { status: 401, headers });
}
