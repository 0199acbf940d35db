import type { Db } from "./database.ts";
import type { CredentialRow } from "./schema.ts";

/** `secret` arrives sealed; the id is made before, since it is part of the seal. */
export async function addCredential(db: Db, row: CredentialRow): Promise<void> {
  await db.write.insertInto("credentials").values(row).execute();
}

export async function findCredential(
  db: Db,
  organizationId: string,
  id: string,
): Promise<CredentialRow | null> {
  const query = db.read.selectFrom("credentials").selectAll().where("organization_id", "=", organizationId);
  return (await query.where("id", "=", id).executeTakeFirst()) ?? null;
}

export async function removeCredential(db: Db, organizationId: string, id: string): Promise<void> {
  const query = db.write.deleteFrom("credentials").where("organization_id", "=", organizationId);
  await query.where("id", "=", id).execute();
}
