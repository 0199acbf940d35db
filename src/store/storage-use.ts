// What the archives take, by whom and since when. Archives of equal bytes are stored once and counted for each holder.
import { sql } from "kysely";
import type { Db } from "./engine/database.ts";

type Held = { bytes: number; archives: number };
export type HeldByOrganization = Held & { slug: string; name: string };
export type HeldByPackage = Held & { slug: string; name: string };

const sums = { bytes: sql<number>`coalesce(sum(size_bytes), 0)`, archives: sql<number>`count(*)` };

/** Of all organizations together. */
export async function sumUse(db: Db): Promise<Held> {
  const row = await db.read
    .selectFrom("dists")
    .select([sums.bytes.as("bytes"), sums.archives.as("archives")])
    .where("deleted_at", "is", null)
    .executeTakeFirstOrThrow();
  return numbersOf(row);
}

export async function listUseByOrganization(db: Db, limit: number): Promise<HeldByOrganization[]> {
  const rows = await db.read
    .selectFrom("dists")
    .innerJoin("organizations", "organizations.id", "dists.organization_id")
    .select(["organizations.slug", "organizations.name"])
    .select([sums.bytes.as("bytes"), sums.archives.as("archives")])
    .where("deleted_at", "is", null)
    .groupBy(["organizations.slug", "organizations.name"])
    .orderBy("bytes", "desc")
    .limit(limit)
    .execute();
  return rows.map(numbersOf);
}

export async function listUseByPackage(db: Db, limit: number): Promise<HeldByPackage[]> {
  const rows = await db.read
    .selectFrom("dists")
    .innerJoin("organizations", "organizations.id", "dists.organization_id")
    .select(["organizations.slug", "dists.package_name as name"])
    .select([sums.bytes.as("bytes"), sums.archives.as("archives")])
    .where("deleted_at", "is", null)
    .groupBy(["organizations.slug", "dists.package_name"])
    .orderBy("bytes", "desc")
    .limit(limit)
    .execute();
  return rows.map(numbersOf);
}

/** What was added in each step of `stepMs`, by the number of the step since the epoch; steps without any are left out. */
export async function countGrowth(
  db: Db,
  { since, stepMs }: { since: number; stepMs: number },
): Promise<Map<number, number>> {
  const step = sql<number>`(created_at - created_at % ${sql.lit(stepMs)}) / ${sql.lit(stepMs)}`;
  const rows = await db.read
    .selectFrom("dists")
    .select([step.as("step"), sums.bytes.as("bytes")])
    .where("created_at", ">=", since)
    .where("deleted_at", "is", null)
    .groupBy(step)
    .execute();
  return new Map(rows.map((row) => [Math.round(Number(row.step)), Number(row.bytes)]));
}

function numbersOf<Row extends Held>(row: Row): Row {
  return { ...row, bytes: Number(row.bytes), archives: Number(row.archives) };
}
