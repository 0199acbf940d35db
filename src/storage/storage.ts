// The contract of archive storage. A name is the SHA-256 of the content in lower-case hex, so that content can be
// verified and a name never has two contents.

type Stored = { sha256: string; storedAt: number };

export type Storage = {
  /** Moves the file at `path` into the storage; durable once resolved. */
  put(sha256: string, path: string): Promise<void>;
  /**
   * The content, or null when it is missing. Fails as `unavailable` (`archive_damaged`) when the bytes do not match the
   * name: wrong bytes are never served.
   */
  get(sha256: string): Promise<Blob | null>;
  /** Whether it exists with the right bytes, read anew; a bucket is trusted with the bytes. */
  isSound(sha256: string): Promise<boolean>;
  /** A short-lived URL that needs no credentials; null when this server must send the bytes. */
  link(sha256: string, filename: string): string | null;
  remove(sha256: string): Promise<void>;
  /** All stored archives, in no order; `storedAt` in milliseconds since the epoch. */
  list(): AsyncIterable<Stored>;
};
