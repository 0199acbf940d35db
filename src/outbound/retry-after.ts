// When a server allows the next request: Retry-After in seconds or as a date (RFC 9110, 10.2.3), or X-RateLimit-Reset
// of forges in seconds since the epoch.

const longestSeconds = 6 * 3600;

/** Between 1 second and 6 hours; undefined when the server names no time, or one that has passed. */
export function retryAfterSeconds(headers: Headers, now = Date.now()): number | undefined {
  const text = headers.get("retry-after")?.trim() ?? "";
  const seconds = /^\d+$/.test(text) ? Number(text) : secondsUntil(text, headers, now);
  return seconds > 0 ? Math.min(Math.ceil(seconds), longestSeconds) : undefined;
}

/** Whether a refusal is a rate limit: forges use 403 for that, too. */
export function isRateLimit({ status, headers }: Pick<Response, "status" | "headers">): boolean {
  if (status === 429) return true;
  return status === 403 && (headers.has("retry-after") || headers.get("x-ratelimit-remaining") === "0");
}

/** Measured by the server's clock (Date header) if it sends one. 0 when no time is named. */
function secondsUntil(text: string, headers: Headers, now: number): number {
  const serverTime = Date.parse(headers.get("date") ?? "");
  const reset = /^\d+$/.exec(headers.get("x-ratelimit-reset") ?? "")?.[0];
  const until = text === "" && reset !== undefined ? Number(reset) * 1000 : dateIn(text);
  return Number.isNaN(until) ? 0 : (until - (Number.isNaN(serverTime) ? now : serverTime)) / 1000;
}

/** `Date.parse` would read "-5" as a year. */
function dateIn(text: string): number {
  return /^[A-Za-z]{3,9},? /.test(text) ? Date.parse(text) : Number.NaN;
}
