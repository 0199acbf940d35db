import { sql } from "kysely";
import { notFound } from "../../errors.ts";
import { holdsWord, type Db } from "../engine/database.ts";
import type { PackageRow } from "../schema.ts";

export type Package = PackageRow;

export async function addPackage(
  db: Db,
  owner: Pick<PackageRow, "organization_id" | "name" | "repository_id" | "type" | "created_at">,
): Promise<Package> {
  const row: Package = {
    ...owner,
    id: Bun.randomUUIDv7(),
    description: null,
    latest: null,
    abandoned: null,
    renamed_to: null,
    updated_at: owner.created_at,
    removed_at: null,
    deleted_at: null,
    deleted_by: null,
    recent_downloads: 0,
    version_count: 0,
    left_out: 0,
  };
  await db.write.insertInto("packages").values(row).execute();
  return row;
}

/** Also finds a removed one, whose row keeps the name's history. */
export async function findPackage(db: Db, organizationId: string, name: string): Promise<Package | null> {
  const query = db.read.selectFrom("packages").selectAll().where("organization_id", "=", organizationId);
  return (await query.where("name", "=", name).executeTakeFirst()) ?? null;
}

/** Also finds a removed one. */
export async function getPackageById(db: Db, organizationId: string, id: string): Promise<Package> {
  const query = db.read.selectFrom("packages").selectAll().where("organization_id", "=", organizationId);
  const row = await query.where("id", "=", id).executeTakeFirst();
  if (!row) throw notFound("There is no such package.");
  return row;
}

/** Fails as `notFound` for a removed one too. */
export async function getPackage(db: Db, organizationId: string, name: string): Promise<Package> {
  const found = await findPackage(db, organizationId, name);
  if (!found || found.removed_at !== null)
    throw notFound(`There is no package "${name}".`, {
      remedy: { do: "list", what: "packages", organization: null },
    });
  return found;
}

export async function listPackageNames(db: Db, organizationId: string): Promise<string[]> {
  const rows = await live(db, organizationId).select("name").orderBy("name").execute();
  return rows.map((row) => row.name);
}

export type Summary = Pick<Package, "name" | "description" | "type" | "abandoned">;

/** Live packages that provide or replace a name, for Composer's hint about a name that nobody has. */
export function listProviders(db: Db, organizationId: string, provided: string): Promise<Summary[]> {
  return live(db, organizationId)
    .innerJoin("provided", "provided.package_id", "packages.id")
    .where("provided.organization_id", "=", organizationId)
    .where("provided.provided", "=", provided)
    .select(["name", "description", "type", "abandoned"])
    .orderBy("name")
    .execute();
}

/** Every term must be in the name or the description, in any case. */
export function searchPackages(
  db: Db,
  organizationId: string,
  { terms, type, limit }: { terms: string[]; type: string | null; limit: number },
): Promise<Summary[]> {
  let query = live(db, organizationId).select(["name", "description", "type", "abandoned"]);
  if (type !== null) query = query.where("type", "=", type);
  for (const word of terms)
    query = query.where((e) =>
      e.or([holdsWord("packages.name", word), holdsWord("packages.description", word)]),
    );
  return query.orderBy("name").limit(limit).execute();
}

/** All packages, or the one of that name, with live versions, downloads, and the repository's name. */
export function listPackages(db: Db, organizationId: string, name?: string) {
  const packages = live(db, organizationId);
  return (name === undefined ? packages : packages.where("packages.name", "=", name))
    .leftJoin("repositories", "repositories.id", "packages.repository_id")
    .select((e) => [
      "packages.id",
      "packages.name",
      "packages.type",
      "packages.latest",
      "repositories.name as repository",
      "repositories.state as repository_state",
      "repositories.last_proven_fresh_at",
      e
        .selectFrom("versions")
        .select((v) => v.fn.countAll<number>().as("count"))
        .whereRef("versions.package_id", "=", "packages.id")
        .where("versions.removed_at", "is", null)
        .as("versions"),
      e
        .selectFrom("downloads")
        .select((d) => d.fn.sum<number>("count").as("sum"))
        .whereRef("downloads.organization_id", "=", "packages.organization_id")
        .whereRef("downloads.package_name", "=", "packages.name")
        .as("downloads"),
    ])
    .orderBy("packages.name")
    .execute();
}

