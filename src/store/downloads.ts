// Installs as clients report them, and their sums per version and day. One token counts a version once a minute.
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
  const sums = Map.groupBy(rows, (row) =>
    JSON.stringify([row.organization_id, row.package_name, row.version_normalized, dayOf(row.minute)]),
  );
  for (const [key, group] of sums) {
    const [organization_id, package_name, version_normalized, day] = JSON.parse(key);
    const row = { organization_id, package_name, version_normalized, day, count: group.length };
    await upsert(db, "downloads", row, {
      key: ["organization_id", "package_name", "version_normalized", "day"],
      update: { count: sql`${sql.ref("downloads.count")} + ${group.length}` },
    });
  }
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

function dayOf(minute: number): string {
  return new Date(minute * 60_000).toISOString().slice(0, 10);
}
