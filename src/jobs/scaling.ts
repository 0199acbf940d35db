// How many jobs a process runs at once: more while jobs wait, fewer while slots are idle.

export type WorkerSize = {
  slots: number;
  min: number;
  max: number;
  /** Since when a slot has been idle; null while all are busy. */
  idleSince: number | null;
};

export type QueueLoad = {
  /** How long the next job that could be taken has been due; null when there is none. */
  waitMs: number | null;
  busy: number;
  now: number;
};

export const waitsTooLongMs = 1000;
export const idleTooLongMs = 60_000;

/**
 * The rule, applied once a second: a job waits longer than a second → one slot more, up to the maximum; a slot has been
 * idle for a minute → one fewer, down to the minimum.
 */
export function scaledTo(size: WorkerSize, { waitMs, busy, now }: QueueLoad): WorkerSize {
  if (waitMs !== null && waitMs > waitsTooLongMs)
    return { ...size, slots: Math.min(size.slots + 1, size.max), idleSince: null };
  if (busy >= size.slots) return { ...size, idleSince: null };
  const idleSince = size.idleSince ?? now;
  if (now - idleSince < idleTooLongMs) return { ...size, idleSince };
  return { ...size, slots: Math.max(size.slots - 1, size.min), idleSince: now };
}
