import { insertNew, type Db } from "../engine/database.ts";

/** Makes the organization the owner of a vendor; returns false when it was already. */
export async function addVendor(
  db: Db,
  organizationId: string,
  { vendor, now }: { vendor: string; now: number },
): Promise<boolean> {
  const row = { organization_id: organizationId, vendor, created_at: now };
  return (await insertNew(db, "vendors", row, ["organization_id", "vendor"])) > 0;
}

/** Returns whether there was such a vendor. */
export async function removeVendor(db: Db, organizationId: string, vendor: string): Promise<boolean> {
  const query = db.write.deleteFrom("vendors").where("organization_id", "=", organizationId);
  const { numDeletedRows } = await query.where("vendor", "=", vendor).executeTakeFirst();
  return Number(numDeletedRows) > 0;
}

export async function listVendors(db: Db, organizationId: string): Promise<string[]> {
  const rows = await db.read
    .selectFrom("vendors")
    .select("vendor")
    .where("organization_id", "=", organizationId)
    .orderBy("vendor")
    .execute();
  return rows.map((row) => row.vendor);
}

export async function ownsVendor(db: Db, organizationId: string, vendor: string): Promise<boolean> {
  const row = await db.read
    .selectFrom("vendors")
    .select("vendor")
    .where("organization_id", "=", organizationId)
    .where("vendor", "=", vendor)
    .executeTakeFirst();
  return row !== undefined;
}
