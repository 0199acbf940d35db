// Archives by package name and reference. They outlive versions, packages and repositories.
import { insertNew, type Db } from "./database.ts";
import type { DistRow } from "./schema.ts";

export type Dist = DistRow;

export async function findDist(
  db: Db,
  organizationId: string,
  { packageName, reference }: { packageName: string; reference: string },
): Promise<Dist | null> {
  const query = db.read.selectFrom("dists").selectAll().where("organization_id", "=", organizationId);
  const row = await query
    .where("package_name", "=", packageName)
    .where("reference", "=", reference)
    .executeTakeFirst();
  return row ?? null;
}

/** In an order that later ones are added to at its end; from the one after `after` on, "" for the first. */
export function listDistsAfter(db: Db, after: string, limit: number): Promise<Dist[]> {
  return db.read.selectFrom("dists").selectAll().where("id", ">", after).orderBy("id").limit(limit).execute();
}

/** Which of these archives any package refers to. */
export async function listReferredArchives(db: Db, sha256s: string[]): Promise<Set<string>> {
  if (sha256s.length === 0) return new Set();
  const rows = await db.read.selectFrom("dists").select("sha256").where("sha256", "in", sha256s).execute();
  return new Set(rows.map((row) => row.sha256));
}

/** The first archive of a reference stays for ever; the one that is kept comes back. */
export async function addDist(db: Db, row: DistRow): Promise<Dist> {
  await insertNew(db, "dists", row, ["organization_id", "package_name", "reference"]);
  const kept = { packageName: row.package_name, reference: row.reference };
  return (await findDist(db, row.organization_id, kept)) ?? row;
}
