// The tables that a move copies, as an empty database has them, whatever the engine that is moved.
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import { migrate, openDatabase } from "../engine/database.ts";
import { listTables, type Table } from "../rows/tables.ts";

/** Without what a database knows of its own move, which stays with it. `folder` is for a file that is removed again. */
export async function listMovedTables(folder: string): Promise<Table[]> {
  const place = await mkdtemp(join(folder, "tables-"));
  const db = await openDatabase({ engine: "sqlite", path: join(place, "tables.sqlite") });
  try {
    await migrate(db);
    const tables = db.sqlite ? listTables(db.sqlite) : [];
    return tables.map((table) =>
      table.name === "settings" ? { ...table, only: sql`name not like 'move%'` } : table,
    );
  } finally {
    await db.close();
    await rm(place, { recursive: true, force: true });
  }
}