/** Also removed packages: their (empty) documents count as well. */
export function listPackagesOfOrganization(db: Db, organizationId: string): Promise<Package[]> {
  const query = db.read.selectFrom("packages").selectAll().where("organization_id", "=", organizationId);
  return query.orderBy("name").execute();
}

/** The number of versions that are left out of its packages' documents. */
export async function countLeftOut(db: Db, repositoryId: string): Promise<number> {
  const row = await db.read
    .selectFrom("packages")
    .select((e) => e.fn.sum<number>("left_out").as("sum"))
    .where("repository_id", "=", repositoryId)
    .executeTakeFirst();
  return row?.sum ?? 0;
}

/** All packages that the repository holds, also removed ones. */
export function listPackagesOfRepository(db: Db, repositoryId: string): Promise<Package[]> {
  return db.read.selectFrom("packages").selectAll().where("repository_id", "=", repositoryId).execute();
}

/** Live packages of several repositories, by the id of the repository. */
export async function listPackagesByRepository(
  db: Db,
  repositoryIds: string[],
): Promise<Map<string | null, Package[]>> {
  if (repositoryIds.length === 0) return new Map();
  const query = db.read.selectFrom("packages").selectAll().where("repository_id", "in", repositoryIds);
  const rows = await query.where("removed_at", "is", null).orderBy("name").execute();
  return Map.groupBy(rows, ({ repository_id: id }) => id);
}

export async function updatePackage(db: Db, id: string, change: Partial<PackageRow>): Promise<void> {
  await db.write.updateTable("packages").set(change).where("id", "=", id).execute();
}

/** Replaces the names that the package provides or replaces. */
export async function setProvided(
  db: Db,
  { organizationId, packageId }: { organizationId: string; packageId: string },
  names: string[],
): Promise<void> {
  const known = await db.read
    .selectFrom("provided")
    .select("provided")
    .where("package_id", "=", packageId)
    .execute();
  const before = known.map((row) => row.provided).toSorted();
  if (before.join() === names.toSorted().join()) return;
  await db.write.deleteFrom("provided").where("package_id", "=", packageId).execute();
  const rows = names.map((provided) => ({
    organization_id: organizationId,
    provided,
    package_id: packageId,
  }));
  for (let at = 0; at < rows.length; at += 1000)
    await db.write
      .insertInto("provided")
      .values(rows.slice(at, at + 1000))
      .execute();
}

/** The package that was published or changed last; null while there is none. */
export async function findNewestPackageName(db: Db, organizationId: string): Promise<string | null> {
  const newest = live(db, organizationId).select("name").where("latest", "is not", null);
  return (await newest.orderBy("updated_at", "desc").limit(1).executeTakeFirst())?.name ?? null;
}

function live(db: Db, organizationId: string) {
  return db.read
    .selectFrom("packages")
    .where("packages.organization_id", "=", organizationId)
    .where("packages.removed_at", "is", null);
}

/** How many live packages of the organization each of its vendors has. */
export async function countPackagesOfVendors(
  db: Db,
  organizationId: string,
  vendors: string[],
): Promise<Map<string, number>> {
  if (vendors.length === 0) return new Map();
  const rows = await db.read
    .selectFrom("vendors")
    .innerJoin("packages", (join) =>
      join
        .onRef("packages.organization_id", "=", "vendors.organization_id")
        .on("packages.removed_at", "is", null)
        // From "acme/" to before "acme0", which comes next after the slash: an index finds it.
        .on(sql<boolean>`packages.name > ${joined(db, "/")} and packages.name < ${joined(db, "0")}`),
    )
    .select((e) => ["vendors.vendor", e.fn.countAll<number>().as("count")])
    .where("vendors.organization_id", "=", organizationId)
    .where("vendors.vendor", "in", vendors)
    .groupBy("vendors.vendor")
    .execute();
  return new Map(rows.map(({ vendor, count }) => [vendor, count]));
}

function joined(db: Db, ending: string) {
  return db.engine === "mysql"
    ? sql`concat(vendors.vendor, ${sql.lit(ending)})`
    : sql`vendors.vendor || ${sql.lit(ending)}`;
}
