// One row per sync, one per ref that it read.
import { insertNew, type Db } from "../engine/database.ts";
import type { SyncRefRow, SyncRow } from "../schema.ts";

export type Sync = SyncRow;
export type SyncStart = Pick<
  SyncRow,
  "id" | "organization_id" | "repository_id" | "reason" | "started_at" | "refs_total"
>;

export async function addSync(db: Db, start: SyncStart): Promise<Sync> {
  const row: Sync = {
    ...start,
    state: "running",
    outcome: null,
    error: null,
    error_code: null,
    refs_done: 0,
    current_ref: null,
    added: 0,
    updated: 0,
    removed: 0,
    skipped: 0,
    left_out: 0,
    finished_at: null,
  };
  await db.write.insertInto("syncs").values(row).execute();
  db.recorded();
  return row;
}

export async function updateSync(db: Db, id: string, change: Partial<SyncRow>): Promise<void> {
  await db.write.updateTable("syncs").set(change).where("id", "=", id).execute();
  db.recorded();
}

export async function addSyncRefs(db: Db, rows: SyncRefRow[]): Promise<void> {
  if (rows.length > 0) await insertNew(db, "sync_refs", rows, ["sync_id", "kind", "name"]);
}

/** Syncs of the repository that began at or after `since`, oldest first. */
export function listSyncs(db: Db, repositoryId: string, since = 0): Promise<Sync[]> {
  const query = db.read.selectFrom("syncs").selectAll().where("repository_id", "=", repositoryId);
  return query.where("started_at", ">=", since).orderBy("id").execute();
}

/** Newest first. */
export function listLatestSyncs(
  db: Db,
  repositoryId: string,
  { limit, offset = 0 }: { limit: number; offset?: number },
): Promise<Sync[]> {
  const query = db.read.selectFrom("syncs").selectAll().where("repository_id", "=", repositoryId);
  return query.orderBy("id", "desc").limit(limit).offset(offset).execute();
}

const maxCrashes = 1000;

/** The organization and address of each sync that crashed since then. */
export function listCrashes(db: Db, since: number): Promise<{ organization_id: string; url: string }[]> {
  return db.read
    .selectFrom("syncs")
    .innerJoin("repositories", "repositories.id", "syncs.repository_id")
    .select(["syncs.organization_id", "repositories.url"])
    .where("syncs.outcome", "=", "crashed")
    .where("syncs.finished_at", ">=", since)
    .orderBy("syncs.finished_at", "desc")
    .limit(maxCrashes)
    .execute();
}

export async function countSyncs(db: Db, repositoryId: string): Promise<number> {
  const row = await db.read
    .selectFrom("syncs")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("repository_id", "=", repositoryId)
    .executeTakeFirstOrThrow();
  return row.count;
}

export async function findSync(db: Db, repositoryId: string, id: string): Promise<Sync | null> {
  const query = db.read.selectFrom("syncs").selectAll().where("repository_id", "=", repositoryId);
  return (await query.where("id", "=", id).executeTakeFirst()) ?? null;
}

/** The last syncs of each repository, oldest first, in one query. */
export async function listLastSyncs(
  db: Db,
  repositoryIds: string[],
  each: number,
): Promise<Map<string, Sync[]>> {
  const parts = repositoryIds.map((id) => {
    const last = db.read.selectFrom("syncs").selectAll().where("repository_id", "=", id);
    return db.read.selectFrom(last.orderBy("id", "desc").limit(each).as("last")).selectAll();
  });
  const [first, ...others] = parts;
  if (!first) return new Map();
  const all = others.reduce((query, part) => query.unionAll(part), first);
  const rows = await all.execute();
  return Map.groupBy(
    rows.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    ({ repository_id }) => repository_id,
  );
}

/** Ends what a dead process left running; a new sync continues its work. */
export async function endAbandoned(db: Db, repositoryId: string, now: number): Promise<void> {
  const error = "The process ended before the sync did.";
  await endRunning(db, repositoryId, { outcome: "failed", error, finished_at: now });
}

export async function endCancelled(db: Db, repositoryId: string, now: number): Promise<void> {
  const error = "It was cancelled. What was recorded until then stays.";
  await endRunning(db, repositoryId, { outcome: "cancelled", error, finished_at: now });
}

async function endRunning(
  db: Db,
  repositoryId: string,
  end: Pick<SyncRow, "outcome" | "error" | "finished_at">,
): Promise<void> {
  await db.write
    .updateTable("syncs")
    .set({ ...end, state: "failed", current_ref: null })
    .where("repository_id", "=", repositoryId)
    .where("state", "=", "running")
    .execute();
}

/** Removes syncs that started before `olderThan`, and polls without changes before `unchangedBefore`. */
export async function pruneSyncs(
  db: Db,
  { olderThan, unchangedBefore }: { olderThan: number; unchangedBefore: number },
): Promise<void> {
  for (;;) {
    const old = await db.read
      .selectFrom("syncs")
      .select("id")
      .where("started_at", "<", unchangedBefore)
      .where("state", "!=", "running")
      .where((e) =>
        e.or([
          e("started_at", "<", olderThan),
          e.and([e("reason", "=", "poll"), e("outcome", "=", "unchanged")]),
        ]),
      )
      .limit(pruneAtOnce)
      .execute();
    const ids = old.map((row) => row.id);
    if (ids.length > 0) {
      await db.write.deleteFrom("sync_refs").where("sync_id", "in", ids).execute();
      await db.write.deleteFrom("syncs").where("id", "in", ids).execute();
    }
    if (ids.length < pruneAtOnce) return;
  }
}

const pruneAtOnce = 1000;

/** The first sync that published something; otherwise the newest, running or not; null before the first. */
export async function findTellingSync(db: Db, repositoryId: string): Promise<Sync | null> {
  const query = db.read.selectFrom("syncs").selectAll().where("repository_id", "=", repositoryId);
  const first = await query.where("added", ">", 0).orderBy("id").limit(1).executeTakeFirst();
  return first ?? findLastSync(db, repositoryId);
}

async function findLastSync(db: Db, repositoryId: string): Promise<Sync | null> {
  const query = db.read.selectFrom("syncs").selectAll().where("repository_id", "=", repositoryId);
  return (await query.orderBy("id", "desc").limit(1).executeTakeFirst()) ?? null;
}
