// How a repository stands with its forge, in one word for people. Pure.
import type { RepositoryState } from "../../store/schema.ts";

export type Freshness = { kind: "fresh" | "syncing" | "waiting" | "stale" | "failed"; at: number | null };

/** Whatever was proven fresh before is stale; null where nobody looks again by itself. */
export function staleBefore({ now, intervalMs }: { now: number; intervalMs: number | null }): number | null {
  return intervalMs === null ? null : now - 2 * intervalMs;
}

/** Stale when it was not proven for two intervals of polling; `at` is when it was proven last. */
export function freshnessOf(
  repository: { state: RepositoryState; last_proven_fresh_at: number | null },
  clock: { now: number; intervalMs: number | null },
): Freshness {
  const at = repository.last_proven_fresh_at;
  if (repository.state === "failed") return { kind: "failed", at };
  if (repository.state === "syncing") return { kind: "syncing", at: null };
  if (at === null) return { kind: "waiting", at };
  return { kind: at < (staleBefore(clock) ?? at) ? "stale" : "fresh", at };
}
