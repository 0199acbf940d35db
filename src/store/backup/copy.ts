// The whole database as one SQLite file, from any engine, so that a backup has one format.
import type { DatabaseAddress } from "../engine/engine.ts";
import { migrate, openDatabase, type Database } from "../engine/database.ts";
import { copySqlite } from "./sqlite-copy.ts";
import { inSnapshot, insertRows, readPages } from "../rows/rows.ts";
import { listTables } from "../rows/tables.ts";

type Copy = { db: Database; address: DatabaseAddress; into: string };

/** One state of the database; writers go on meanwhile. On SQLite it blocks this thread. */
export async function copyDatabase({ db, address, into }: Copy): Promise<void> {
  if (address.engine === "sqlite") return copySqlite(address.path, into);
  const copy = await openDatabase({ engine: "sqlite", path: into });
  try {
    await migrate(copy);
    const tables = copy.sqlite ? listTables(copy.sqlite) : [];
    await copy.transaction((open) =>
      inSnapshot(db, async (source) => {
        for (const table of tables)
          for await (const rows of readPages(source, table)) await insertRows(open.write, table, rows);
      }),
    );
    copy.writer?.run("pragma wal_checkpoint(truncate)");
  } finally {
    await copy.close();
  }
}
