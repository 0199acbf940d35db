// The seam to the place where archives lie. A name is the SHA-256 of the content, lower-case hex, so that
// content can be proven and a name is never written twice with different bytes.

export type Stored = { sha256: string; storedAt: number };

export type Storage = {
  /** Takes the file at `path` (it is gone afterwards); durable once resolved. */
  put(sha256: string, path: string): Promise<void>;
  /**
   * The content, or null when it is missing. Fails as `unavailable` (`archive_damaged`) when the bytes are not
   * those of the name: wrong bytes are never handed out.
   */
  get(sha256: string): Promise<Blob | null>;
  /** Whether it is there with the bytes of its name, looked at anew; a bucket answers for the bytes itself. */
  isSound(sha256: string): Promise<boolean>;
  /** A short-lived address that a client can fetch without credentials; null when we must send it ourselves. */
  link(sha256: string, filename: string): string | null;
  remove(sha256: string): Promise<void>;
  /** Everything that lies there, in no order; `storedAt` in milliseconds since the epoch. */
  list(): AsyncIterable<Stored>;
};
