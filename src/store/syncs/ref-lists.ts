// Lists of refs for pages: the outcome of each, in the whole repository or in one sync.
import { sql } from "kysely";
import type { Db } from "../engine/database.ts";
import type { RefCode, RefKind, SyncRefRow } from "../schema.ts";

export type RefOutcome = SyncRefRow["outcome"];

/** Skips that need attention: not a branch without composer.json, and not a tag that is no version. */
export const harmlessCodes: readonly RefCode[] = ["no_manifest", "not_a_version"];

export type ListedRef = {
  kind: RefKind;
  name: string;
  /** The outcome in the given sync; a ref that the sync did not read is unchanged, or skipped as before. */
  outcome: RefOutcome;
  reason: string | null;
  code: RefCode | null;
  version: string | null;
  reference: string;
};

/**
 * The refs of the repository with their outcome in the sync: those that need attention first, then by version,
 * newest first. Without an outcome as filter, unchanged refs are left out.
 */
export function listRefsWithOutcome(
  db: Db,
  { repositoryId, syncId }: { repositoryId: string; syncId: string },
  { outcome, limit, offset }: { outcome: RefOutcome | null; limit: number; offset: number },
): Promise<ListedRef[]> {
  let query = refsOf(db, repositoryId, syncId)
    .leftJoin("versions", "versions.id", "refs.version_id")
    .select(["refs.kind", "refs.name", "refs.reference", "refs.code", "versions.version"])
    .select([outcomeOf.as("outcome"), sql<string | null>`coalesce(s.reason, refs.reason)`.as("reason")])
    .orderBy(
      sql`case when refs.outcome = 'skipped' and coalesce(refs.code, 'rule') not in (${sql.join(harmlessCodes)}) then 0 else 1 end`,
    )
    .orderBy(sql`coalesce(versions.released_at, 0)`, "desc")
    .orderBy("refs.name", "desc");
  query = outcome === null ? query.where(outcomeOf, "!=", "unchanged") : query.where(outcomeOf, "=", outcome);
  return query.limit(limit).offset(offset).execute();
}

export async function countRefsByOutcome(
  db: Db,
  { repositoryId, syncId }: { repositoryId: string; syncId: string },
): Promise<Partial<Record<RefOutcome, number>>> {
  const rows = await refsOf(db, repositoryId, syncId)
    .select((e) => [outcomeOf.as("outcome"), e.fn.countAll<number>().as("count")])
    .groupBy(outcomeOf)
    .execute();
  return Object.fromEntries(rows.map(({ outcome, count }) => [outcome, count]));
}

export type RemovedRef = { kind: RefKind; name: string; at: number };

/** Refs that were removed since then and have not come back, latest first. */
export async function listRemovedRefs(
  db: Db,
  repositoryId: string,
  { since, limit }: { since: number; limit: number },
): Promise<RemovedRef[]> {
  const rows = await db.read
    .selectFrom("sync_refs as gone")
    .innerJoin("syncs", "syncs.id", "gone.sync_id")
    .leftJoin("refs", (join) =>
      join
        .onRef("refs.repository_id", "=", "syncs.repository_id")
        .onRef("refs.kind", "=", "gone.kind")
        .onRef("refs.name", "=", "gone.name"),
    )
    .select(["gone.kind", "gone.name", "syncs.started_at"])
    .where("syncs.repository_id", "=", repositoryId)
    .where("syncs.started_at", ">=", since)
    .where("syncs.state", "=", "done")
    .where("gone.outcome", "=", "removed")
    .where("refs.name", "is", null)
    .orderBy("syncs.id", "desc")
    .limit(limit)
    .execute();
  return rows.map(({ kind, name, started_at: at }) => ({ kind, name, at }));
}

/** The refs that a sync read, also removed ones. */
export function listSyncRefs(
  db: Db,
  syncId: string,
  { outcome, limit, offset }: { outcome: RefOutcome | null; limit: number; offset: number },
): Promise<SyncRefRow[]> {
  let query = db.read.selectFrom("sync_refs").selectAll().where("sync_id", "=", syncId);
  if (outcome !== null) query = query.where("outcome", "=", outcome);
  return query.orderBy("name", "desc").orderBy("kind").limit(limit).offset(offset).execute();
}

export async function countSyncRefs(db: Db, syncId: string): Promise<Partial<Record<RefOutcome, number>>> {
  const rows = await db.read
    .selectFrom("sync_refs")
    .select((e) => ["outcome", e.fn.countAll<number>().as("count")])
    .where("sync_id", "=", syncId)
    .groupBy("outcome")
    .execute();
  return Object.fromEntries(rows.map(({ outcome, count }) => [outcome, count]));
}

const outcomeOf = sql<RefOutcome>`case when s.outcome is not null then s.outcome
  when refs.outcome = 'skipped' then 'skipped' else 'unchanged' end`;

function refsOf(db: Db, repositoryId: string, syncId: string) {
  return db.read
    .selectFrom("refs")
    .leftJoin("sync_refs as s", (join) =>
      join.on("s.sync_id", "=", syncId).onRef("s.kind", "=", "refs.kind").onRef("s.name", "=", "refs.name"),
    )
    .where("refs.repository_id", "=", repositoryId);
}
