// Users' identities at forges and identity providers.
import { insertNew, type Db } from "../engine/database.ts";
import type { IdentityRow } from "../schema.ts";

export type Identity = IdentityRow;

/** False when the identity, or another one of the same issuer, belongs to an account already. */
export async function addIdentity(db: Db, identity: Omit<IdentityRow, "id">): Promise<boolean> {
  const row = { id: Bun.randomUUIDv7(), ...identity };
  if (await findIdentityOf(db, row.user_id, row.issuer)) return false;
  return (await insertNew(db, "identities", row, ["issuer", "subject"])) === 1;
}

export async function findIdentity(db: Db, issuer: string, subject: string): Promise<Identity | null> {
  const query = db.read.selectFrom("identities").selectAll().where("issuer", "=", issuer);
  return (await query.where("subject", "=", subject).executeTakeFirst()) ?? null;
}

async function findIdentityOf(db: Db, userId: string, issuer: string): Promise<Identity | null> {
  const query = db.read.selectFrom("identities").selectAll().where("user_id", "=", userId);
  return (await query.where("issuer", "=", issuer).executeTakeFirst()) ?? null;
}

/** The oldest first. */
export function listIdentities(db: Db, userId: string): Promise<Identity[]> {
  return db.read.selectFrom("identities").selectAll().where("user_id", "=", userId).orderBy("id").execute();
}

export async function markIdentityUsed(
  db: Db,
  id: string,
  { login, now }: { login: string; now: number },
): Promise<void> {
  await db.write.updateTable("identities").set({ login, last_used_at: now }).where("id", "=", id).execute();
}

export async function removeIdentity(db: Db, userId: string, id: string): Promise<boolean> {
  const query = db.write.deleteFrom("identities").where("user_id", "=", userId);
  return Number((await query.where("id", "=", id).executeTakeFirst()).numDeletedRows) === 1;
}

export async function removeIdentities(db: Db, userId: string): Promise<void> {
  await db.write.deleteFrom("identities").where("user_id", "=", userId).execute();
}
