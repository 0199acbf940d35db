// Lists of repositories: searching, filtering, and the numbers beside them.
import { sql } from "kysely";
import type { Db } from "../engine/database.ts";
import { countStale } from "./states.ts";
import type { RepositoryState } from "../schema.ts";

export type ShownState = RepositoryState | "stale";
export type RepositorySort = "name" | "fresh" | "packages";

type RepositorySearch = {
  /** Search terms: each must be in the name or the address. */
  terms: string[];
  state: ShownState | null;
  /** Repositories that were checked last before this time are stale. */
  staleBefore: number | null;
  sort: RepositorySort;
  descending: boolean;
};

/** One page of the repositories that match, each with its number of packages. */
export function searchRepositories(
  db: Db,
  organizationId: string,
  { search, limit, offset }: { search: RepositorySearch; limit: number; offset: number },
) {
  const direction = search.descending ? "desc" : "asc";
  const query = matching(db, organizationId, search)
    .selectAll("repositories")
    .select((e) =>
      e
        .selectFrom("packages")
        .select((p) => p.fn.countAll<number>().as("count"))
        .whereRef("packages.repository_id", "=", "repositories.id")
        .where("packages.removed_at", "is", null)
        .as("packages"),
    );
  const sorted =
    search.sort === "name"
      ? query.orderBy("repositories.name", direction)
      : search.sort === "fresh"
        ? // Never checked counts as the oldest.
          query.orderBy(sql`coalesce(last_proven_fresh_at, 0)`, direction).orderBy("repositories.name")
        : query.orderBy("packages", direction).orderBy("repositories.name");
  return sorted.limit(limit).offset(offset).execute();
}

/** How many match when the state is ignored, by state. */
export async function countRepositoriesByState(
  db: Db,
  organizationId: string,
  { terms, staleBefore }: Pick<RepositorySearch, "terms" | "staleBefore">,
): Promise<Record<ShownState, number>> {
  const rows = await matching(db, organizationId, { terms, state: null, staleBefore })
    .select((e) => ["state", e.fn.countAll<number>().as("count")])
    .select(countStale(staleBefore).as("stale"))
    .groupBy("state")
    .execute();
  const counts = { waiting: 0, syncing: 0, stale: 0, fresh: 0, failed: 0 };
  for (const { state, count, stale } of rows) {
    counts.stale += stale;
    counts[state] = count - stale;
  }
  return counts;
}

function matching(
  db: Db,
  organizationId: string,
  { terms, state, staleBefore }: Pick<RepositorySearch, "terms" | "state" | "staleBefore">,
) {
  let query = db.read.selectFrom("repositories").where("repositories.organization_id", "=", organizationId);
  if (state !== null) query = query.where("repositories.state", "=", state === "stale" ? "fresh" : state);
  if (state === "stale" || state === "fresh")
    query = query.where("last_proven_fresh_at", state === "stale" ? "<" : ">=", staleBefore ?? 0);
  for (const word of terms) {
    // "!" escapes on every engine; a backslash would be read differently by each.
    const pattern = `%${word.toLowerCase().replace(/[!%_]/g, "!$&")}%`;
    const holds = (column: "name" | "url") =>
      sql<boolean>`lower(${sql.ref(`repositories.${column}`)}) like ${pattern} escape '!'`;
    query = query.where((e) => e.or([holds("name"), holds("url")]));
  }
  return query;
}

/** What is lost with its packages: live versions, and downloads since that day (`2026-11-23`). */
export async function countLoss(
  db: Db,
  { organizationId, repositoryId }: { organizationId: string; repositoryId: string },
  fromDay: string,
): Promise<{ packages: string[]; versions: number; downloads: number }> {
  const packages = await db.read
    .selectFrom("packages")
    .select((e) => [
      "packages.name",
      e
        .selectFrom("versions")
        .select((v) => v.fn.countAll<number>().as("count"))
        .whereRef("versions.package_id", "=", "packages.id")
        .where("versions.removed_at", "is", null)
        .as("versions"),
      e
        .selectFrom("package_downloads")
        .select((d) => d.fn.sum<number>("count").as("sum"))
        .where("package_downloads.organization_id", "=", organizationId)
        .whereRef("package_downloads.package_name", "=", "packages.name")
        .where("package_downloads.day", ">=", fromDay)
        .as("downloads"),
    ])
    .where("packages.repository_id", "=", repositoryId)
    .where("packages.removed_at", "is", null)
    .orderBy("packages.name")
    .execute();
  const sum = (values: (number | null)[]) => values.reduce<number>((all, each) => all + (each ?? 0), 0);
  return {
    packages: packages.map(({ name }) => name),
    versions: sum(packages.map((each) => each.versions)),
    downloads: sum(packages.map((each) => each.downloads)),
  };
}
