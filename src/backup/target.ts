// Where backups go: a folder, or a bucket with a prefix.

export type Stored = { name: string; sizeBytes: number; storedAt: number };

export type Target = {
  /** For people: without credentials. */
  label: string;
  /** Durable and whole once resolved, or not there. */
  put(name: string, content: Blob): Promise<void>;
  /** null when it is not there. */
  get(name: string): Promise<Blob | null>;
  /** Everything whose name begins with `prefix`, in no order. */
  list(prefix: string): AsyncIterable<Stored>;
  remove(name: string): Promise<void>;
};
