// How much of what nobody has proven is looked at closely, by what it is aimed at. In memory: it guards this process.

type Window = { count: number; until: number };

/** So many are remembered; of more, those that were met longest ago are forgotten. */
const keysKept = 10_000;

export function createRateLimit(options: { limit: number; windowMs: number; now: () => number }): {
  /** Counts one more, and whether it is within the limit of its window. */
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
