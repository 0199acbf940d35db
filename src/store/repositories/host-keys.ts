// Pinned SSH host keys, per organization and `host:port`.
import { insertNew, type Db } from "../engine/database.ts";

export async function findHostKey(db: Db, organizationId: string, host: string): Promise<string | null> {
  const query = db.read.selectFrom("host_keys").select("host_key");
  const row = await query
    .where("organization_id", "=", organizationId)
    .where("host", "=", host)
    .executeTakeFirst();
  return row?.host_key ?? null;
}

/** The next key that the host shows is pinned instead. */
export async function removeHostKey(db: Db, organizationId: string, host: string): Promise<void> {
  const query = db.write.deleteFrom("host_keys").where("organization_id", "=", organizationId);
  await query.where("host", "=", host).execute();
}

/** Pins the first key: a later one never replaces it. */
export async function pinHostKey(
  db: Db,
  organizationId: string,
  { host, hostKey, now }: { host: string; hostKey: string; now: number },
): Promise<void> {
  const row = { organization_id: organizationId, host, host_key: hostKey, created_at: now };
  await insertNew(db, "host_keys", row, ["organization_id", "host"]);
}
