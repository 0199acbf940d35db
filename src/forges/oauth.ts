// OAuth 2.0 with PKCE as the product uses it: sign-in through a forge or an identity provider, and access of an
// organization to a forge. A flow is one browser's redirect to the provider and back.
import type { ForgeName } from "./forge.ts";

type IdentityProviderName = "github" | "gitlab" | "oidc";
export type OAuthName = IdentityProviderName | ForgeName;

/** `state`, `verifier` and `nonce` belong to this flow alone. */
export type OAuthFlow = {
  /** The callback URL. */
  redirectUri: string;
  state: string;
  verifier: string;
  nonce: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
};

/** A user as the provider describes them. The pair of `issuer` and `subject` is the identity, nothing else. */
export type VerifiedIdentity = {
  issuer: string;
  subject: string;
  /** The display name; may change. */
  login: string;
  name: string;
  /** Verified email addresses only, in lower case, the primary one first. */
  addresses: string[];
};

/**
 * Requests to the provider fail as a `Failure` with one of these codes: `oauth_refused` (denied), `oauth_foreign` (the
 * answer of another provider), `oauth_client_refused` (wrong client id or secret), `oauth_unavailable`.
 */
export type IdentityProvider = {
  name: IdentityProviderName;
  /** Display name. */
  title: string;
  issuer: string;
  /** The authorization URL. `again` asks the provider to authenticate the user anew. */
  identityAddress(trip: OAuthFlow, again: boolean): Promise<string>;
  /** `answer` is the query string of the callback. */
  identify(trip: OAuthFlow, answer: URLSearchParams, again: boolean): Promise<VerifiedIdentity>;
};

/** `expiresAt` in milliseconds since the epoch; null for one that does not expire. */
export type Grant = { accessToken: string; refreshToken: string | null; expiresAt: number | null };

/** Fails as IdentityProvider does. */
export type OAuthForge = {
  name: ForgeName;
  title: string;
  /** `https://github.com`. */
  origin: string;
  connectionAddress(trip: OAuthFlow): Promise<string>;
  /** Tokens of a successful authorization. */
  connect(trip: OAuthFlow, answer: URLSearchParams): Promise<Grant>;
  /** May invalidate the old refresh token. */
  refresh(refreshToken: string): Promise<Grant>;
};

export type OAuth = { identities: IdentityProvider[]; forges: OAuthForge[] };
