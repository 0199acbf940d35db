// The list of an organization's packages: a page of it, how many there are, and what it can be filtered by.
import { sql } from "kysely";
import type { Db } from "../engine/database.ts";

export type PackageState = "abandoned" | "renamed" | "failed" | "deleted";
export type PackageFilter = {
  /** Every term must be in the name or the description, in any case. */
  terms: string[];
  type: string | null;
  /** The repository's name. */
  repository: string | null;
  state: PackageState | null;
};
export type PackageOrder = "name" | "updated" | "downloads";

export type ListedPackage = Awaited<ReturnType<typeof listPackagePage>>[number];

export async function listPackagePage(
  db: Db,
  organizationId: string,
  options: { filter: PackageFilter; order: PackageOrder; limit: number; offset: number },
) {
  const { filter, order, limit, offset } = options;
  const matching = filtered(db, organizationId, filter)
    .leftJoin("repositories", "repositories.id", "packages.repository_id")
    .select([
      "packages.id",
      "packages.name",
      "packages.type",
      "packages.description",
      "packages.latest",
      "packages.abandoned",
      "packages.renamed_to",
      "packages.updated_at",
      "packages.removed_at",
      "repositories.name as repository",
      "repositories.provider",
      "repositories.state",
      "repositories.last_proven_fresh_at",
    ]);
  const ordered =
    order === "name"
      ? matching
      : order === "updated"
        ? matching.orderBy("packages.updated_at", "desc")
        : matching.orderBy("packages.recent_downloads", "desc");
  return ordered.orderBy("packages.name").limit(limit).offset(offset).execute();
}

export async function countPackages(db: Db, organizationId: string, filter: PackageFilter): Promise<number> {
  const row = await filtered(db, organizationId, filter)
    .select((e) => e.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return row.count;
}

/** The types that live packages have, with how many have each. */
export async function listPackageTypes(
  db: Db,
  organizationId: string,
): Promise<{ type: string; count: number }[]> {
  return db.read
    .selectFrom("packages")
    .select((e) => ["type", e.fn.countAll<number>().as("count")])
    .where("organization_id", "=", organizationId)
    .where("removed_at", "is", null)
    .groupBy("type")
    .orderBy("type")
    .execute();
}

/** Sorted by name, at most `limit`. */
export async function listRepositoryNames(db: Db, organizationId: string, limit: number): Promise<string[]> {
  const rows = await db.read
    .selectFrom("repositories")
    .select("name")
    .where("organization_id", "=", organizationId)
    .orderBy("name")
    .limit(limit)
    .execute();
  return rows.map((row) => row.name);
}

function filtered(db: Db, organizationId: string, { terms, type, repository, state }: PackageFilter) {
  let query = db.read.selectFrom("packages").where("packages.organization_id", "=", organizationId);
  // Not joined, so that a count need not look up each row.
  const within = (column: "name" | "state", value: string) =>
    db.read
      .selectFrom("repositories")
      .select("repositories.id")
      .where("repositories.organization_id", "=", organizationId)
      .where(`repositories.${column}`, "=", value as never);
  query =
    state === "deleted"
      ? query
          .where("packages.removed_at", "is not", null)
          .where((e) =>
            e.or([
              e("packages.deleted_at", "is not", null),
              e.exists(
                e
                  .selectFrom("versions")
                  .select("versions.id")
                  .whereRef("versions.package_id", "=", "packages.id")
                  .where("versions.deleted_at", "is not", null),
              ),
            ]),
          )
      : query.where("packages.removed_at", "is", null);
  if (type !== null) query = query.where("packages.type", "=", type);
  if (repository !== null) query = query.where("packages.repository_id", "in", within("name", repository));
  if (state === "abandoned") query = query.where("packages.abandoned", "is not", null);
  if (state === "renamed") query = query.where("packages.renamed_to", "is not", null);
  if (state === "failed") query = query.where("packages.repository_id", "in", within("state", "failed"));
  for (const word of terms) {
    // "!" escapes on every engine; a backslash would be read differently by each.
    const pattern = `%${word.toLowerCase().replace(/[!%_]/g, "!$&")}%`;
    const holds = (column: "name" | "description") =>
      sql<boolean>`lower(${sql.ref(`packages.${column}`)}) like ${pattern} escape '!'`;
    query = query.where((e) => e.or([holds("name"), holds("description")]));
  }
  return query;
}
