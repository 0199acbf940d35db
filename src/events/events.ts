// What happens in an organization, for the pages that show it right now. An event is a hint, not the truth: a listener
// reads the database, and a page that misses an event is right again at the next load.

export type Event = Change | RequestEvent;

/**
 * Published after the commit. `sync` and `package` (versions were added, changed or removed) carry the repository's id,
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
   * Calls the listener for events of this organization, in the order of publishing, until the returned function is called.
   * `request` events are made only while somebody subscribes `withRequests`, and only these listeners get them.
   */
  subscribe(organizationId: string, listener: Listener, options?: { withRequests: boolean }): () => void;
  /** Call it after a commit: listeners get the change at once instead of with the next poll. */
  pollNow(): void;
  /** Whether anyone subscribes to Composer requests. Read on every request, so it is a field and not a call. */
  readonly watchesRequests: boolean;
  /** Whether anyone subscribes to the requests of this organization. */
  watchesRequestsOf(organizationId: string): boolean;
  close(): void | Promise<void>;
};

/** What others have changed since the last call; the first call finds nothing and marks the start. */
type Poll = () => Promise<Change[]>;

export type ChangePolling = { everyMs: number; begin(): Poll };
