// What a forge offers beyond git: lists of repositories to import, webhooks, and links to its pages. Refs, files and
// archives always come through git, whatever the host.

export const forgeNames = ["github", "gitlab", "bitbucket", "gitea"] as const;
export type ForgeName = (typeof forgeNames)[number];
export type GitHostName = ForgeName | "git";

/** Credentials for the forge's API, in clear text; `username` only where the forge needs one beside the token. */
export type ForgeCredential = {
  token: string;
  username: string | null;
  /** Null for a token that is being tested. */
  limits: KnownLimits | null;
};

/** The known rate limit of a credential: no request is sent while nothing remains. */
export type KnownLimits = { known(): RateLimit | null; tell(limit: RateLimit): Promise<void> };

/** Whose token it is. `scopes` and `expiresAt` (milliseconds since the epoch) are null where the forge does not report them. */
export type ForgeAccount = {
  login: string;
  scopes: string[] | null;
  expiresAt: number | null;
  /** Whether it may register webhooks; null when only trying tells. */
  mayKeepWebhooks: boolean | null;
};

export type ForgeOwner = { path: string; name: string; kind: "user" | "organization" };

export type ForgeRepository = {
  /** As in its URL: `acme/blog`, `acme/team/blog`. */
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
  /** Cursor of the next page; null after the last. */
  next: string | null;
};

/** A webhook as the forge knows it. */
export type ForgeWebhook = { id: string; url: string; isActive: boolean; events: string[] };

/** The rate limit that the forge reported last. `resetsAt` in milliseconds since the epoch. */
export type RateLimit = { limit: number; remaining: number; resetsAt: number };

/**
 * One forge at one origin. Every method that sends a request fails as a `Failure` with one of these codes:
 * `forge_credential_refused` (401), `forge_scope_missing` (403, names what the token lacks), `forge_rate_limited`
 * (with `retryAfterSeconds`), `forge_not_found` (404), `forge_unavailable` (5xx and network errors).
 */
export type Forge = {
  name: ForgeName;
  /** Origin for users and git: `https://github.com`. */
  origin: string;
  /** Verifies that the token works and may read repositories. */
  findAccount(access: ForgeCredential): Promise<ForgeAccount>;
  listOwners(access: ForgeCredential): Promise<ForgeOwner[]>;
  listRepositories(
    access: ForgeCredential,
    of: { owner: string | null; search: string; page: string | null },
  ): Promise<ForgeList<ForgeRepository>>;
  /** Follows renames: `path` is the current one. Null when this token cannot see the repository. */
  findRepository(access: ForgeCredential, path: string): Promise<ForgeRepository | null>;
  /** Answers the webhook's id at the forge. An existing webhook for this `url` gets the secret; there are never two. */
  registerWebhook(
    access: ForgeCredential,
    of: { path: string; url: string; secret: string },
  ): Promise<string>;
  /** Null when the forge has none with that id (any more). */
  findWebhook(access: ForgeCredential, of: { path: string; id: string }): Promise<ForgeWebhook | null>;
  /** A missing webhook counts as removed. */
  removeWebhook(access: ForgeCredential, of: { path: string; id: string }): Promise<void>;
  links: ForgeLinks;
};

/** URLs of the forge's pages; building them sends no request. */
export type ForgeLinks = {
  repository(path: string): string;
  commit(path: string, reference: string): string;
  tag(path: string, name: string): string;
  branch(path: string, name: string): string;
  /** The diff of two commits. */
  compare(path: string, from: string, to: string): string;
};

/** A push as it arrived. `body` is the raw bytes: the signature is over them. */
export type ReceivedDelivery = { headers: Headers; body: Uint8Array };

/** What a verified delivery reports. */
export type Delivery = {
  /** The forge's delivery id, equal on redelivery; null where the forge sends none. */
  id: string | null;
  /** The forge's event name: `push`, `Tag Push Hook`, `repo:push`. */
  event: string;
  /** How it is handled. */
  effect: "sync" | "ping" | "ignored";
  /** The refs it names, as `refs/heads/main`; may be empty. */
  refs: string[];
};

/** Null when none of the secrets verifies it. Compares in constant time, and parses the body only afterwards. */
export type ReadDelivery = (received: ReceivedDelivery, secrets: string[]) => Delivery | null;
