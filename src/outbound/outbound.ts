// The only way to send a request to a host that a user named. Every address is checked before a byte leaves, the
// connection goes to exactly the checked address, redirects are followed here, and time and bytes are bounded.

import type { IncomingMessage } from "node:http";
import { Failure, invalid, unavailable } from "../errors.ts";
import { inNetwork, isPublicAddress, parseNetwork, type Network } from "./networks.ts";
import type { OutboundLimits } from "./http.ts";
import { isIP } from "../net.ts";

/** An entry of OUTBOUND_ALLOW; a null port means every port. */
export type AllowEntry = { host: string; port: number | null } | { network: Network; port: number | null };
export type OutboundPolicy = { allow: AllowEntry[] };

/** All addresses of a host. */
export type Resolve = (host: string) => Promise<string[]>;

export type OutboundRequest = {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  limits?: Partial<OutboundLimits>;
  resolve?: Resolve;
  /** PEM: who vouches for the server, instead of whom the system trusts. */
  ca?: string | null;
  /** How many redirects are followed. */
  redirects?: number;
};

const outboundLimits: OutboundLimits = {
  connectMs: 10_000,
  firstByteMs: 15_000,
  silenceMs: 30_000,
  totalMs: 10 * 60_000,
  bodyBytes: 32 * 1024 * 1024,
};

const redirectLimit = 3;

/**
 * Sends one request. Any status is an answer; its `url` is the URL that answered, after redirects.
 *
 * Fails as `invalid` for a URL that is not allowed (`url_…`, `scheme_not_allowed`, `redirect_refused`) or redirects too
 * often (`outbound_redirects`), and as `unavailable` for network errors (`outbound_…`). Reading the body fails the same
 * way. A caller that does not read the body must cancel it.
 */
export async function outbound(
  policy: OutboundPolicy,
  url: string,
  request: OutboundRequest = {},
): Promise<Response> {
  // Loaded on first use: node:http would be a fifth of the start time.
  const { send, startClock, toResponse } = await import("./http.ts");
  const limits = { ...outboundLimits, ...request.limits };
  let target = checkUrl(url);
  let headers = request.headers ?? {};
  const clock = startClock(limits.totalMs);
  try {
    let addresses = await addressesOf(policy, target, request.resolve);
    for (let hops = 0; ; hops++) {
      const answer = await send(target, { ...request, headers, addresses, limits, clock });
      if (!isRedirect(answer)) return toResponse(answer, { target, limits, clock });
      answer.destroy();
      const mostHops = request.redirects ?? redirectLimit;
      if (hops === mostHops) throw tooManyRedirects(target, mostHops);
      const next = await nextHop(answer, target, { policy, ...request });
      if (next.url.origin !== target.origin) headers = withoutCredentials(headers);
      target = next.url;
      addresses = next.addresses;
    }
  } catch (error) {
    clock.stop();
    throw error;
  }
}

/** Reads OUTBOUND_ALLOW: hosts, `host:port`, addresses and networks, separated by commas. */
export function parseOutboundAllow(text: string): { entries: AllowEntry[]; problems: string[] } {
  const entries: AllowEntry[] = [];
  const problems: string[] = [];
  for (const part of text.split(",").map((part) => part.trim())) {
    if (part === "") continue;
    const entry = parseAllowEntry(part);
    if (entry) entries.push(entry);
    else problems.push(`OUTBOUND_ALLOW: "${part}" is no host, host:port, address or network`);
  }
  return { entries, problems };
}

/**
 * The addresses that may be connected to for `host`, the preferred one first.
 *
 * Addresses that OUTBOUND_ALLOW lists, if there are any; otherwise all must be public. Fails as `invalid`
 * (`url_not_allowed`) when they are not, and as `unavailable` when the name does not resolve. An `insecure` connection
 * (plain HTTP) must be allowed even for a public address.
 */
export async function checkHost(
  policy: OutboundPolicy,
  target: { host: string; port: number; insecure?: boolean },
  resolve: Resolve = resolveHost,
): Promise<string[]> {
  const host = target.host.replace(/^\[|\]$/g, "").toLowerCase();
  const addresses = isIP(host) ? [host] : await resolve(host);
  if (addresses.length === 0) throw unknownHost(host);
  const isAllowed = (address: string) =>
    policy.allow.some((entry) => covers(entry, { ...target, host, address }));
  const allowed = addresses.filter(isAllowed);
  const hidden = addresses.find((address) => !isPublicAddress(address));
  if (allowed.length === 0 && hidden !== undefined) throw privateAddress(host, hidden);
  if (allowed.length === 0 && target.insecure) throw plainHttp(host);
  return (allowed.length > 0 ? allowed : addresses).toSorted((a, b) => isIP(a) - isIP(b));
}

