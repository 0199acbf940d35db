// Cookies around signing in, none of which is a session: the step between password and second factor, and by what an
// account knows a browser again.
import type { App } from "../../app.ts";
import { pendingSeconds } from "../../registry/accounts/pending-sign-in.ts";
import { tripSeconds } from "../../registry/accounts/oauth-flow.ts";
import { nameBrowser } from "../../registry/accounts/sign-in-limits.ts";
import type { User } from "../../store/accounts/users.ts";
import { cookieIn, nameOf, setCookie } from "./session.ts";

const knownSeconds = 365 * 86_400;

export function pendingCookie(app: App, secret: string): string {
  return setCookie(app, { name: pendingName(app), value: secret, maxAgeSeconds: pendingSeconds });
}

export function endedPendingCookie(app: App): string {
  return setCookie(app, { name: pendingName(app), value: "", maxAgeSeconds: 0 });
}

export function pendingSecretIn(app: App, request: Request): string | null {
  return cookieIn(request, pendingName(app));
}

export function knownBrowserCookie(app: App, user: User): string {
  return setCookie(app, { name: knownName(app), value: nameBrowser(app, user), maxAgeSeconds: knownSeconds });
}

export function knownBrowserIn(app: App, request: Request): string | null {
  return cookieIn(request, knownName(app));
}

/** By it a browser that comes back from a provider is the one that went. */
export function tripCookie(app: App, secret: string): string {
  return setCookie(app, { name: tripName(app), value: secret, maxAgeSeconds: tripSeconds });
}

export function endedTripCookie(app: App): string {
  return setCookie(app, { name: tripName(app), value: "", maxAgeSeconds: 0 });
}

export function tripSecretIn(app: App, request: Request): string | null {
  return cookieIn(request, tripName(app));
}

const tripName = (app: App) => nameOf(app, "pricore-trip");
const pendingName = (app: App) => nameOf(app, "pricore-pending");
const knownName = (app: App) => nameOf(app, "pricore-known");
