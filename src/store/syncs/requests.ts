// Where the sync of a repository stands: requested, running, cancelled or finished, and its deadline.
import { sql } from "kysely";
import type { Db } from "../engine/database.ts";
import { updateRepository } from "../repositories/repositories.ts";
import type { RepositoryRow, RepositoryState } from "../schema.ts";

/**
 * The sync waits, or follows the one that runs. `isQuiet` leaves the repository's state as it is, because nobody is
 * waiting for a poll.
 */
export async function markRequested(
  db: Db,
  id: string,
  options: { deadline: number; confirmRemovals: boolean; isQuiet?: boolean },
): Promise<void> {
  const { deadline, confirmRemovals, isQuiet = false } = options;
  await db.write
    .updateTable("repositories")
    .set({
      cancelled_by: sql`case when state = 'syncing' then cancelled_by else null end`,
      ...(isQuiet ? {} : { state: sql`case when state = 'syncing' then state else 'waiting' end` }),
      sync_requested: 1,
      sync_deadline: deadline,
      ...(confirmRemovals ? { removals_confirmed: 1 } : {}),
    })
    .where("id", "=", id)
    .execute();
}

/** The requested sync has started. */
export async function markRunning(db: Db, id: string, deadline: number): Promise<void> {
  await updateRepository(db, id, { state: "syncing", sync_requested: 0, sync_deadline: deadline });
}

/** Extends the deadline of a running sync; one that has ended meanwhile has none. */
export async function extendDeadline(db: Db, id: string, deadline: number): Promise<void> {
  const running = db.write.updateTable("repositories").set({ sync_deadline: deadline }).where("id", "=", id);
  await running.where("state", "=", "syncing").execute();
}

/**
 * Cancels the sync that waits or runs; a repository whose sync was waiting goes back to `rested`. False when there is
 * no sync. Belongs in a transaction.
 */
export async function markCancelled(
  db: Db,
  id: string,
  { by, rested }: { by: string; rested: Pick<RepositoryRow, "state" | "next_poll_at"> },
): Promise<boolean> {
  const { numUpdatedRows } = await db.write
    .updateTable("repositories")
    .set({ cancelled_by: by, sync_requested: 0 })
    .where("id", "=", id)
    .where("sync_deadline", "is not", null)
    .executeTakeFirst();
  await db.write
    .updateTable("repositories")
    .set({ ...rested, sync_deadline: null })
    .where("id", "=", id)
    .where("state", "!=", "syncing")
    .where("cancelled_by", "is not", null)
    .execute();
  return numUpdatedRows === 1n;
}

/**
 * Writes the result of the sync; a repository whose next sync was requested meanwhile waits. Belongs in a transaction.
 */
export async function markFinished(
  db: Db,
  id: string,
  { deadline, ...change }: Partial<RepositoryRow> & { state: RepositoryState; deadline: number },
): Promise<void> {
  await updateRepository(db, id, { ...change, sync_deadline: null, cancelled_by: null });
  await db.write
    .updateTable("repositories")
    .set({ state: "waiting", sync_deadline: deadline })
    .where("id", "=", id)
    .where("sync_requested", "=", 1)
    .execute();
}

/** The actor who cancelled the running sync; null when nobody did. */
export async function findCanceller(db: Db, id: string): Promise<string | null> {
  const query = db.read.selectFrom("repositories").select("cancelled_by").where("id", "=", id);
  return (await query.executeTakeFirst())?.cancelled_by ?? null;
}

const maxWaiting = 500;

/**
 * The repositories whose sync waits for a slot and has not missed its deadline: one whose job is lost must not make
 * others step aside.
 */
export function listWaitingSyncs(
  db: Db,
  { except, now }: { except: string; now: number },
): Promise<Pick<RepositoryRow, "organization_id" | "url">[]> {
  return db.read
    .selectFrom("repositories")
    .select(["organization_id", "url"])
    .where("sync_requested", "=", 1)
    .where("state", "!=", "syncing")
    .where("id", "!=", except)
    .where("sync_deadline", ">=", now)
    .orderBy("sync_deadline")
    .limit(maxWaiting)
    .execute();
}

/**
 * The repositories whose sync has missed its deadline by `now`, or has one after `farthest` because the clock was set
 * back meanwhile; the longest overdue first.
 */
export function listPastDeadline(
  db: Db,
  { now, farthest, limit }: { now: number; farthest: number; limit: number },
): Promise<RepositoryRow[]> {
  return db.read
    .selectFrom("repositories")
    .selectAll()
    .where(({ eb, or }) => or([eb("sync_deadline", "<=", now), eb("sync_deadline", ">", farthest)]))
    .orderBy("sync_deadline")
    .limit(limit)
    .execute();
}

/** The repositories whose sync was requested and has not started. */
export function listRequestedSyncs(db: Db): Promise<RepositoryRow[]> {
  return db.read
    .selectFrom("repositories")
    .selectAll()
    .where("sync_deadline", "is not", null)
    .where("state", "!=", "syncing")
    .execute();
}
