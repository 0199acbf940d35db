// What the newest version of each package requires, stored so that "who requires this?" reads no manifest.
import type { Db } from "../engine/database.ts";
import type { DependencyRow } from "../schema.ts";

export type Dependency = Pick<DependencyRow, "requires" | "is_dev" | "version_constraint">;

/** Replaces what the package requires; writes nothing when it is unchanged. */
export async function setDependencies(
  db: Db,
  { organizationId, packageId, name }: { organizationId: string; packageId: string; name: string },
  dependencies: Dependency[],
): Promise<void> {
  const known = await db.read
    .selectFrom("dependencies")
    .select(["requires", "is_dev", "version_constraint"])
    .where("package_id", "=", packageId)
    .execute();
  if (signatureOf(known) === signatureOf(dependencies)) return;
  await db.write.deleteFrom("dependencies").where("package_id", "=", packageId).execute();
  const owner = { organization_id: organizationId, package_id: packageId, package_name: name };
  for (let at = 0; at < dependencies.length; at += 1000)
    await db.write
      .insertInto("dependencies")
      .values(dependencies.slice(at, at + 1000).map((each) => ({ ...owner, ...each })))
      .execute();
}

export type Dependent = { name: string; latest: string | null; constraint: string; isDev: boolean };

/** Packages whose newest version requires the name, those that need it at run time first, then by name. */
export async function listDependents(
  db: Db,
  organizationId: string,
  { requires, limit, offset = 0 }: { requires: string; limit: number; offset?: number },
): Promise<Dependent[]> {
  const rows = await dependents(db, organizationId, requires)
    .innerJoin("packages", "packages.id", "dependencies.package_id")
    .select(["package_name", "packages.latest", "version_constraint", "is_dev"])
    .orderBy("is_dev")
    .orderBy("package_name")
    .limit(limit)
    .offset(offset)
    .execute();
  return rows.map((row) => ({
    name: row.package_name,
    latest: row.latest,
    constraint: row.version_constraint,
    isDev: row.is_dev === 1,
  }));
}

export async function countDependents(
  db: Db,
  organizationId: string,
  requires: string,
): Promise<{ run: number; dev: number }> {
  const rows = await dependents(db, organizationId, requires)
    .select((e) => ["is_dev", e.fn.countAll<number>().as("count")])
    .groupBy("is_dev")
    .execute();
  const countOf = (isDev: number) => rows.find((row) => row.is_dev === isDev)?.count ?? 0;
  return { run: countOf(0), dev: countOf(1) };
}

const maxUnmet = 200;

/**
 * Of these vendors, what packages require to run and neither is here nor provided or replaced; by name, 200 at most.
 */
export async function listUnmetRequirements(
  db: Db,
  organizationId: string,
  { vendors, requiredBy }: { vendors: string[]; requiredBy?: string | undefined },
): Promise<Pick<DependencyRow, "requires" | "package_name">[]> {
  if (vendors.length === 0) return [];
  let query = db.read
    .selectFrom("dependencies as d")
    .leftJoin("packages as p", (join) =>
      join
        .onRef("p.organization_id", "=", "d.organization_id")
        .onRef("p.name", "=", "d.requires")
        .on("p.removed_at", "is", null),
    )
    .leftJoin("provided", (join) =>
      join
        .onRef("provided.organization_id", "=", "d.organization_id")
        .onRef("provided.provided", "=", "d.requires"),
    )
    .select(["d.requires", "d.package_name"])
    .where("d.organization_id", "=", organizationId)
    .where("d.is_dev", "=", 0)
    .where("p.id", "is", null)
    .where("provided.package_id", "is", null)
    .where((e) => e.or(vendors.map((vendor) => e("d.requires", "like", `${vendor}/%`))));
  if (requiredBy !== undefined) query = query.where("d.package_name", "=", requiredBy);
  return query.orderBy("d.requires").orderBy("d.package_name").limit(maxUnmet).execute();
}

/** A package without versions requires nothing, so none that was removed is among them. */
function dependents(db: Db, organizationId: string, requires: string) {
  return db.read
    .selectFrom("dependencies")
    .where("dependencies.organization_id", "=", organizationId)
    .where("requires", "=", requires);
}

function signatureOf(dependencies: Dependency[]): string {
  const lines = dependencies.map((each) =>
    JSON.stringify([each.requires, each.is_dev, each.version_constraint]),
  );
  return lines.toSorted().join("\n");
}
