// Metrics of the whole instance, for operators.
import { statSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { sql } from "kysely";
import type { Database } from "./engine/database.ts";
import type { DatabaseAddress } from "./engine/engine.ts";

/** The size of the database in bytes; null when the server does not say. */
export async function sizeOfDatabase(db: Database, address: DatabaseAddress): Promise<number | null> {
  if (address.engine === "sqlite")
    return ["", "-wal"].reduce(
      (sum, end) => sum + (statSync(address.path + end, { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
  const size =
    address.engine === "pgsql"
      ? sql<{ size: number }>`select pg_database_size(current_database()) as size`
      : sql<{
          size: number;
        }>`select sum(data_length + index_length) as size from information_schema.tables where table_schema = database()`;
  const { rows } = await size.execute(db.read);
  return rows[0]?.size ?? null;
}

/** Bytes of the disk that holds the folder. */
export async function sizeOfDisk(folder: string): Promise<{ free: number; size: number }> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return { free: bavail * bsize, size: blocks * bsize };
}

/** Outcomes of syncs that started at or after `since`; running ones are `running`. */
export async function countSyncOutcomes(
  db: Database,
  since: number,
): Promise<{ outcome: string; count: number }[]> {
  const rows = await db.read
    .selectFrom("syncs")
    .select(({ fn }) => ["outcome", fn.countAll<number>().as("count")])
    .where("started_at", ">=", since)
    .groupBy("outcome")
    .execute();
  return rows.map(({ outcome, count }) => ({ outcome: outcome ?? "running", count }));
}

/** Repositories by state; `provenAt` is the oldest last check among them. */
export async function countFreshness(
  db: Database,
): Promise<{ state: string; count: number; provenAt: number | null }[]> {
  const rows = await db.read
    .selectFrom("repositories")
    .select(({ fn }) => [
      "state",
      fn.countAll<number>().as("count"),
      fn.min("last_proven_fresh_at").as("provenAt"),
    ])
    .groupBy("state")
    .execute();
  return rows;
}
