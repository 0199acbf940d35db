// Installs as clients report them, and their sums per day: of a version, a package, an organization. One token counts
// a version once a minute.
import { sql } from "kysely";
import { insertNew, upsert, type Db } from "./database.ts";
import type { InstallRow } from "./schema.ts";

/** Durable at once; counted later by `countInstalls`. */
export async function addInstalls(db: Db, rows: Omit<InstallRow, "counted">[]): Promise<void> {
  if (rows.length === 0) return;
  const uncounted = rows.map((row) => ({ ...row, counted: 0 as const }));
  await insertNew(db, "installs", uncounted, [
    "organization_id",
    "package_name",
    "version_normalized",
    "token_id",
    "minute",
  ]);
}

/**
 * Adds what is not counted yet to the sums and forgets what is older than `keepMs`. Belongs in a transaction:
 * either all of it happened or nothing. Answers how many were counted.
 */
export async function countInstalls(
  db: Db,
  { now, keepMs }: { now: number; keepMs: number },
): Promise<number> {
  const rows = await db.read
    .selectFrom("installs")
    .selectAll()
    .where("counted", "=", 0)
    .limit(5000)
    .execute();
  const counted = rows.map((row) => ({ ...row, day: dayOf(row.minute) }));
  await addSums(db, "downloads", ["organization_id", "package_name", "version_normalized", "day"], counted);
  await addSums(db, "package_downloads", ["organization_id", "package_name", "day"], counted);
  await addSums(db, "organization_downloads", ["organization_id", "day"], counted);
  await addRecent(db, counted);
  for (const row of rows)
    await db.write
      .updateTable("installs")
      .set({ counted: 1 })
      .where("organization_id", "=", row.organization_id)
      .where("package_name", "=", row.package_name)
      .where("version_normalized", "=", row.version_normalized)
      .where("token_id", "=", row.token_id)
      .where("minute", "=", row.minute)
      .execute();
  const old = db.write.deleteFrom("installs").where("counted", "=", 1);
  await old.where("minute", "<", Math.floor((now - keepMs) / 60_000)).execute();
  return rows.length;
}

type Counted = Pick<InstallRow, "organization_id" | "package_name" | "version_normalized"> & { day: string };

/** Adds how many rows share each key to the sum that the table keeps under it. */
async function addSums(
  db: Db,
  table: "downloads" | "package_downloads" | "organization_downloads",
  key: (keyof Counted)[],
  rows: Counted[],
): Promise<void> {
  const groups = Map.groupBy(rows, (row) => JSON.stringify(key.map((column) => row[column])));
  for (const group of groups.values()) {
    const [first] = group;
    const sum = {
      ...Object.fromEntries(key.map((column) => [column, first?.[column]])),
      count: group.length,
    };
    await upsert(db, table, sum as never, {
      key: key as never,
      update: { count: sql`${sql.ref(`${table}.count`)} + ${group.length}` } as never,
    });
  }
}

async function addRecent(db: Db, rows: Counted[]): Promise<void> {
  const groups = Map.groupBy(rows, (row) => JSON.stringify([row.organization_id, row.package_name]));
  for (const [first, ...others] of groups.values())
    if (first)
      await db.write
        .updateTable("packages")
        .set((e) => ({ recent_downloads: e("recent_downloads", "+", others.length + 1) }))
        .where("organization_id", "=", first.organization_id)
        .where("name", "=", first.package_name)
        .execute();
}

/** What packages are ordered by: their downloads from the day `since` on. */
export async function recountRecentDownloads(db: Db, since: string): Promise<void> {
  await db.write
    .updateTable("packages")
    .set((e) => ({
      recent_downloads: e.fn.coalesce(
        e
          .selectFrom("package_downloads")
          .select((d) => d.fn.sum<number>("count").as("sum"))
          .whereRef("package_downloads.organization_id", "=", "packages.organization_id")
          .whereRef("package_downloads.package_name", "=", "packages.name")
          .where("day", ">=", since),
        e.lit(0),
      ),
    }))
    .execute();
}

/** All downloads of a package by normalized version. */
export async function listDownloads(
  db: Db,
  organizationId: string,
  packageName: string,
): Promise<Map<string, number>> {
  const rows = await db.read
    .selectFrom("downloads")
    .select((e) => ["version_normalized", e.fn.sum<number>("count").as("count")])
    .where("organization_id", "=", organizationId)
    .where("package_name", "=", packageName)
    .groupBy("version_normalized")
    .execute();
  return new Map(rows.map((row) => [row.version_normalized, Number(row.count)]));
}

/** Downloads of an organization by day (`2026-11-23`), from that day on; days without any are left out. */
export async function listOrganizationDownloads(
  db: Db,
  organizationId: string,
  fromDay: string,
): Promise<Map<string, number>> {
  const rows = await db.read
    .selectFrom("organization_downloads")
    .select(["day", "count"])
    .where("organization_id", "=", organizationId)
    .where("day", ">=", fromDay)
    .execute();
  return new Map(rows.map(({ day, count }) => [day, Number(count)]));
}

export async function hasDownloads(db: Db, organizationId: string): Promise<boolean> {
  const query = db.read.selectFrom("organization_downloads").select("day");
  const row = await query.where("organization_id", "=", organizationId).limit(1).executeTakeFirst();
  return row !== undefined;
}

function dayOf(minute: number): string {
  return new Date(minute * 60_000).toISOString().slice(0, 10);
}

/** Whether any client has ever told of an install, counted yet or not. */
export async function hasInstalls(db: Db, organizationId: string): Promise<boolean> {
  for (const table of ["installs", "downloads"] as const) {
    const query = db.read
      .selectFrom(table)
      .select("package_name")
      .where("organization_id", "=", organizationId);
    if (await query.limit(1).executeTakeFirst()) return true;
  }
  return false;
}
