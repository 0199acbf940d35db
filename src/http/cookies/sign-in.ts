// Cookies for signing in, none of which is a session: the step between password and second factor, and how an
// account recognizes a browser.
import type { App } from "../../app.ts";
import { challengeSeconds } from "../../registry/accounts/challenge.ts";
import { flowSeconds } from "../../registry/accounts/oauth-flow.ts";
import { makeBrowserName } from "../../registry/accounts/sign-in-limits.ts";
import type { User } from "../../store/accounts/users.ts";
import { cookieIn, nameOf, setCookie } from "./session.ts";

const knownSeconds = 365 * 86_400;

export function challengeCookie(app: App, secret: string): string {
  return setCookie(app, { name: pendingName(app), value: secret, maxAgeSeconds: challengeSeconds });
}

export function endedChallengeCookie(app: App): string {
  return setCookie(app, { name: pendingName(app), value: "", maxAgeSeconds: 0 });
}

export function challengeSecretIn(app: App, request: Request): string | null {
  return cookieIn(request, pendingName(app));
}

export function knownBrowserCookie(app: App, user: User): string {
  return setCookie(app, {
    name: knownName(app),
    value: makeBrowserName(app, user),
    maxAgeSeconds: knownSeconds,
  });
}

export function knownBrowserIn(app: App, request: Request): string | null {
  return cookieIn(request, knownName(app));
}

/** Proves that the browser that comes back from a provider is the one that was sent there. */
export function oauthFlowCookie(app: App, secret: string): string {
  return setCookie(app, { name: flowName(app), value: secret, maxAgeSeconds: flowSeconds });
}

export function endedOauthFlowCookie(app: App): string {
  return setCookie(app, { name: flowName(app), value: "", maxAgeSeconds: 0 });
}

export function oauthFlowSecretIn(app: App, request: Request): string | null {
  return cookieIn(request, flowName(app));
}

const flowName = (app: App) => nameOf(app, "pricore-trip");
const pendingName = (app: App) => nameOf(app, "pricore-pending");
const knownName = (app: App) => nameOf(app, "pricore-known");
