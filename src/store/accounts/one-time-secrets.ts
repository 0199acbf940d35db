// One-time secrets: links in mail, the setup link, the challenge between password and code.
import type { Db } from "../engine/database.ts";
import type { OneTimeSecretRow } from "../schema.ts";

export type OneTimeSecret = OneTimeSecretRow;

export async function addOneTimeSecret(db: Db, row: Omit<OneTimeSecretRow, "used_at">): Promise<void> {
  await db.write
    .insertInto("one_time_secrets")
    .values({ ...row, used_at: null })
    .execute();
}

/** null for a secret that is used, expired, or for another purpose. */
export async function findOneTimeSecret(
  db: Db,
  { hash, purpose, now }: { hash: string; purpose: string; now: number },
): Promise<OneTimeSecret | null> {
  const query = db.read.selectFrom("one_time_secrets").selectAll().where("hash", "=", hash);
  const row = await query
    .where("purpose", "=", purpose)
    .where("used_at", "is", null)
    .where("expires_at", ">", now)
    .executeTakeFirst();
  return row ?? null;
}

/** The latest valid secret without a user; null when there is none. */
export async function findLastOneTimeSecret(
  db: Db,
  { purpose, now }: { purpose: string; now: number },
): Promise<OneTimeSecret | null> {
  const query = db.read.selectFrom("one_time_secrets").selectAll().where("purpose", "=", purpose);
  const row = await query
    .where("user_id", "is", null)
    .where("used_at", "is", null)
    .where("expires_at", ">", now)
    .orderBy("created_at", "desc")
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

/** The user's valid secrets for a purpose, oldest first. */
export async function listOpenOneTimeSecrets(
  db: Db,
  { userId, purpose, now }: { userId: string; purpose: string; now: number },
): Promise<OneTimeSecret[]> {
  const query = db.read.selectFrom("one_time_secrets").selectAll().where("user_id", "=", userId);
  return query
    .where("purpose", "=", purpose)
    .where("used_at", "is", null)
    .where("expires_at", ">", now)
    .orderBy("created_at")
    .execute();
}

export async function extendOneTimeSecret(db: Db, hash: string, expiresAt: number): Promise<void> {
  const query = db.write.updateTable("one_time_secrets").set({ expires_at: expiresAt });
  await query.where("hash", "=", hash).execute();
}

/** True for one of several requests at once. */
export async function consumeOneTimeSecret(
  db: Db,
  { hash, purpose, now }: { hash: string; purpose: string; now: number },
): Promise<boolean> {
  const query = db.write.updateTable("one_time_secrets").set({ used_at: now }).where("hash", "=", hash);
  const result = await query
    .where("purpose", "=", purpose)
    .where("used_at", "is", null)
    .where("expires_at", ">", now)
    .executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
}

/** Voids the user's secrets for a purpose; `userId` null means those without a user. */
export async function voidOneTimeSecrets(
  db: Db,
  { userId, purpose }: { userId: string | null; purpose: string },
): Promise<void> {
  const query = db.write.deleteFrom("one_time_secrets").where("purpose", "=", purpose);
  await (
    userId === null ? query.where("user_id", "is", null) : query.where("user_id", "=", userId)
  ).execute();
}

export async function pruneOneTimeSecrets(db: Db, now: number): Promise<void> {
  await db.write.deleteFrom("one_time_secrets").where("expires_at", "<", now).execute();
}

/** Voids all secrets of the user, except those for the purpose `kept`. */
export async function voidOneTimeSecretsBut(
  db: Db,
  { userId, remaining: kept }: { userId: string; remaining: string | null },
): Promise<void> {
  const query = db.write.deleteFrom("one_time_secrets").where("user_id", "=", userId);
  await (kept === null ? query : query.where("purpose", "!=", kept)).execute();
}

/** Voids the user's secrets for a purpose that were made at that time or later. */
export async function voidOneTimeSecretsSince(
  db: Db,
  { userId, purpose, since }: { userId: string; purpose: string; since: number },
): Promise<void> {
  const query = db.write.deleteFrom("one_time_secrets").where("user_id", "=", userId);
  await query.where("purpose", "=", purpose).where("created_at", ">=", since).execute();
}
