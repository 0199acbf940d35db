// The OAuth redirect to a provider and back. Its purpose is stored under the hash of the state, and only the browser
// that was redirected, known by a cookie, can come back with it. PKCE's verifier and the nonce are stored nowhere: they
// are derived from the state, which is in the addresses, and the cookie, which is not.
import { createHmac } from "node:crypto";
import type { App } from "../../app.ts";
import { invalid, type Failure } from "../../errors.ts";
import type { OAuthName, OAuthFlow } from "../../forges/oauth.ts";
import { findSecret, hashOfSecret, issueAnother, newSecret, redeemSecret } from "../one-time-secrets.ts";
import { limitOauthFlows, uncountOauthFlow } from "./sign-in-limits.ts";

export const flowSeconds = 600;

/** What the redirect is for, and where it ends. `sessionId` is the one session that may finish it. */
export type Purpose =
  | { to: "sign-in"; next: string }
  | { to: "link"; sessionId: string }
  | { to: "confirm"; sessionId: string; next: string }
  | { to: "connect"; sessionId: string; organizationId: string; slug: string };

type StartedFlow = { flow: OAuthFlow; cookie: string };

type StoredFlow = { provider: OAuthName; browser: string; purpose: Purpose };

/** `address` is the client's, whose flows are counted; `userId` is null when nobody is signed in. */
export async function startFlow(
  app: App,
  request: { provider: OAuthName; purpose: Purpose; userId: string | null; address: string },
): Promise<StartedFlow> {
  const { provider, purpose, userId, address } = request;
  await limitOauthFlows(app, address);
  const cookie = newSecret();
  const stored: StoredFlow = { provider, browser: hashOfSecret(cookie), purpose };
  // Encrypted, because it may contain the secret of an invitation.
  const data = app.secrets.seal("oauth", "trip", JSON.stringify(stored));
  const issue = { purpose: "oauth", userId, data, lastsMs: flowSeconds * 1000 } as const;
  const state = await issueAnother(app, app.db, issue);
  return { flow: flowOf(app, { provider, state, cookie, startedAt: app.now() }), cookie };
}

/** Ends the flow: of two requests with the same state, one succeeds. Fails as `invalid` with the code `oauth_state`. */
export async function endFlow(
  app: App,
  callback: { provider: OAuthName; state: string | null; cookie: string | null; address: string },
): Promise<{ flow: OAuthFlow; purpose: Purpose }> {
  const { provider, state, cookie, address } = callback;
  const found = state === null ? null : await findSecret(app, "oauth", state);
  if (found === null || state === null) throw lost(app, { provider, address, reason: "unknown" });
  const stored = JSON.parse(app.secrets.open("oauth", "trip", found.data)) as Partial<StoredFlow>;
  if (cookie === null || stored.browser !== hashOfSecret(cookie))
    throw lost(app, { provider, address, reason: "other browser" });
  // Without a purpose it was started before an update of this registry.
  if (!stored.purpose || stored.provider !== provider)
    throw lost(app, { provider, address, reason: "other provider" });
  const redeemed = await app.db.transaction((db) => redeemSecret(app, db, { purpose: "oauth", text: state }));
  if (redeemed === null) throw lost(app, { provider, address, reason: "used" });
  await uncountOauthFlow(app, address);
  return {
    flow: flowOf(app, { provider, state, cookie, startedAt: found.created_at }),
    purpose: stored.purpose,
  };
}

function flowOf(
  { config }: App,
  request: { provider: OAuthName; state: string; cookie: string; startedAt: number },
): OAuthFlow {
  const { provider, state, cookie, startedAt } = request;
  const derived = (what: string) =>
    createHmac("sha256", cookie).update(`${what} ${state}`).digest("base64url");
  const redirectUri = `${config.appUrl}/auth/${provider}/callback`;
  return { redirectUri, state, verifier: derived("verifier"), nonce: derived("nonce"), startedAt };
}

function lost({ log }: App, fields: { provider: string; address: string; reason: string }): Failure {
  log.warn("oauth.state", fields);
  return invalid(
    "This sign-in was started in another browser, was already used or took longer than ten minutes.",
    {
      code: "oauth_state",
      advice: "Start again.",
    },
  );
}
