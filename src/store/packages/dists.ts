// Archives by package name and reference. They outlive versions, packages and repositories.
import { insertNew, type Db } from "../engine/database.ts";
import type { DistRow } from "../schema.ts";

export type Dist = DistRow;

type DistKey = { packageName: string; reference: string };

/** Served archives of commits whose id starts with this, at most two: more than one is ambiguous. */
export function listDistsByPrefix(
  db: Db,
  organizationId: string,
  { packageName, prefix }: { packageName: string; prefix: string },
): Promise<Dist[]> {
  const query = db.read.selectFrom("dists").selectAll().where("organization_id", "=", organizationId);
  return (
    query
      .where("package_name", "=", packageName)
      .where("reference", ">=", prefix)
      // "g" comes after every hex digit: the range is one that the index finds.
      .where("reference", "<", `${prefix}g`)
      .where("deleted_at", "is", null)
      .limit(2)
      .execute()
  );
}

/** The served archive; null for one that a person deleted. */
export async function findDist(db: Db, organizationId: string, key: DistKey): Promise<Dist | null> {
  const dist = await findKeptDist(db, organizationId, key);
  return dist?.deleted_at === null ? dist : null;
}

/** Also finds a deleted one, whose row has the checksum of the reference's bytes. */
export async function findKeptDist(
  db: Db,
  organizationId: string,
  { packageName, reference }: DistKey,
): Promise<Dist | null> {
  const query = db.read.selectFrom("dists").selectAll().where("organization_id", "=", organizationId);
  const row = await query
    .where("package_name", "=", packageName)
    .where("reference", "=", reference)
    .executeTakeFirst();
  return row ?? null;
}

/**
 * Those that are served, in an order that later ones are added to at its end; the ones after the id `after`, "" for
 * the first.
 */
export function listDistsAfter(db: Db, after: string, limit: number): Promise<Dist[]> {
  const query = db.read.selectFrom("dists").selectAll().where("deleted_at", "is", null);
  return query.where("id", ">", after).orderBy("id").limit(limit).execute();
}

/** The archives among these that a package refers to; deleted ones are not referred to any more. */
export async function listReferredArchives(db: Db, sha256s: string[]): Promise<Set<string>> {
  if (sha256s.length === 0) return new Set();
  const query = db.read.selectFrom("dists").select("sha256").where("sha256", "in", sha256s);
  const rows = await query.where("deleted_at", "is", null).execute();
  return new Set(rows.map((row) => row.sha256));
}

/** Adds the archive unless the reference has one, and returns the stored one, undeleted. */
export async function addDist(db: Db, row: DistRow): Promise<Dist> {
  await insertNew(db, "dists", row, ["organization_id", "package_name", "reference"]);
  const stored = await findKeptDist(db, row.organization_id, {
    packageName: row.package_name,
    reference: row.reference,
  });
  if (stored && stored.deleted_at !== null)
    await db.write.updateTable("dists").set({ deleted_at: null }).where("id", "=", stored.id).execute();
  return stored ? { ...stored, deleted_at: null } : row;
}

/** Stops serving those of these archives that no live version has; the next sweep removes their bytes. */
export async function deleteUnusedDists(db: Db, ids: string[], now: number): Promise<void> {
  if (ids.length === 0) return;
  const used = await db.read
    .selectFrom("versions")
    .select("dist_id")
    .where("dist_id", "in", ids)
    .where("removed_at", "is", null)
    .execute();
  const inUse = new Set(used.map((row) => row.dist_id));
  const unused = ids.filter((id) => !inUse.has(id));
  if (unused.length === 0) return;
  await db.write.updateTable("dists").set({ deleted_at: now }).where("id", "in", unused).execute();
}
