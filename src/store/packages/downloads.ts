// Installs as clients report them, and their sums per day: of a version, a package, an organization. Those of one
// token, version and minute share a row that counts them, so that a flood of reports grows no table.
import { sql } from "kysely";
import { incoming, upsert, type Db } from "../engine/database.ts";
import type { InstallRow } from "../schema.ts";

export type Install = Omit<InstallRow, "uncounted">;

const installKey = [
  "organization_id",
  "package_name",
  "version_normalized",
  "token_id",
  "minute",
] as const satisfies (keyof Install)[];

/** Each row is one install. Durable at once; added to the sums later by `countInstalls`. */
export async function addInstalls(db: Db, rows: Install[]): Promise<void> {
  const groups = Map.groupBy(rows, keyOf);
  const sums = inOrder([...groups.values()].flatMap(([first]) => first ?? [])).map((row) => ({
    ...row,
    uncounted: groups.get(keyOf(row))?.length ?? 0,
  }));
  await upsert(db, "installs", sums, {
    key: [...installKey],
    update: { uncounted: sql`installs.uncounted + ${incoming(db, "uncounted")}` },
  });
}

function keyOf(row: Install): string {
  return JSON.stringify(installKey.map((column) => row[column]));
}

/** One order for all processes that write several rows, so that no two wait for each other. */
function inOrder<Row extends Install>(rows: Row[]): Row[] {
  return rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/**
 * Adds what is not counted yet to the sums and forgets what is older than `keepMs`. Belongs in a transaction:
 * either everything is written or nothing. Returns how many were counted.
 */
export async function countInstalls(
  db: Db,
  { now, keepMs }: { now: number; keepMs: number },
): Promise<number> {
  const counted = await claimUncounted(db);
  await addSums(db, "downloads", ["organization_id", "package_name", "version_normalized", "day"], counted);
  await addSums(db, "package_downloads", ["organization_id", "package_name", "day"], counted);
  await addSums(db, "organization_downloads", ["organization_id", "day"], counted);
  await addRecent(db, counted);
  const old = db.write.deleteFrom("installs").where("uncounted", "=", 0);
  await old.where("minute", "<", Math.floor((now - keepMs) / 60_000)).execute();
  return installsIn(counted);
}

/** Installs reported meanwhile stay for the next round, and none is claimed by two processes. */
async function claimUncounted(db: Db): Promise<Counted[]> {
  const query = db.read.selectFrom("installs").selectAll().where("uncounted", ">", 0);
  const claimed: Counted[] = [];
  for (const row of inOrder(await query.limit(5000).execute())) {
    const { uncounted } = row;
    const { numUpdatedRows } = await db.write
      .updateTable("installs")
      .set((e) => ({ uncounted: e("uncounted", "-", uncounted) }))
      .where("organization_id", "=", row.organization_id)
      .where("package_name", "=", row.package_name)
      .where("version_normalized", "=", row.version_normalized)
      .where("token_id", "=", row.token_id)
      .where("minute", "=", row.minute)
      .where("uncounted", ">=", uncounted)
      .executeTakeFirst();
    if (numUpdatedRows > 0) claimed.push({ ...row, day: dayOf(row.minute) });
  }
  return claimed;
}

type Counted = Omit<InstallRow, "token_id" | "minute"> & { day: string };

function installsIn(rows: Counted[]): number {
  return rows.reduce((sum, { uncounted }) => sum + uncounted, 0);
}

/** Adds the installs of the rows that share a key to the sum that the table keeps under it. */
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
      count: installsIn(group),
    };
    await upsert(db, table, sum as never, {
      key: key as never,
      update: { count: sql`${sql.ref(`${table}.count`)} + ${sum.count}` } as never,
    });
  }
}

async function addRecent(db: Db, rows: Counted[]): Promise<void> {
  const groups = Map.groupBy(rows, (row) => JSON.stringify([row.organization_id, row.package_name]));
  for (const group of groups.values()) {
    const [first] = group;
    if (!first) continue;
    await db.write
      .updateTable("packages")
      .set((e) => ({ recent_downloads: e("recent_downloads", "+", installsIn(group)) }))
      .where("organization_id", "=", first.organization_id)
      .where("name", "=", first.package_name)
      .execute();
  }
}

/** Recounts the downloads that packages are sorted by, from the day `since` on. */
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
  return new Map(rows.map((row) => [row.version_normalized, row.count]));
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
  return new Map(rows.map(({ day, count }) => [day, count]));
}

export async function hasDownloads(db: Db, organizationId: string): Promise<boolean> {
  const query = db.read.selectFrom("organization_downloads").select("day");
  const row = await query.where("organization_id", "=", organizationId).limit(1).executeTakeFirst();
  return row !== undefined;
}

function dayOf(minute: number): string {
  return new Date(minute * 60_000).toISOString().slice(0, 10);
}

/** Whether any client has ever reported an install. */
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
