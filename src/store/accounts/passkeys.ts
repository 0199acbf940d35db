import { conflict } from "../../errors.ts";
import type { Db } from "../engine/database.ts";
import type { PasskeyRow } from "../schema.ts";

export type Passkey = PasskeyRow;

/** Fails as `conflict` when it exists already. */
export async function addPasskey(db: Db, passkey: Omit<PasskeyRow, "last_used_at">): Promise<void> {
  if (await findPasskey(db, passkey.id))
    throw conflict("This passkey is added already.", { code: "passkey_known" });
  await db.write
    .insertInto("passkeys")
    .values({ ...passkey, last_used_at: null })
    .execute();
}

export async function findPasskey(db: Db, id: string): Promise<Passkey | null> {
  return (await db.read.selectFrom("passkeys").selectAll().where("id", "=", id).executeTakeFirst()) ?? null;
}

/** Oldest first. */
export function listPasskeys(db: Db, userId: string): Promise<Passkey[]> {
  const query = db.read.selectFrom("passkeys").selectAll().where("user_id", "=", userId);
  return query.orderBy("created_at").orderBy("id").execute();
}

export async function markPasskeyUsed(
  db: Db,
  id: string,
  { counter, now }: { counter: number; now: number },
): Promise<void> {
  await db.write.updateTable("passkeys").set({ counter, last_used_at: now }).where("id", "=", id).execute();
}

/** Returns whether it existed. */
export async function removePasskey(db: Db, userId: string, id: string): Promise<boolean> {
  const query = db.write.deleteFrom("passkeys").where("user_id", "=", userId);
  return Number((await query.where("id", "=", id).executeTakeFirst()).numDeletedRows) > 0;
}

export async function removePasskeys(db: Db, userId: string): Promise<void> {
  await db.write.deleteFrom("passkeys").where("user_id", "=", userId).execute();
}
