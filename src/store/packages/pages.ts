// The data of a page about one package or version, without the other versions' manifests.
import type { Db } from "../engine/database.ts";
import type { VersionRow } from "../schema.ts";

export type PackageOfPage = NonNullable<Awaited<ReturnType<typeof findPackageOfPage>>>;

/** The package with its repository, if that still exists, and who deleted it. Also removed packages. */
export async function findPackageOfPage(db: Db, organizationId: string, name: string) {
  const row = await db.read
    .selectFrom("packages")
    .leftJoin("repositories", "repositories.id", "packages.repository_id")
    .leftJoin("users", "users.id", "packages.deleted_by")
    .selectAll("packages")
    .select([
      "users.name as deleted_by_name",
      "repositories.name as repository",
      "repositories.url as repository_url",
      "repositories.provider",
      "repositories.state as repository_state",
      "repositories.error as repository_error",
      "repositories.last_proven_fresh_at",
    ])
    .where("packages.organization_id", "=", organizationId)
    .where("packages.name", "=", name)
    .executeTakeFirst();
  return row ?? null;
}

export type VersionLine = Awaited<ReturnType<typeof listVersionLines>>[number];

/** All live versions, unsorted, without what only their own page shows. */
export function listVersionLines(db: Db, packageId: string) {
  return db.read
    .selectFrom("versions")
    .leftJoin("dists", "dists.id", "versions.dist_id")
    .select([
      "versions.id",
      "versions.version",
      "versions.version_normalized",
      "versions.stability",
      "versions.is_default_branch",
      "versions.reference",
      "versions.released_at",
      "dists.size_bytes",
    ])
    .where("versions.package_id", "=", packageId)
    .where("versions.removed_at", "is", null)
    .execute();
}

/** Deleted versions, the latest first. */
export function listDeletedVersions(db: Db, packageId: string) {
  return db.read
    .selectFrom("versions")
    .leftJoin("users", "users.id", "versions.deleted_by")
    .select([
      "versions.id",
      "versions.version",
      "versions.version_normalized",
      "versions.reference",
      "versions.deleted_at",
      "users.name as deleted_by_name",
    ])
    .where("versions.package_id", "=", packageId)
    .where("versions.deleted_at", "is not", null)
    .orderBy("versions.deleted_at", "desc")
    .limit(200)
    .execute();
}

export type FullVersion = VersionRow & {
  sha256: string | null;
  size_bytes: number | null;
  readme: string | null;
  deleted_by_name: string | null;
  /** Of the tag or branch that gives it; null once that is gone. */
  ref_name: string | null;
};

/** By the displayed name, or another spelling of the same version; also a deleted one. */
export async function findFullVersion(
  db: Db,
  packageId: string,
  { version, versionNormalized }: { version: string; versionNormalized: string | null },
): Promise<FullVersion | null> {
  const rows = await fullVersions(db)
    .where("versions.package_id", "=", packageId)
    .where((e) =>
      e.or([
        e("versions.version", "=", version),
        ...(versionNormalized === null ? [] : [e("versions.version_normalized", "=", versionNormalized)]),
      ]),
    )
    .where((e) => e.or([e("versions.removed_at", "is", null), e("versions.deleted_at", "is not", null)]))
    .execute();
  return rows.find((row) => row.version === version) ?? rows[0] ?? null;
}

export async function findFullVersionById(db: Db, id: string): Promise<FullVersion | null> {
  return (await fullVersions(db).where("versions.id", "=", id).executeTakeFirst()) ?? null;
}

/** Which of these names are live packages of the organization. */
export async function listLiveNames(db: Db, organizationId: string, names: string[]): Promise<Set<string>> {
  if (names.length === 0) return new Set();
  const rows = await db.read
    .selectFrom("packages")
    .select("name")
    .where("organization_id", "=", organizationId)
    .where("name", "in", names)
    .where("removed_at", "is", null)
    .execute();
  return new Set(rows.map((row) => row.name));
}

function fullVersions(db: Db) {
  return db.read
    .selectFrom("versions")
    .leftJoin("dists", "dists.id", "versions.dist_id")
    .leftJoin("readmes", "readmes.hash", "versions.readme_hash")
    .leftJoin("users", "users.id", "versions.deleted_by")
    .leftJoin("refs", "refs.version_id", "versions.id")
    .selectAll("versions")
    .select("refs.name as ref_name")
    .select(["dists.sha256", "dists.size_bytes", "readmes.html as readme", "users.name as deleted_by_name"]);
}