/** Parses a URL with an allowed scheme and form; `checkHost` checks its addresses. Fails as `invalid`. */
export function checkUrl(text: string): URL {
  if (!/^https?:\/\//i.test(text)) {
    throw invalid("The address must begin with https:// or http://.", {
      code: "scheme_not_allowed",
      field: "url",
    });
  }
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || text.length > 2048 || /[\s\\\u0000-\u001f\u007f]|%[01][0-9a-f]|%7f/i.test(text)) {
    throw invalid("The address is malformed.", { code: "url_malformed", field: "url" });
  }
  if (url.username !== "" || url.password !== "" || /^https?:\/\/[^/?#]*@/i.test(text)) {
    throw invalid("Put credentials in the credential field, not in the address.", {
      code: "url_credentials",
      field: "url",
    });
  }
  return url;
}

function addressesOf(
  policy: OutboundPolicy,
  { protocol, hostname, port }: URL,
  resolve?: Resolve,
): Promise<string[]> {
  const insecure = protocol === "http:";
  return checkHost(
    policy,
    { host: hostname, port: Number(port) || (insecure ? 80 : 443), insecure },
    resolve,
  );
}

function isRedirect({ statusCode, headers }: IncomingMessage): boolean {
  return [301, 302, 303, 307, 308].includes(statusCode ?? 0) && headers.location !== undefined;
}

type Hop = { policy: OutboundPolicy; method?: string; resolve?: Resolve };

async function nextHop({ headers }: IncomingMessage, from: URL, { policy, method = "GET", resolve }: Hop) {
  if (method !== "GET" && method !== "HEAD") throw refusedRedirect(from, `a ${method} request`);
  const location = headers.location ?? "";
  try {
    const url = checkUrl(URL.parse(location, from.href)?.href ?? location);
    return { url, addresses: await addressesOf(policy, url, resolve) };
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== "invalid") throw error;
    throw refusedRedirect(from, `to an address that is not allowed: ${error.message}`, error.advice);
  }
}

// An allowlist of headers for redirects to another origin, because credentials have many names (PRIVATE-TOKEN, …).
const harmless = new Set([
  "accept",
  "accept-encoding",
  "if-modified-since",
  "if-none-match",
  "range",
  "user-agent",
]);

function withoutCredentials(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => harmless.has(name.toLowerCase())));
}

function parseAllowEntry(text: string): AllowEntry | null {
  const network = parseNetwork(text.replace(/^\[(.*)\]$/, "$1"));
  if (network) return { network, port: null };
  const match = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/i.exec(text);
  if (!match) return null;
  const port = match[2] === undefined ? null : Number(match[2]);
  if (port !== null && (port < 1 || port > 65_535)) return null;
  const host = (match[1] ?? "").replace(/^\[|\]$/g, "").toLowerCase();
  const withPort = parseNetwork(host);
  if (withPort) return { network: withPort, port };
  return /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(host) ? { host, port } : null;
}

function covers(entry: AllowEntry, target: { host: string; port: number; address: string }): boolean {
  if (entry.port !== null && entry.port !== target.port) return false;
  return "host" in entry ? entry.host === target.host : inNetwork(entry.network, target.address);
}

async function resolveHost(host: string): Promise<string[]> {
  const { lookup } = await import("node:dns/promises");
  const found = await lookup(host, { all: true }).catch(() => {
    throw unknownHost(host);
  });
  return found.map((entry) => entry.address);
}

function unknownHost(host: string): Failure {
  return unavailable(`${host} cannot be found by the name service (DNS).`, { code: "outbound_unknown_host" });
}

const allowRemedy = (host: string) => `An administrator can allow it: OUTBOUND_ALLOW=${host}.`;

function privateAddress(host: string, address: string): Failure {
  const where = host === address ? host : `${host} (${address})`;
  return invalid(`${where} is on a private network, which Pricore may not access.`, {
    code: "url_not_allowed",
    field: "url",
    advice: allowRemedy(host),
  });
}

function plainHttp(host: string): Failure {
  return invalid(`http://${host} would be read unencrypted.`, {
    code: "url_not_allowed",
    field: "url",
    advice: `Use https://. ${allowRemedy(host)}`,
  });
}

function tooManyRedirects({ host }: URL, mostHops: number): Failure {
  const what = mostHops === 0 ? "redirects, which is not followed" : `redirects more than ${mostHops} times`;
  return invalid(`${host} ${what}.`, {
    code: "outbound_redirects",
    field: "url",
  });
}

function refusedRedirect(from: URL, where: string, advice?: string): Failure {
  return invalid(`${from.host} redirects ${where}`.replace(/\.*$/, "."), {
    code: "redirect_refused",
    field: "url",
    advice,
  });
}
