// Every table with its columns and its key, parents before children. SQLite says it for all engines, because a
// migration makes the same tables on each.
import type { Database as SqliteConnection } from "bun:sqlite";
import type { RawBuilder } from "kysely";

export type Table = {
  name: string;
  columns: string[];
  /** The columns of the primary key, in its order. */
  key: string[];
  /** Which rows are meant; all of them where it is left out. */
  only?: RawBuilder<unknown>;
};

/** Where a move notes what changes while it copies. It belongs to the database, as the tables of the migrator do. */
export const changesTable = "move_changes";

/** Without what belongs to the database and not to its content. */
export function listTables(sqlite: SqliteConnection): Table[] {
  const names = sqlite
    .query<{ name: string }, []>(
      "select name from sqlite_schema where type = 'table' and name not like 'sqlite\\_%' escape '\\' and name not like 'kysely\\_%' escape '\\' order by name",
    )
    .all()
    .map(({ name }) => name)
    .filter((name) => name !== changesTable);
  return inOrder(names, (name) => parentsOf(sqlite, name)).map((name) => tableOf(sqlite, name));
}

function tableOf(sqlite: SqliteConnection, name: string): Table {
  const columns = sqlite.query<{ name: string; pk: number }, []>(`pragma table_info("${name}")`).all();
  const key = columns.filter(({ pk }) => pk > 0).toSorted((one, other) => one.pk - other.pk);
  return { name, columns: columns.map((column) => column.name), key: key.map((column) => column.name) };
}

function parentsOf(sqlite: SqliteConnection, name: string): string[] {
  return sqlite
    .query<{ table: string }, []>(`pragma foreign_key_list("${name}")`)
    .all()
    .map(({ table }) => table)
    .filter((table) => table !== name);
}

function inOrder(names: string[], parents: (name: string) => string[]): string[] {
  const found = new Set<string>();
  const visit = (name: string, path: string[]) => {
    if (found.has(name)) return;
    if (path.includes(name)) throw new Error(`tables refer to each other in a circle: ${path.join(", ")}`);
    for (const parent of parents(name)) visit(parent, [...path, name]);
    found.add(name);
  };
  for (const name of names) visit(name, []);
  return [...found];
}
