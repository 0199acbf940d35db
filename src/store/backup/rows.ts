// Reads and writes whole tables as rows, in the order of their keys, on any engine.
import { type Kysely, sql } from "kysely";
import type { Db } from "../engine/database.ts";
import type { Table } from "./tables.ts";

type Value = string | number | Uint8Array | null;
type Row = Record<string, Value>;

type Connection = Pick<Kysely<unknown>, "getExecutor">;

/** So many rows are in memory at once, and fewer when they are large. */
const pageRows = 500;

/** The pages of a table, by key; `after` is the key of the row to go on from. */
export async function* readPages(
  connection: Connection,
  table: Table,
  options: { after?: Row; limit?: number } = {},
): AsyncGenerator<Row[]> {
  const limit = options.limit ?? pageRows;
  const keys = sql.join(table.key.map((name) => sql.ref(name)));
  const columns = sql.join(table.columns.map(({ name }) => sql.ref(name)));
  let last = options.after;
  for (;;) {
    const from = last;
    const after = from
      ? sql`where (${keys}) > (${sql.join(table.key.map((name) => sql`${from[name]}`))})`
      : sql``;
    const query = sql<Row>`select ${columns} from ${sql.table(table.name)} ${after} order by ${keys} limit ${sql.lit(limit)}`;
    const { rows } = await query.execute(connection as Kysely<unknown>);
    if (rows.length > 0) yield rows.map((row) => asColumnsSay(table, row));
    last = rows.at(-1);
    if (rows.length < limit) return;
  }
}

/** A server may give a number as text: the column says what it is. */
function asColumnsSay(table: Table, row: Row): Row {
  return Object.fromEntries(
    table.columns.map(({ name, kind }) => {
      const value = row[name] ?? null;
      return [name, kind === "integer" && value !== null ? Number(value) : value];
    }),
  );
}

/** No engine allows more than about 32,000 values in one statement. */
const maxValues = 15_000;
const maxStatementBytes = 4 * 1024 * 1024;

/** Adds rows to a table that has none with their keys. */
export async function insertRows(connection: Connection, table: Table, rows: Row[]): Promise<void> {
  const most = Math.max(1, Math.floor(maxValues / table.columns.length));
  const columns = sql.join(table.columns.map(({ name }) => sql.ref(name)));
  for (const portion of portionsOf(rows, most)) {
    const values = sql.join(
      portion.map((row) => sql`(${sql.join(table.columns.map(({ name }) => sql`${row[name] ?? null}`))})`),
    );
    await sql`insert into ${sql.table(table.name)} (${columns}) values ${values}`.execute(
      connection as Kysely<unknown>,
    );
  }
}

function* portionsOf(rows: Row[], most: number): Generator<Row[]> {
  let [portion, bytes]: [Row[], number] = [[], 0];
  for (const row of rows) {
    const size = sizeOf(row);
    if (portion.length > 0 && (portion.length >= most || bytes + size > maxStatementBytes)) {
      yield portion;
      [portion, bytes] = [[], 0];
    }
    portion.push(row);
    bytes += size;
  }
  if (portion.length > 0) yield portion;
}

function sizeOf(row: Row): number {
  return Object.values(row).reduce<number>(
    (sum, value) => sum + (typeof value === "string" || value instanceof Uint8Array ? value.length : 8),
    0,
  );
}

/** Removes every row, children before parents. */
async function clearTables(db: Db, tables: Table[]): Promise<void> {
  for (const { name } of tables.toReversed()) await sql`delete from ${sql.table(name)}`.execute(db.write);
}

/** Copies all rows into the tables of another database, which must be empty, within one transaction of it. */
export async function copyRows(from: Db, to: Db, tables: Table[]): Promise<void> {
  await clearTables(to, tables);
  for (const table of tables)
    for await (const rows of readPages(from.read, table)) await insertRows(to.write, table, rows);
}

/** How many rows each table has. */
export async function countRows(db: Db, tables: Table[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(name)}`.execute(
      db.read,
    );
    counts[name] = Number(rows[0]?.count ?? 0);
  }
  return counts;
}

/**
 * Reads all within one state of the database, however long it takes. SQLite has a copy for that: there it is only read.
 */
export async function inSnapshot<Result>(
  db: Db,
  work: (connection: Kysely<unknown>) => Promise<Result>,
): Promise<Result> {
  if (db.engine === "sqlite") return work(db.read as unknown as Kysely<unknown>);
  return (db.read as unknown as Kysely<unknown>).connection().execute(async (connection) => {
    for (const statement of beginning[db.engine as "pgsql" | "mysql"])
      await sql.raw(statement).execute(connection);
    try {
      return await work(connection);
    } finally {
      await sql`rollback`.execute(connection);
    }
  });
}

const beginning = {
  pgsql: ["begin isolation level repeatable read read only"],
  mysql: [
    "set transaction isolation level repeatable read",
    "start transaction with consistent snapshot, read only",
  ],
};
