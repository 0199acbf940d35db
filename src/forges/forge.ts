// What a forge can do that git cannot: list what may be imported, keep a webhook, and link to its pages. Refs, files
// and archives always come through git, whatever the host.

export const forgeNames = ["github", "gitlab", "bitbucket", "gitea"] as const;
export type ForgeName = (typeof forgeNames)[number];
export type GitHostName = ForgeName | "git";

/** What opens the forge's interface, in clear; `username` only where the forge wants one beside its token. */
export type ForgeCredential = {
  token: string;
  username: string | null;
  /** Null for a token that is only being tried. */
  limits: KnownLimits | null;
};

/** What is remembered of a credential's rate limit: no request is sent while nothing remains. */
export type KnownLimits = { known(): RateLimit | null; tell(limit: RateLimit): Promise<void> };

/** Whose token it is. `scopes` and `expiresAt` (milliseconds since the epoch) are null where the forge does not tell. */
export type ForgeAccount = {
  login: string;
  scopes: string[] | null;
  expiresAt: number | null;
  /** Whether it may register webhooks; null when that shows only at the first. */
  mayKeepWebhooks: boolean | null;
};

export type ForgeOwner = { path: string; name: string; kind: "user" | "organization" };

export type ForgeRepository = {
  /** As in its address: `acme/blog`, `acme/team/blog`. */
  path: string;
  /** For git over HTTPS, without credentials. */
  cloneUrl: string;
  description: string | null;
  isPrivate: boolean;
  isArchived: boolean;
  defaultBranch: string | null;
  /** Milliseconds since the epoch. */
  pushedAt: number | null;
};

export type ForgeList<Item> = {
  items: Item[];
  /** What asks for the next page; null after the last. */
  next: string | null;
};

/** A webhook as the forge knows it. */
export type ForgeWebhook = { id: string; url: string; isActive: boolean; events: string[] };

/** What the forge said last about how often it may be asked. `resetsAt` in milliseconds since the epoch. */
export type RateLimit = { limit: number; remaining: number; resetsAt: number };

/**
 * One forge, at one address. Every method that asks fails as a `Failure` with one of these codes:
 * `forge_credential_refused` (401), `forge_scope_missing` (403, names what the token lacks), `forge_rate_limited`
 * (with `retryAfterSeconds`), `forge_not_found` (404), `forge_unavailable` (5xx and faults on the way).
 */
export type Forge = {
  name: ForgeName;
  /** Where people and git go: `https://github.com`. */
  origin: string;
  /** The proof that the token works, and that it may read repositories. */
  findAccount(access: ForgeCredential): Promise<ForgeAccount>;
  listOwners(access: ForgeCredential): Promise<ForgeOwner[]>;
  listRepositories(
    access: ForgeCredential,
    of: { owner: string | null; search: string; page: string | null },
  ): Promise<ForgeList<ForgeRepository>>;
  /** Follows a rename: `path` is the present one. Null when there is none that this token may see. */
  findRepository(access: ForgeCredential, path: string): Promise<ForgeRepository | null>;
  /** Answers the webhook's id at the forge. One that is there for this `url` gets the secret; there are never two. */
  registerWebhook(
    access: ForgeCredential,
    of: { path: string; url: string; secret: string },
  ): Promise<string>;
  /** Null when the forge has none with that id (any more). */
  findWebhook(access: ForgeCredential, of: { path: string; id: string }): Promise<ForgeWebhook | null>;
  /** One that is not there is removed. */
  removeWebhook(access: ForgeCredential, of: { path: string; id: string }): Promise<void>;
  links: ForgeLinks;
};

/** Addresses for people; they ask nobody. */
export type ForgeLinks = {
  repository(path: string): string;
  commit(path: string, reference: string): string;
  tag(path: string, name: string): string;
  branch(path: string, name: string): string;
  /** What changed between two commits. */
  compare(path: string, from: string, to: string): string;
};

/** A push as it arrived. `body` is the raw bytes: the signature is over them. */
export type ReceivedDelivery = { headers: Headers; body: Uint8Array };

/** What a delivery that is proven asks for. */
export type Delivery = {
  /** The forge's own id of it, the same when it is sent again; null where the forge gives none. */
  id: string | null;
  /** The forge's name of it: `push`, `Tag Push Hook`, `repo:push`. */
  event: string;
  /** What becomes of it. */
  effect: "sync" | "ping" | "ignored";
  /** `refs/heads/main` and the like, those that it names; empty when it names none. */
  refs: string[];
};

/** Null when no secret of these proves it. Compares in constant time and looks into the body only afterwards. */
export type ReadDelivery = (received: ReceivedDelivery, secrets: string[]) => Delivery | null;
