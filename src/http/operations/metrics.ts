// GET /metrics in the form of Prometheus: for whoever sits on this machine, or has METRICS_TOKEN.
import { createHash, timingSafeEqual } from "node:crypto";
import type { App } from "../../app.ts";
import { measureJobs } from "../../registry/jobs/metrics.ts";
import { json } from "../answers.ts";
import type { Counters } from "./counters.ts";
import type { CacheFigures } from "../composer/document-cache.ts";

export type MetricsParts = { counters: Counters; cache: () => CacheFigures };

/** `peer` is the address at the other end of the connection. */
export function createMetrics(app: App, { counters, cache }: MetricsParts) {
  return async (request: Request, peer: string): Promise<Response> => {
    if (!mayScrape(app, request, peer)) return refused();
    // The library is loaded by the first who asks.
    const { describe } = await import("./metric-families.ts");
    const requests = counters.requests();
    const { text, contentType } = await describe({ ...(await measureJobs(app)), requests, cache: cache() });
    return new Response(text, { headers: { "Content-Type": contentType, "Cache-Control": "no-store" } });
  };
}

/**
 * A connection from this machine may be a proxy that passes on anybody: then it says so, or it comes for the public
 * name. Whoever comes that way needs the token.
 */
function mayScrape({ config }: App, request: Request, peer: string): boolean {
  if (hasToken(config.metricsToken, request)) return true;
  const isPassedOn = passingOn.some((name) => request.headers.has(name));
  return !isPassedOn && isLoopback(peer) && isLoopback(hostIn(request));
}

const passingOn = ["x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via"];

function hasToken(wanted: string | null, request: Request): boolean {
  const given = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (wanted === null || given === undefined) return false;
  // Of equal length, whatever was given.
  const [a, b] = [given, wanted].map((text) => createHash("sha256").update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

function isLoopback(address: string): boolean {
  return /^(localhost|\[?::1\]?|(::ffff:)?127(\.\d{1,3}){3})$/i.test(address);
}

function hostIn(request: Request): string {
  return (request.headers.get("host") ?? "").replace(/:\d+$/, "");
}

function refused(): Response {
  const message =
    "These figures are for this machine itself, or for whoever sends METRICS_TOKEN as a Bearer token.";
  const headers = { "WWW-Authenticate": 'Bearer realm="Pricore"', "Cache-Control": "no-store" };
  return json({ message }, { status: 401, headers });
}
