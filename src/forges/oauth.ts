// OAuth 2.0 with PKCE, as far as the product needs it: who a person is at a forge or an identity provider, and what an
// organization may do at a forge. A trip is one browser's way to the provider and back.
import type { ForgeName } from "./forge.ts";

export type IdentityProviderName = "github" | "gitlab" | "oidc";
export type OAuthName = IdentityProviderName | ForgeName;

/** `state`, `verifier` and `nonce` are made for this trip alone. */
export type OAuthFlow = {
  /** Where the provider sends the browser back to. */
  redirectUri: string;
  state: string;
  verifier: string;
  nonce: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
};

/** Whoever is at the provider, as it says itself. An identity is the pair of `issuer` and `subject`, nothing else. */
export type VerifiedIdentity = {
  issuer: string;
  subject: string;
  /** What they are called there; may change. */
  login: string;
  name: string;
  /** In lower case, the main one first, those alone that the provider has verified. */
  addresses: string[];
};

/**
 * What asks the provider fails as a `Failure` with one of these codes: `oauth_refused` (it said no), `oauth_foreign` (the
 * answer is another provider's), `oauth_client_refused` (it does not know this installation), `oauth_unavailable`.
 */
export type IdentityProvider = {
  name: IdentityProviderName;
  /** As people call it. */
  title: string;
  issuer: string;
  /** Where the browser goes. `again`: the person is to show who they are, also when they did before. */
  identityAddress(trip: OAuthFlow, again: boolean): Promise<string>;
  /** `answer` is the query that the browser came back with. */
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
  /** What was granted. */
  connect(trip: OAuthFlow, answer: URLSearchParams): Promise<Grant>;
  /** The old refresh token may be worth nothing afterwards. */
  refresh(refreshToken: string): Promise<Grant>;
};

export type OAuth = { identities: IdentityProvider[]; forges: OAuthForge[] };
