// Recovery codes, for a lost second factor: each works once.
import type { Db } from "../engine/database.ts";

/** Replaces all codes of the user. */
export async function replaceRecoveryCodes(db: Db, userId: string, hashes: string[]): Promise<void> {
  await db.write.deleteFrom("recovery_codes").where("user_id", "=", userId).execute();
  const rows = hashes.map((hash) => ({ user_id: userId, hash, used_at: null }));
  if (rows.length > 0) await db.write.insertInto("recovery_codes").values(rows).execute();
}

/** True for one of several requests at once with the same code. */
export async function consumeRecoveryCode(
  db: Db,
  userId: string,
  { hash, now }: { hash: string; now: number },
): Promise<boolean> {
  const query = db.write.updateTable("recovery_codes").set({ used_at: now }).where("user_id", "=", userId);
  const result = await query.where("hash", "=", hash).where("used_at", "is", null).executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
}

/** The number of unused codes. */
export async function countRecoveryCodes(db: Db, userId: string): Promise<number> {
  const row = await db.read
    .selectFrom("recovery_codes")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .where("user_id", "=", userId)
    .where("used_at", "is", null)
    .executeTakeFirstOrThrow();
  return row.count;
}
