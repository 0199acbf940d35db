// Versions and their archives. A removed version keeps its row, so that its reference can never change.
import type { Db } from "../engine/database.ts";
import { upsert } from "../engine/database.ts";
import type { VersionRow } from "../schema.ts";

export type Version = VersionRow;
export type VersionWithDist = Version & {
  sha1: string | null;
  sha256: string | null;
  size_bytes: number | null;
};

/** Live versions with their archive, unsorted. */
export function listVersions(db: Db, packageId: string): Promise<VersionWithDist[]> {
  return db.read
    .selectFrom("versions")
    .leftJoin("dists", "dists.id", "versions.dist_id")
    .selectAll("versions")
    .select(["dists.sha1", "dists.sha256", "dists.size_bytes"])
    .where("versions.package_id", "=", packageId)
    .where("versions.removed_at", "is", null)
    .execute();
}

/** The columns that decide the order of versions, and nothing large. */
export type VersionHead = Pick<
  VersionRow,
  "id" | "version_normalized" | "stability" | "is_default_branch" | "version"
>;

/** The heads of live versions, unsorted. */
export function listVersionHeads(db: Db, packageId: string): Promise<VersionHead[]> {
  return db.read
    .selectFrom("versions")
    .select(["id", "version", "version_normalized", "stability", "is_default_branch"])
    .where("package_id", "=", packageId)
    .where("removed_at", "is", null)
    .execute();
}

/** The versions of `ids` with their archive, in the order of `ids`. */
export async function listVersionsById(db: Db, ids: string[]): Promise<VersionWithDist[]> {
  if (ids.length === 0) return [];
  const rows = await db.read
    .selectFrom("versions")
    .leftJoin("dists", "dists.id", "versions.dist_id")
    .selectAll("versions")
    .select(["dists.sha1", "dists.sha256", "dists.size_bytes"])
    .where("versions.id", "in", ids)
    .execute();
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** Also finds a removed one. */
export async function findVersion(
  db: Db,
  packageId: string,
  versionNormalized: string,
): Promise<Version | null> {
  const query = db.read.selectFrom("versions").selectAll().where("package_id", "=", packageId);
  return (await query.where("version_normalized", "=", versionNormalized).executeTakeFirst()) ?? null;
}

export async function findVersionById(db: Db, id: string): Promise<Version | null> {
  return (await db.read.selectFrom("versions").selectAll().where("id", "=", id).executeTakeFirst()) ?? null;
}

/** Live versions of a repository that have notes. */
export function listNotedVersions(
  db: Db,
  repositoryId: string,
): Promise<{ package: string; version: string; notes: string | null }[]> {
  return db.read
    .selectFrom("versions")
    .innerJoin("packages", "packages.id", "versions.package_id")
    .select(["packages.name as package", "versions.version", "versions.notes"])
    .where("packages.repository_id", "=", repositoryId)
    .where("versions.removed_at", "is", null)
    .where("versions.notes", "is not", null)
    .orderBy("packages.name")
    .orderBy("versions.version_normalized")
    .execute();
}

export async function putVersion(db: Db, row: VersionRow): Promise<void> {
  await upsert(db, "versions", row, {
    key: ["id"],
    update: [
      "version",
      "stability",
      "is_default_branch",
      "ref_kind",
      "reference",
      "dist_id",
      "manifest",
      "notes",
      "readme_hash",
      "released_at",
      "updated_at",
      "removed_at",
    ],
  });
}

export async function removeVersions(db: Db, ids: string[], now: number): Promise<void> {
  for (let at = 0; at < ids.length; at += 1000) {
    const query = db.write.updateTable("versions").set({ removed_at: now, updated_at: now });
    await query
      .where("id", "in", ids.slice(at, at + 1000))
      .where("removed_at", "is", null)
      .execute();
  }
}

/** Deletes versions for a person: they leave the documents, and no sync brings them back. */
export async function deleteVersions(
  db: Db,
  ids: string[],
  { by, now }: { by: string | null; now: number },
): Promise<void> {
  await removeVersions(db, ids, now);
  if (ids.length === 0) return;
  const query = db.write.updateTable("versions").set({ deleted_at: now, deleted_by: by });
  await query.where("id", "in", ids).execute();
}

export async function countDeletedVersions(db: Db, packageId: string): Promise<number> {
  const row = await db.read
    .selectFrom("versions")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("package_id", "=", packageId)
    .where("deleted_at", "is not", null)
    .executeTakeFirstOrThrow();
  return row.count;
}

/** Undoes a deletion: the next sync may publish the version again. */
export async function undeleteVersion(db: Db, id: string): Promise<void> {
  await db.write
    .updateTable("versions")
    .set({ deleted_at: null, deleted_by: null })
    .where("id", "=", id)
    .execute();
}

/** How many live versions the repository has published. */
export async function countVersionsOfRepository(db: Db, repositoryId: string): Promise<number> {
  const row = await db.read
    .selectFrom("versions")
    .innerJoin("packages", "packages.id", "versions.package_id")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("packages.repository_id", "=", repositoryId)
    .where("versions.removed_at", "is", null)
    .executeTakeFirstOrThrow();
  return row.count;
}

/** The existing versions of these packages, also removed ones, as `name version_normalized`. */
export async function listKnownVersions(
  db: Db,
  organizationId: string,
  names: string[],
): Promise<Set<string>> {
  if (names.length === 0) return new Set();
  const rows = await db.read
    .selectFrom("versions")
    .innerJoin("packages", "packages.id", "versions.package_id")
    .select(["packages.name", "versions.version_normalized"])
    .where("packages.organization_id", "=", organizationId)
    .where("packages.name", "in", names)
    .execute();
  return new Set(rows.map((row) => `${row.name} ${row.version_normalized}`));
}

/** Live versions of all packages of an organization. */
export async function countVersions(db: Db, organizationId: string): Promise<number> {
  const row = await db.read
    .selectFrom("packages")
    .select((e) => e.fn.sum<number | null>("version_count").as("count"))
    .where("organization_id", "=", organizationId)
    .where("removed_at", "is", null)
    .executeTakeFirstOrThrow();
  return row.count ?? 0;
}
