// When each regular job is due next, one row per name for all processes.
import { type Db, insertNew } from "../engine/database.ts";
import type { ScheduleRow } from "../schema.ts";

export type Schedule = ScheduleRow;

export function listSchedules(db: Db): Promise<Schedule[]> {
  return db.read.selectFrom("schedules").selectAll().execute();
}

/** `firstAfterMs`: the first time is so long after it was asked for; left out it is at once. */
type ScheduleEntry = { name: string; everyMs: number; now: number; firstAfterMs?: number };

/**
 * True for exactly one caller per period, the first time at once. Missed periods count as one, and the next
 * one starts when it would have started without the gap.
 */
export async function claimScheduleEntry(
  db: Db,
  { name, everyMs, now, firstAfterMs }: ScheduleEntry,
): Promise<boolean> {
  const known = await db.read.selectFrom("schedules").selectAll().where("name", "=", name).executeTakeFirst();
  if (!known) {
    const first =
      firstAfterMs === undefined
        ? { next_run_at: now + everyMs, last_run_at: now }
        : { next_run_at: now + firstAfterMs, last_run_at: null };
    const isAdded = (await insertNew(db, "schedules", { name, ...first }, ["name"])) === 1;
    return isAdded && firstAfterMs === undefined;
  }
  const dueAt = known.next_run_at;
  if (dueAt > now) {
    // A period that was made shorter must not wait for the end of the longer one. This is not a claim yet: another
    // process, whose clock is a little ahead, may have had it just now.
    if (dueAt > now + everyMs) await moveTurn(db, known, { next_run_at: now + everyMs });
    return false;
  }
  const missed = Math.floor((now - dueAt) / everyMs);
  return moveTurn(db, known, { next_run_at: dueAt + everyMs * (missed + 1), last_run_at: now });
}

async function moveTurn(db: Db, known: ScheduleRow, change: Partial<ScheduleRow>): Promise<boolean> {
  const { numUpdatedRows } = await db.write
    .updateTable("schedules")
    .set(change)
    .where("name", "=", known.name)
    .where("next_run_at", "=", known.next_run_at)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** For a caller that claimed the entry and could not use it. */
export async function releaseScheduleEntry(db: Db, name: string, now: number): Promise<void> {
  await db.write.updateTable("schedules").set({ next_run_at: now }).where("name", "=", name).execute();
}
