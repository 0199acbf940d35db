// What happens in an organization, told to whoever looks at it right now. An event is a hint and holds no truth: who
// hears one asks the database, and who misses one finds the page right at the next load.

export type Event = Change | RequestEvent;

/**
 * Told after the commit. `sync` and `package` (versions were added, changed or removed) carry the repository's id,
 * `activity` the entry's, `install` the token's that reported one.
 */
export type Change = {
  organizationId: string;
  kind: "sync" | "package" | "activity" | "install";
  id: string;
};

/** A request of a Composer client. `tokenName` is null when the token was refused; `path` has no query. */
export type RequestEvent = {
  organizationId: string;
  kind: "request";
  id: string;
  request: { at: number; method: string; path: string; status: number; tokenName: string | null };
};

export type Listener = (event: Event) => void;

export type Events = {
  publish(event: Event): void;
  /**
   * Tells the listener of this organization alone, in the order of publishing, until the returned function is called.
   * `request` events are made only while somebody subscribes `withRequests`, and only these listeners get them.
   */
  subscribe(organizationId: string, listener: Listener, options?: { withRequests: boolean }): () => void;
  /** Something was committed that a look finds: whoever listens gets it at once, not with the next look. */
  pollNow(): void;
  /** Whether anybody wants to know what Composer asks; read on every request, so it is a field and no call. */
  readonly watchesRequests: boolean;
  /** Whether somebody wants to know it of this organization. */
  watchesRequestsOf(organizationId: string): boolean;
  close(): void | Promise<void>;
};

/** What others have changed since the last call; the first call finds nothing and marks the start. */
export type Poll = () => Promise<Change[]>;

export type ChangePolling = { everyMs: number; begin(): Poll };
