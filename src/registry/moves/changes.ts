// Brings rows that changed during a move up to date in the copy, whatever changed: each is read again from the original.
import { Failure } from "../../errors.ts";
import type { Db, Database } from "../../store/engine/database.ts";
import type { Change } from "../../store/move/capture.ts";
import { findRow, putRow, removeRow, type Row } from "../../store/rows/rows.ts";
import type { Table } from "../../store/rows/tables.ts";

type Between = { from: Db; to: Database; tables: Table[] };

/** Whether another row has to be written first: it has a unique value of this one, or this one refers to it. */
export function comesLater(error: unknown): boolean {
  return error instanceof Failure && ["taken", "reference"].includes(error.code);
}

type Known = { table: Table; change: Change; row: Row | null };

export async function applyChanges({ from, to, tables }: Between, changes: Change[]): Promise<void> {
  const place = new Map(tables.map((table, at) => [table.name, { table, at }]));
  const known: Known[] = [];
  for (const change of changes) {
    const found = place.get(change.table);
    if (!found || isOfMove(change)) continue;
    known.push({ table: found.table, change, row: await findRow(from, found.table, change.key) });
  }
  const inOrder = known.toSorted(
    (a, b) => (place.get(a.change.table)?.at ?? 0) - (place.get(b.change.table)?.at ?? 0),
  );
  // Children go before their parents, and come after them.
  for (const { table, change, row } of inOrder.toReversed())
    if (row === null) await removeRow(to, table, change.key);
  await putRows(to, inOrder);
}

/** What a database knows of its own move. */
const isOfMove = ({ table, key }: Change) => table === "settings" && String(key[0]).startsWith("move");

/** A unique value may still belong to a row that comes later in the list, so what is refused is tried again. */
async function putRows(to: Database, known: Known[]): Promise<void> {
  let waiting = known;
  for (;;) {
    const refused: Known[] = [];
    let reason: unknown = null;
    for (const each of waiting) {
      if (each.row === null) continue;
      try {
        await putRow(to, each.table, each.row);
      } catch (error) {
        if (!comesLater(error)) throw error;
        refused.push(each);
        reason = error;
      }
    }
    if (refused.length === 0) return;
    if (refused.length === waiting.length) throw reason;
    waiting = refused;
  }
}
