// Downloads of packages and of their versions by day, for charts. Days are `2026-11-23`, UTC.
import type { Db } from "../engine/database.ts";

export type Days = Map<string, number>;

/** Downloads of each of these packages from `since` on; packages and days without any are left out. */
export async function listPackageDays(
  db: Db,
  organizationId: string,
  { names, since }: { names: string[]; since: string },
): Promise<Map<string, Days>> {
  const found = new Map<string, Days>();
  if (names.length === 0) return found;
  const rows = await db.read
    .selectFrom("package_downloads")
    .select(["package_name", "day", "count"])
    .where("organization_id", "=", organizationId)
    .where("package_name", "in", names)
    .where("day", ">=", since)
    .execute();
  for (const { package_name, day, count } of rows) {
    const days = found.get(package_name) ?? new Map<string, number>();
    found.set(package_name, days.set(day, count));
  }
  return found;
}

/** Downloads of one version from `since` on. */
export async function listVersionDays(
  db: Db,
  organizationId: string,
  { name, versionNormalized, since }: { name: string; versionNormalized: string; since: string },
): Promise<Days> {
  const rows = await db.read
    .selectFrom("downloads")
    .select(["day", "count"])
    .where("organization_id", "=", organizationId)
    .where("package_name", "=", name)
    .where("version_normalized", "=", versionNormalized)
    .where("day", ">=", since)
    .execute();
  return new Map(rows.map(({ day, count }) => [day, count]));
}

/** The sum of each version of a package from `since` on. */
export async function sumVersionDownloads(
  db: Db,
  organizationId: string,
  { name, since }: { name: string; since: string },
): Promise<Map<string, number>> {
  const rows = await db.read
    .selectFrom("downloads")
    .select((e) => ["version_normalized", e.fn.sum<number>("count").as("count")])
    .where("organization_id", "=", organizationId)
    .where("package_name", "=", name)
    .where("day", ">=", since)
    .groupBy("version_normalized")
    .execute();
  return new Map(rows.map((row) => [row.version_normalized, row.count]));
}

/** The tokens that installed it in the last minutes; older installs are stored without their token. */
export async function listRecentInstallers(
  db: Db,
  organizationId: string,
  { name, versionNormalized }: { name: string; versionNormalized: string | null },
): Promise<string[]> {
  let query = db.read
    .selectFrom("installs")
    .innerJoin("tokens", "tokens.id", "installs.token_id")
    .select("tokens.name")
    .distinct()
    .where("installs.organization_id", "=", organizationId)
    .where("package_name", "=", name);
  if (versionNormalized !== null) query = query.where("version_normalized", "=", versionNormalized);
  const rows = await query.orderBy("tokens.name").limit(20).execute();
  return rows.map((row) => row.name);
}
