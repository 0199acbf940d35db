// Whether a repository is in step with its forge, in one word.
import type { RepositoryRow } from "../store/schema.ts";

export type Freshness = "fresh" | "stale" | "waiting" | "syncing" | "failed";

/** Polls may be late by one; then the proof is too old. */
const patience = 2;
const graceMs = 5 * 60_000;

/** `stale`: nothing failed, and yet it was not proven fresh for more than two polls. */
export function freshnessOf(
  { state, last_proven_fresh_at: provenAt }: Pick<RepositoryRow, "state" | "last_proven_fresh_at">,
  { now, syncIntervalMs }: { now: number; syncIntervalMs: number | null },
): Freshness {
  if (state !== "fresh" || syncIntervalMs === null || provenAt === null) return state;
  return now - provenAt > patience * syncIntervalMs + graceMs ? "stale" : "fresh";
}
