// How up to date a repository is, as one word for people. Pure.
import type { RepositoryState } from "../../store/schema.ts";

type Freshness = { kind: "fresh" | "syncing" | "waiting" | "stale" | "failed"; at: number | null };

/** A repository that was checked last before this time is stale; null where nothing is polled. */
export function staleBefore({ now, intervalMs }: { now: number; intervalMs: number | null }): number | null {
  return intervalMs === null ? null : now - 2 * intervalMs;
}

/** Stale when it was not checked for two polling intervals; `at` is the time of its last check. */
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
