// Time went back for a restored database: what follows from that, in one transaction.
import type { Database, Db } from "../engine/database.ts";
import { stopCapture } from "../move/capture.ts";
import { listTables } from "../rows/tables.ts";
import { setSetting } from "../settings.ts";

export type Restored = {
  /** When it was restored, in milliseconds since the epoch. */
  at: number;
  /** The moment that it went back to. */
  to: number;
  /** When an administrator said that this is the real one; null until then, and webhooks stay untouched. */
  confirmedAt: number | null;
};

/**
 * Clients get every document anew, nobody is signed in, no letter of before goes out, and every repository is synced
 * once.
 */
export async function markRestored(
  database: Database,
  { at, to }: { at: number; to: number },
): Promise<void> {
  await database.transaction(async (db) => {
    await raiseLastModified(db, Math.floor(at / 1000) + aheadSeconds);
    await endSessions(db);
    await db.write
      .updateTable("mails")
      .set({ state: "failed", error: "It was not sent, because the registry was restored from a backup." })
      .where("state", "=", "waiting")
      .execute();
    for (const table of ["jobs", "workers", "schedules"] as const) await db.write.deleteFrom(table).execute();
    await db.write
      .updateTable("repositories")
      .set({ state: "waiting", sync_requested: 1, sync_deadline: at, cancelled_by: null })
      .execute();
    // A move that ran, or was over, was one of the other database, and so were its triggers.
    if (database.sqlite) await stopCapture(db, listTables(database.sqlite));
    const moves = ["moved_to", "move_target", "move"];
    await db.write.deleteFrom("settings").where("name", "in", moves).execute();
    await setSetting(db, "restored", JSON.stringify({ at, to, confirmedAt: null } satisfies Restored));
  });
}

/** A document that changed several times in a second was dated ahead of the clock. */
const aheadSeconds = 60;

/** Clients hold documents of after the backup: all must look newer than those. */
async function raiseLastModified(db: Db, seconds: number): Promise<void> {
  await db.write
    .updateTable("documents")
    .set({ last_modified: seconds })
    .where("last_modified", "<", seconds)
    .execute();
}

/** Links and codes that were used after the backup would work a second time. */
async function endSessions(db: Db): Promise<void> {
  await db.write.deleteFrom("sessions").execute();
  await db.write.deleteFrom("one_time_secrets").execute();
  const users = await db.read.selectFrom("users").select("id").execute();
  for (const { id } of users)
    await db.write
      .updateTable("users")
      .set({ session_generation: Bun.randomUUIDv7() })
      .where("id", "=", id)
      .execute();
}
