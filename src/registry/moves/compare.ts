// Whether two databases have the same rows: both are read in the order of keys, page by page, and compared row by row.
import type { Db } from "../../store/engine/database.ts";
import { isSameRow, keyOf, readPage, type Key, type Row } from "../../store/rows/rows.ts";
import type { Table } from "../../store/rows/tables.ts";

const pageSize = 1000;
type PageRequest = { after: Key | null; limit: number };

/** The first row that is not the same, or is in one of them alone; null when there is none. */
export async function firstDifference({
  from,
  to,
  tables,
}: {
  from: Db;
  to: Db;
  tables: Table[];
}): Promise<{ table: string; key: string } | null> {
  for (const table of tables) {
    for (let last: Row | null = null; ;) {
      const request: PageRequest = { after: last && keyOf(table, last), limit: pageSize };
      const [ours, theirs] = await Promise.all([
        readPage(from.read, table, request),
        readPage(to.read, table, request),
      ]);
      const at = ours.findIndex((row, index) => !theirs[index] || !isSameRow(table, row, theirs[index]));
      const different = at >= 0 ? ours[at] : theirs[ours.length];
      if (different) return { table: table.name, key: keyOf(table, different).join(" ") };
      if (ours.length < pageSize) break;
      last = ours.at(-1) ?? null;
    }
  }
  return null;
}
