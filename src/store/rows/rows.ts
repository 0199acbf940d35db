// Rows of any table, as they are, by their keys: the same statements on every engine.
import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Db } from "../engine/database.ts";
import type { Table } from "./tables.ts";

type Value = string | number | Uint8Array | null;
export type Row = Record<string, Value>;
export type Key = Value[];

type Connection = Pick<Kysely<unknown>, "getExecutor">;

export function keyOf({ key }: Table, row: Row): Key {
  return key.map((column) => row[column] ?? null);
}

/** So many rows are in memory at once. */
const pageRows = 500;

/** The pages of a table, in the order of keys, after the row with this key. */
export async function* readPages(
  connection: Connection,
  table: Table,
  { after = null, limit = pageRows }: { after?: Key | null; limit?: number } = {},
): AsyncGenerator<Row[]> {
  for (let last = after; ;) {
    const rows = await readPage(connection, table, { after: last, limit });
    if (rows.length > 0) yield rows;
    if (rows.length < limit) return;
    last = keyOf(table, rows.at(-1) ?? {});
  }
}

/** Up to `limit` rows after this key, in the order of keys; null begins. */
export async function readPage(
  connection: Connection,
  table: Table,
  { after, limit }: { after: Key | null; limit: number },
): Promise<Row[]> {
  const order = columnsOf(table.key);
  const from = after === null ? sql`` : sql`and (${order}) > (${sql.join(after)})`;
  const { rows } = await sql<Row>`
    select ${columnsOf(table.columns)} from ${sql.table(table.name)} where ${meant(table)} ${from}
    order by ${order} limit ${sql.lit(limit)}`.execute(connection as Kysely<unknown>);
  return rows;
}

export async function findRow(db: Db, table: Table, key: Key): Promise<Row | null> {
  const { rows } = await sql<Row>`
    select ${columnsOf(table.columns)} from ${sql.table(table.name)} where ${matches(table, key)}`.execute(
    db.read,
  );
  return rows[0] ?? null;
}

/** No engine allows more than about 32,000 values in one statement. */
const maxValues = 15_000;
const maxStatementBytes = 4 * 1024 * 1024;

/** Adds rows to a table that has none with their keys. */
export async function insertRows(connection: Connection, table: Table, rows: Row[]): Promise<void> {
  const most = Math.max(1, Math.floor(maxValues / table.columns.length));
  for (const portion of portionsOf(rows, most)) {
    const values = portion.map(
      (row) => sql`(${sql.join(table.columns.map((name) => sql`${row[name] ?? null}`))})`,
    );
    await sql`insert into ${sql.table(table.name)} (${columnsOf(table.columns)}) values ${sql.join(values)}`.execute(
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

/** Fails as `conflict` (`taken`) when another row has one of its unique values. */
export async function putRow(db: Db, table: Table, row: Row): Promise<void> {
  const key = keyOf(table, row);
  const rest = table.columns.filter((column) => !table.key.includes(column));
  if ((await findRow(db, table, key)) === null) return insertRows(db.write, table, [row]);
  if (rest.length === 0) return;
  const changes = rest.map((column) => sql`${sql.ref(column)} = ${row[column] ?? null}`);
  await sql`update ${sql.table(table.name)} set ${sql.join(changes)} where ${matches(table, key)}`.execute(
    db.write,
  );
}

export async function removeRow(db: Db, table: Table, key: Key): Promise<void> {
  await sql`delete from ${sql.table(table.name)} where ${matches(table, key)}`.execute(db.write);
}

/** Removes every row, children before parents. */
export async function clearTables(db: Db, tables: Table[]): Promise<void> {
  for (const table of tables.toReversed())
    await sql`delete from ${sql.table(table.name)} where ${meant(table)}`.execute(db.write);
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
  for (const table of tables) {
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from ${sql.table(table.name)} where ${meant(table)}`.execute(db.read);
    counts[table.name] = rows[0]?.count ?? 0;
  }
  return counts;
}

/** Text and bytes alike, without what engines add to either. */
export function isSameRow({ columns }: Table, a: Row, b: Row): boolean {
  return columns.every((column) => isSameValue(a[column] ?? null, b[column] ?? null));
}

function isSameValue(a: Value, b: Value): boolean {
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  return a === b;
}

const columnsOf = (names: string[]): RawBuilder<unknown> => sql.join(names.map((name) => sql.ref(name)));
const meant = ({ only }: Table): RawBuilder<unknown> => only ?? sql`1 = 1`;

function matches(table: Table, key: Key): RawBuilder<unknown> {
  const parts = table.key.map((column, at) => sql`${sql.ref(column)} = ${key[at] ?? null}`);
  return sql.join(parts, sql` and `);
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
