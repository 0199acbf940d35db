// How a repository stands with its forge, in one word for people. Pure.
import type { RepositoryState } from "../store/schema.ts";

export type Freshness = { kind: "fresh" | "syncing" | "waiting" | "stale" | "failed"; at: number | null };

/** Stale when it was not proven for two intervals of polling; `at` is when it was proven last. */
export function freshnessOf(
  repository: { state: RepositoryState; last_proven_fresh_at: number | null },
  { now, intervalMs }: { now: number; intervalMs: number | null },
): Freshness {
  const proven = repository.last_proven_fresh_at;
  const at = proven === null ? null : Number(proven);
  if (repository.state === "failed") return { kind: "failed", at };
  if (repository.state === "syncing") return { kind: "syncing", at: null };
  if (at === null) return { kind: "waiting", at };
  const isStale = intervalMs !== null && now - at > 2 * intervalMs;
  return { kind: isStale ? "stale" : "fresh", at };
}
