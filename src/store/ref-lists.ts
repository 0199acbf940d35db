// Refs as people read them: what became of each, in the repository as a whole or in one sync.
import { sql } from "kysely";
import type { Db } from "./database.ts";
import type { RefCode, RefKind, SyncRefRow } from "./schema.ts";

export type RefOutcome = SyncRefRow["outcome"];

export type ListedRef = {
  kind: RefKind;
  name: string;
  /** In the sync that was asked for; a ref that it had no need to look at is unchanged, or skipped as before. */
  outcome: RefOutcome;
  reason: string | null;
  code: RefCode | null;
  version: string | null;
  reference: string;
};

/** Every ref of the repository, the newest version first, with what the sync did to it. */
export function listRefsWithOutcome(
  db: Db,
  { repositoryId, syncId }: { repositoryId: string; syncId: string },
  { outcome, limit, offset }: { outcome: RefOutcome | null; limit: number; offset: number },
): Promise<ListedRef[]> {
  let query = refsOf(db, repositoryId, syncId)
    .leftJoin("versions", "versions.id", "refs.version_id")
    .select(["refs.kind", "refs.name", "refs.reference", "refs.code", "versions.version"])
    .select([outcomeOf.as("outcome"), sql<string | null>`coalesce(s.reason, refs.reason)`.as("reason")])
    .orderBy(sql`coalesce(versions.released_at, 0)`, "desc")
    .orderBy("refs.name", "desc");
  if (outcome !== null) query = query.where(outcomeOf, "=", outcome);
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
  return Object.fromEntries(rows.map(({ outcome, count }) => [outcome, Number(count)]));
}

/** The refs that a sync looked at, removed ones too. */
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
  return Object.fromEntries(rows.map(({ outcome, count }) => [outcome, Number(count)]));
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
