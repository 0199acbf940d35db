// The states of an organization's repositories.
import { sql, type RawBuilder } from "kysely";
import type { Db } from "../engine/database.ts";
import type { RepositoryRow } from "../schema.ts";

/** Stale repositories are not counted as `fresh`. */
export type RepositoryStates = {
  failed: number;
  waiting: number;
  stale: number;
  fresh: number;
  oldestProof: number | null;
};

/** Counts repositories by state, with the time of the oldest check. */
export async function countRepositoryStates(
  db: Db,
  organizationId: string,
  staleBefore: number | null,
): Promise<RepositoryStates> {
  const rows = await db.read
    .selectFrom("repositories")
    .select((e) => [
      "state",
      e.fn.countAll<number>().as("count"),
      e.fn.min("last_proven_fresh_at").as("oldest"),
    ])
    .select(countStale(staleBefore).as("stale"))
    .where("organization_id", "=", organizationId)
    .groupBy("state")
    .execute();
  const sum = (...states: string[]) =>
    rows.reduce((total, { state, count }) => total + (states.includes(state) ? count : 0), 0);
  const stale = rows.reduce((total, row) => total + (row.stale ?? 0), 0);
  const proofs = rows.flatMap(({ oldest }) => (oldest === null ? [] : [oldest]));
  return {
    failed: sum("failed"),
    waiting: sum("waiting", "syncing"),
    stale,
    fresh: sum("fresh") - stale,
    oldestProof: proofs.length > 0 ? Math.min(...proofs) : null,
  };
}

/** Counts the stale repositories of a group. */
export function countStale(staleBefore: number | null): RawBuilder<number> {
  const isStale = sql`state = 'fresh' and last_proven_fresh_at < ${staleBefore ?? 0}`;
  return sql<number>`sum(case when ${isStale} then 1 else 0 end)`;
}

/** The names of the live packages that each of these repositories publishes. */
export async function listPublishedNames(db: Db, ids: string[]): Promise<Map<string, Set<string>>> {
  if (ids.length === 0) return new Map();
  const rows = await db.read
    .selectFrom("packages")
    .select(["repository_id", "name"])
    .where("repository_id", "in", ids)
    .where("removed_at", "is", null)
    .execute();
  const names = new Map<string, Set<string>>();
  for (const { repository_id: id, name } of rows)
    names.set(id ?? "", (names.get(id ?? "") ?? new Set()).add(name));
  return names;
}

/**
 * Failed repositories first, then waiting ones, stale ones and fresh ones; those never checked at the end of each
 * group.
 */
export function listByTrouble(
  db: Db,
  organizationId: string,
  { staleBefore, limit }: { staleBefore: number | null; limit: number },
): Promise<RepositoryRow[]> {
  const trouble = sql<number>`case state when 'failed' then 0 when 'waiting' then 1 when 'syncing' then 1 else case when last_proven_fresh_at < ${staleBefore ?? 0} then 2 else 3 end end`;
  return db.read
    .selectFrom("repositories")
    .selectAll()
    .where("organization_id", "=", organizationId)
    .orderBy(trouble)
    .orderBy(sql`case when last_proven_fresh_at is null then 1 else 0 end`)
    .orderBy("last_proven_fresh_at", "desc")
    .orderBy("name")
    .limit(limit)
    .execute();
}
