// A rate limit by key, in memory: it protects this process.

type Window = { count: number; until: number };

/** The most keys in memory; the least recent ones are forgotten first. */
const keysKept = 10_000;

export function createRateLimit(options: { limit: number; windowMs: number; now: () => number }): {
  /** Counts one more; false beyond the limit of the window. */
  admits(key: string): boolean;
} {
  const { limit, windowMs, now } = options;
  const windows = new Map<string, Window>();
  return {
    admits(key) {
      const at = now();
      const open = windows.get(key);
      const window = open && open.until > at ? open : { count: 0, until: at + windowMs };
      window.count++;
      windows.delete(key);
      windows.set(key, window);
      const oldest = windows.size > keysKept ? windows.keys().next().value : undefined;
      if (oldest !== undefined) windows.delete(oldest);
      return window.count <= limit;
    },
  };
}
