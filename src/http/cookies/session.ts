// The cookie of a session, and the one that carries one sentence over a redirect.
import type { App } from "../../app.ts";

type Cookie = { name: string; value: string; maxAgeSeconds: number | null };

/** The session's secret, as the browser sent it. */
export function sessionSecretIn(app: App, request: Request): string | null {
  return cookieIn(request, sessionName(app));
}

/** Without `maxAgeSeconds` the cookie ends with the browser. */
export function sessionCookie(app: App, secret: string, maxAgeSeconds: number | null): string {
  return setCookie(app, { name: sessionName(app), value: secret, maxAgeSeconds });
}

export function endedSessionCookie(app: App): string {
  return setCookie(app, { name: sessionName(app), value: "", maxAgeSeconds: 0 });
}

const toastSeconds = 30;

/** The toast of the next page; it is plain text. */
export function toastCookie(app: App, text: string): string {
  return setCookie(app, {
    name: toastName(app),
    value: encodeURIComponent(text),
    maxAgeSeconds: toastSeconds,
  });
}

export function toastIn(app: App, request: Request): string | null {
  const value = cookieIn(request, toastName(app));
  try {
    return value === null ? null : decodeURIComponent(value).slice(0, 300);
  } catch {
    return null;
  }
}

export function shownToastCookie(app: App): string {
  return setCookie(app, { name: toastName(app), value: "", maxAgeSeconds: 0 });
}

// `__Host-` binds a cookie to this very origin; browsers take it over https only.
export function nameOf(app: App, name: string): string {
  return isSecure(app) ? `__Host-${name}` : name;
}

const sessionName = (app: App) => nameOf(app, "pricore");
const toastName = (app: App) => nameOf(app, "pricore-toast");

function isSecure({ config }: App): boolean {
  return config.appUrl.startsWith("https:");
}

export function setCookie(app: App, { name, value, maxAgeSeconds }: Cookie): string {
  const age = maxAgeSeconds === null ? "" : `; Max-Age=${maxAgeSeconds}`;
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${isSecure(app) ? "; Secure" : ""}${age}`;
}

export function cookieIn(request: Request, name: string): string | null {
  const header = request.headers.get("cookie") ?? "";
  for (const part of header.split(/; */)) {
    const equals = part.indexOf("=");
    if (equals > 0 && part.slice(0, equals) === name) return part.slice(equals + 1);
  }
  return null;
}
