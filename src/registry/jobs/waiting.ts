// How long jobs wait that may run. Paused jobs may wait.
import type { NameCounts, Pauses } from "../../jobs/queue.ts";

export const behindMs = 60_000;
export const stuckMs = 300_000;

export type LongestWait = { name: string; ms: number };

/** The longest overdue job; null when no job that may run is due. */
export function longestWait(counts: NameCounts[], pauses: Pauses, now: number): LongestWait | null {
  if (pauses.all) return null;
  const due = counts
    .filter(({ name }) => !pauses.names.includes(name))
    .flatMap(({ name, oldestDueAt }) => (oldestDueAt === null ? [] : [{ name, ms: now - oldestDueAt }]));
  return due.toSorted((a, b) => b.ms - a.ms)[0] ?? null;
}
