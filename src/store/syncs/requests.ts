// Which repositories are to be synced, by when something must be heard of that, and who does not want it any more.
import { sql } from "kysely";
import type { Db } from "../engine/database.ts";
import { updateRepository } from "../repositories/repositories.ts";
import type { RepositoryRow, RepositoryState } from "../schema.ts";

/**
 * A sync is wanted: it waits, or comes after the one that runs. By `expectedBy` something must be heard of it. With
 * `isQuiet` the repository is not said to wait, since nobody does.
 */
export async function markSyncRequested(
  db: Db,
  id: string,
  asked: { expectedBy: number; confirmRemovals: boolean; isQuiet?: boolean },
): Promise<void> {
  const { expectedBy, confirmRemovals, isQuiet = false } = asked;
  await db.write
    .updateTable("repositories")
    .set({
      cancelled_by: sql`case when state = 'syncing' then cancelled_by else null end`,
      ...(isQuiet ? {} : { state: sql`case when state = 'syncing' then state else 'waiting' end` }),
      sync_asked: 1,
      expected_by: expectedBy,
      ...(confirmRemovals ? { removals_confirmed: 1 } : {}),
    })
    .where("id", "=", id)
    .execute();
}

const mostWaiting = 500;

/** The repositories whose sync waits for a place and is not late: one whose job is lost keeps nobody waiting. */
export function listWaitingSyncs(
  db: Db,
  { except, now }: { except: string; now: number },
): Promise<Pick<RepositoryRow, "organization_id" | "url">[]> {
  return db.read
    .selectFrom("repositories")
    .select(["organization_id", "url"])
    .where("sync_asked", "=", 1)
    .where("state", "!=", "syncing")
    .where("id", "!=", except)
    .where("expected_by", ">=", now)
    .orderBy("expected_by")
    .limit(mostWaiting)
    .execute();
}

/** Of a sync that runs, and of none that has ended meanwhile. */
export async function extendDeadline(db: Db, id: string, expectedBy: number): Promise<void> {
  const running = db.write.updateTable("repositories").set({ expected_by: expectedBy }).where("id", "=", id);
  await running.where("state", "=", "syncing").execute();
}

/**
 * The sync that waits or runs is wanted no longer; one that waits gives way to what `rested` says. False when there is
 * none. Belongs in a transaction.
 */
export async function markSyncCancelled(
  db: Db,
  id: string,
  { by, rested }: { by: string; rested: Pick<RepositoryRow, "state" | "next_poll_at"> },
): Promise<boolean> {
  const { numUpdatedRows } = await db.write
    .updateTable("repositories")
    .set({ cancelled_by: by, sync_asked: 0 })
    .where("id", "=", id)
    .where("expected_by", "is not", null)
    .executeTakeFirst();
  await db.write
    .updateTable("repositories")
    .set({ ...rested, expected_by: null })
    .where("id", "=", id)
    .where("state", "!=", "syncing")
    .where("cancelled_by", "is not", null)
    .execute();
  return numUpdatedRows === 1n;
}

/** Who cancelled the sync that runs; null when nobody did. */
export async function findCanceller(db: Db, id: string): Promise<string | null> {
  const query = db.read.selectFrom("repositories").select("cancelled_by").where("id", "=", id);
  return (await query.executeTakeFirst())?.cancelled_by ?? null;
}

/** What its sync came to; one that was asked for meanwhile is waited for. Belongs in a transaction. */
export async function endSync(
  db: Db,
  id: string,
  { expectedBy, ...change }: Partial<RepositoryRow> & { state: RepositoryState; expectedBy: number },
): Promise<void> {
  await updateRepository(db, id, { ...change, expected_by: null, cancelled_by: null });
  await db.write
    .updateTable("repositories")
    .set({ state: "waiting", expected_by: expectedBy })
    .where("id", "=", id)
    .where("sync_asked", "=", 1)
    .execute();
}

/**
 * Those of whose sync nothing was heard by `now`, or that expect it too far ahead, by a clock that was set back
 * meanwhile; the longest overdue first.
 */
export function listPastDeadline(
  db: Db,
  { now, farthest, limit }: { now: number; farthest: number; limit: number },
): Promise<RepositoryRow[]> {
  return db.read
    .selectFrom("repositories")
    .selectAll()
    .where(({ eb, or }) => or([eb("expected_by", "<=", now), eb("expected_by", ">", farthest)]))
    .orderBy("expected_by")
    .limit(limit)
    .execute();
}

/** Those whose sync was asked for and has not begun. */
export function listRequestedSyncs(db: Db): Promise<RepositoryRow[]> {
  return db.read
    .selectFrom("repositories")
    .selectAll()
    .where("expected_by", "is not", null)
    .where("state", "!=", "syncing")
    .execute();
}
