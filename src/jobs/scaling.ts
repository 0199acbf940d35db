// How many jobs a process runs at once: more while jobs wait, fewer while places stand idle.

export type WorkerSize = {
  places: number;
  min: number;
  max: number;
  /** Since when a place has had nothing to do; null while all are busy. */
  idleSince: number | null;
};

export type Seen = {
  /** How long the next job that could be taken has been due; null when there is none. */
  waitMs: number | null;
  busy: number;
  now: number;
};

export const waitsTooLongMs = 1000;
export const idleTooLongMs = 60_000;

/**
 * The rule, looked at once a second: a job waits longer than a second → one place more, up to the maximum; a place has
 * been idle for a minute → one fewer, down to the minimum.
 */
export function scaled(crew: WorkerSize, { waitMs, busy, now }: Seen): WorkerSize {
  if (waitMs !== null && waitMs > waitsTooLongMs)
    return { ...crew, places: Math.min(crew.places + 1, crew.max), idleSince: null };
  if (busy >= crew.places) return { ...crew, idleSince: null };
  const idleSince = crew.idleSince ?? now;
  if (now - idleSince < idleTooLongMs) return { ...crew, idleSince };
  return { ...crew, places: Math.max(crew.places - 1, crew.min), idleSince: now };
}
