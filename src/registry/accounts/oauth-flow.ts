// A browser's trip to a provider and back. What it goes for is kept here under the hash of the trip's state, and only
// the browser that went, known by a cookie, comes back with it. PKCE's verifier and the nonce are kept nowhere: they
// follow from the state, which travels, and the cookie, which does not.
import { createHmac } from "node:crypto";
import type { App } from "../../app.ts";
import { invalid, type Failure } from "../../errors.ts";
import type { OAuthName, OAuthFlow } from "../../forges/oauth.ts";
import { findSecret, hashOfSecret, issueAnother, newSecret, redeemSecret } from "../one-time-secrets.ts";
import { limitOauthFlows, uncountOauthFlow } from "./sign-in-limits.ts";

export const flowSeconds = 600;

/** Where the browser is to be afterwards, and what for. `sessionId` is the one session that may finish it. */
export type Purpose =
  | { to: "sign-in"; next: string }
  | { to: "link"; sessionId: string }
  | { to: "confirm"; sessionId: string; next: string }
  | { to: "connect"; sessionId: string; organizationId: string; slug: string };

export type StartedFlow = { trip: OAuthFlow; cookie: string };

type Kept = { provider: OAuthName; browser: string; errand: Purpose };

/** `address` is whose trips are counted; `userId` null for whoever is not signed in. */
export async function startFlow(
  app: App,
  of: { provider: OAuthName; errand: Purpose; userId: string | null; address: string },
): Promise<StartedFlow> {
  const { provider, errand, userId, address } = of;
  await limitOauthFlows(app, address);
  const cookie = newSecret();
  const kept: Kept = { provider, browser: hashOfSecret(cookie), errand };
  // Sealed, because it may name an invitation by its secret.
  const data = app.secrets.seal("oauth", "trip", JSON.stringify(kept));
  const issue = { purpose: "oauth", userId, data, lastsMs: flowSeconds * 1000 } as const;
  const state = await issueAnother(app, app.db, issue);
  return { trip: tripOf(app, { provider, state, cookie, startedAt: app.now() }), cookie };
}

/** Ends it: of two that come with the same state, one is let in. Fails as `invalid` with the code `oauth_state`. */
export async function endFlow(
  app: App,
  of: { provider: OAuthName; state: string | null; cookie: string | null; address: string },
): Promise<{ trip: OAuthFlow; errand: Purpose }> {
  const { provider, state, cookie, address } = of;
  const found = state === null ? null : await findSecret(app, "oauth", state);
  if (found === null || state === null) throw lost(app, { provider, address, reason: "unknown" });
  const kept = JSON.parse(app.secrets.open("oauth", "trip", found.data)) as Kept;
  if (cookie === null || kept.browser !== hashOfSecret(cookie))
    throw lost(app, { provider, address, reason: "other browser" });
  if (kept.provider !== provider) throw lost(app, { provider, address, reason: "other provider" });
  const taken = await app.db.transaction((db) => redeemSecret(app, db, { purpose: "oauth", text: state }));
  if (taken === null) throw lost(app, { provider, address, reason: "used" });
  await uncountOauthFlow(app, address);
  return { trip: tripOf(app, { provider, state, cookie, startedAt: found.created_at }), errand: kept.errand };
}

function tripOf(
  { config }: App,
  of: { provider: OAuthName; state: string; cookie: string; startedAt: number },
): OAuthFlow {
  const { provider, state, cookie, startedAt } = of;
  const derived = (what: string) =>
    createHmac("sha256", cookie).update(`${what} ${state}`).digest("base64url");
  const redirectUri = `${config.appUrl}/auth/${provider}/callback`;
  return { redirectUri, state, verifier: derived("verifier"), nonce: derived("nonce"), startedAt };
}

function lost({ log }: App, told: { provider: string; address: string; reason: string }): Failure {
  log.warn("oauth.state", told);
  return invalid("This was not begun in this browser, was used already, or took longer than ten minutes.", {
    code: "oauth_state",
    advice: "Start again.",
  });
}
