// The parts of every answer, and Failure → answer for Composer and programs; for people see failure-page.tsx.
import type { App } from "../app.ts";
import type { Refused } from "./composer/token-auth.ts";
import { Failure, messageOf, textOf, type FailureKind } from "../errors.ts";

export const statusOf: Record<FailureKind, number> = {
  invalid: 422,
  unauthenticated: 401,
  forbidden: 403,
  notFound: 404,
  conflict: 409,
  tooMany: 429,
  unavailable: 503,
};

/**
 * Exactly `application/json`: Composer prints `warning` only then, and `Response.json` would add a charset.
 * Without `warning` nothing is printed.
 */
export function json(
  body: unknown,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/json", "X-Content-Type-Options": "nosniff", ...headers },
  });
}

/** Names the allowed methods; a route that answers GET answers HEAD too. */
export function wrongMethod(methods: string[]): Response {
  const allow = methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])).join(", ");
  return json({ message: `Only ${allow} is allowed here.` }, { status: 405, headers: { Allow: allow } });
}

/** The same answer for no token, a wrong one, a foreign one, and an organization that does not exist. */
export function refusedAnswer(app: App, refusal: Refused): Response {
  if (refusal.refused === "moved") return movedAnswer(`${app.config.appUrl}/${refusal.slug}`);
  const tokens = `${app.config.appUrl}/account/tokens`;
  const message =
    refusal.refused === "expired"
      ? `This access token has expired. Create a new one at ${tokens} and put it in your auth.json.`
      : `A valid access token for this organization is needed. Check the token in your auth.json, or create one at ${tokens}.`;
  return json(
    { message, warning: message },
    { status: 401, headers: { "WWW-Authenticate": 'Basic realm="Pricore"', "Cache-Control": "no-store" } },
  );
}

/** Only for a client whose token is valid for the organization under its new address. */
function movedAnswer(address: string): Response {
  const message = `This organization has moved to ${address}. Update the address under "repositories" in your composer.json.`;
  return json({ message, warning: message }, { status: 410, headers: { "Cache-Control": "no-store" } });
}

export function notFoundAnswer(message: string): Response {
  return json({ message }, { status: 404, headers: { "Cache-Control": "private, no-cache" } });
}

/**
 * Composer 2.11 waits this long before each of three retries, and everything else from this host waits
 * with it: however long a fault lasts, a second is the least that costs nobody more than the fault itself.
 */
const composerRetrySeconds = 1;

/** Composer gets 503 with Retry-After for a fault of ours, never 404 and never a detail. */
export function composerFailure(app: App, request: Request, error: unknown): Response {
  if (error instanceof Failure && error.kind !== "unavailable") {
    const message = textOf(error);
    const { code, remedy } = error;
    const body = { message, warning: message, code, ...(remedy ? { remedy } : {}) };
    return json(body, { status: statusOf[error.kind] });
  }
  logFault(app, request, error);
  const message = "The registry cannot answer right now. Try again in a moment.";
  const headers = { "Retry-After": String(composerRetrySeconds), "Cache-Control": "no-store" };
  return json({ message, warning: message }, { status: 503, headers });
}

/** Thrown where a page has another address now: that of a renamed organization. */
export class Elsewhere extends Error {
  constructor(readonly path: string) {
    super(`This page is at ${path} now.`);
  }
}

/** A whole page, or, without `<html>`, the part of one that htmx asked for. */
export function html(
  markup: string,
  status = 200,
  cookies: string[] = [],
  more: Record<string, string> = {},
): Response {
  const headers = new Headers({
    ...more,
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    ...pageHeaders,
  });
  for (const cookie of cookies) headers.append("Set-Cookie", cookie);
  return new Response(markup.startsWith("<html") ? `<!doctype html>${markup}` : markup, { status, headers });
}

/** Adds Retry-After, where the failure says how long to wait. */
export function withRetry(answer: Response, { retryAfterSeconds }: Failure): Response {
  if (retryAfterSeconds !== undefined) answer.headers.set("Retry-After", String(retryAfterSeconds));
  return answer;
}

/** Redirects to another page of ours, after a change. */
export function seeOther(path: string, cookies: string[] = []): Response {
  const headers = new Headers({ Location: path, "Cache-Control": "no-store", ...pageHeaders });
  for (const cookie of cookies) headers.append("Set-Cookie", cookie);
  return new Response(null, { status: 303, headers });
}

/** Whether htmx requests a part of a page instead of the whole. */
export function wantsPart(request: Request): boolean {
  return request.headers.get("hx-request") === "true" && request.headers.get("hx-request-type") !== "full";
}

/** The path that a request names, or `/` when it could lead to another site. */
export function ownPath(text: string | undefined | null): string {
  const path = text ?? "";
  const isOwn = /^\/(?![/\\])[\x21-\x7e]*$/.test(path) && !path.includes("\\") && path.length <= 2000;
  return isOwn ? path : "/";
}

export const pageHeaders = {
  "Content-Security-Policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join("; "),
  "X-Content-Type-Options": "nosniff",
  // With "no-referrer" a browser would not say which page sent a form.
  "Referrer-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "X-Frame-Options": "DENY",
  "Permissions-Policy": [
    "accelerometer",
    "autoplay",
    "bluetooth",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "screen-wake-lock",
    "serial",
    "usb",
    "web-share",
    "xr-spatial-tracking",
  ]
    .map((feature) => `${feature}=()`)
    .join(", "),
};

/** The page that somebody must visit first: to sign in, or to confirm the password. */
export function doorBefore(request: Request, error: unknown): string | null {
  if (!(error instanceof Failure)) return null;
  const door = { sign_in: "/sign-in", confirmation_needed: "/confirm" }[error.code];
  if (door === undefined) return null;
  const { pathname = "/", search = "" } = URL.parse(request.url) ?? {};
  const from = request.method === "GET" ? pathname + search : pathOf(request.headers.get("referer"));
  const query = new URLSearchParams(from === "/" ? {} : { next: from });
  // The browser keeps the input and puts it back into the form afterwards.
  if (error.code === "sign_in" && request.method !== "GET") query.set("ended", "1");
  return query.size === 0 ? door : `${door}?${query}`;
}

function pathOf(address: string | null): string {
  const url = URL.parse(address ?? "");
  return url === null ? "/" : ownPath(url.pathname + url.search);
}

export function logFault(app: App, request: Request, error: unknown): string {
  const id = Bun.randomUUIDv7();
  const path = URL.parse(request.url)?.pathname ?? "";
  const stack = error instanceof Error && !(error instanceof Failure) ? error.stack : undefined;
  app.log.error("http.failed", {
    requestId: id,
    method: request.method,
    path,
    reason: messageOf(error),
    stack,
  });
  return id;
}
