// Rows of any table, as they are, by their keys: the same statements on every engine.
import { type RawBuilder, sql } from "kysely";
import type { Db } from "../engine/database.ts";
import type { TableShape } from "./shape.ts";

type Value = string | number | Uint8Array | null;
export type Row = Record<string, Value>;
export type Key = Value[];

export function keyOf({ key }: TableShape, row: Row): Key {
  return key.map((column) => row[column] ?? null);
}

/** Up to `limit` rows after this key, in the order of keys; null begins. */
export async function listRowsAfter(
  db: Db,
  table: TableShape,
  { after, limit }: { after: Key | null; limit: number },
): Promise<Row[]> {
  const [name, order] = [sql.table(table.name), columnsOf(table.key)];
  const from = after === null ? sql`` : sql`and (${order}) > (${sql.join(after)})`;
  const { rows } = await sql<Row>`
    select * from ${name} where ${goesAlong(table)} ${from} order by ${order} limit ${limit}`.execute(
    db.read,
  );
  return rows;
}

export async function findRow(db: Db, table: TableShape, key: Key): Promise<Row | null> {
  const { rows } =
    await sql<Row>`select * from ${sql.table(table.name)} where ${matches(table, key)}`.execute(db.read);
  return rows[0] ?? null;
}

export async function addRows(db: Db, table: TableShape, rows: Row[]): Promise<void> {
  if (rows.length === 0) return;
  const values = rows.map((row) => sql`(${sql.join(table.columns.map((column) => row[column] ?? null))})`);
  await sql`insert into ${sql.table(table.name)} (${columnsOf(table.columns)}) values ${sql.join(values)}`.execute(
    db.write,
  );
}

/** Fails as `conflict` (`taken`) when another row has one of its unique values. */
export async function putRow(db: Db, table: TableShape, row: Row): Promise<void> {
  const key = keyOf(table, row);
  const rest = table.columns.filter((column) => !table.key.includes(column));
  if ((await findRow(db, table, key)) === null) return addRows(db, table, [row]);
  if (rest.length === 0) return;
  const changes = rest.map((column) => sql`${sql.ref(column)} = ${row[column] ?? null}`);
  await sql`update ${sql.table(table.name)} set ${sql.join(changes)} where ${matches(table, key)}`.execute(
    db.write,
  );
}

export async function removeRow(db: Db, table: TableShape, key: Key): Promise<void> {
  await sql`delete from ${sql.table(table.name)} where ${matches(table, key)}`.execute(db.write);
}

export async function removeAllRows(db: Db, table: TableShape): Promise<void> {
  await sql`delete from ${sql.table(table.name)} where ${goesAlong(table)}`.execute(db.write);
}

export async function countRows(db: Db, table: TableShape): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from ${sql.table(table.name)} where ${goesAlong(table)}`.execute(db.read);
  return rows[0]?.count ?? 0;
}

/** Text and bytes alike, without what engines add to either. */
export function isSameRow({ columns }: TableShape, a: Row, b: Row): boolean {
  return columns.every((column) => isSameValue(a[column] ?? null, b[column] ?? null));
}

function isSameValue(a: Value, b: Value): boolean {
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  return a === b;
}

/** What a database knows of its own move stays with it. */
const goesAlong = ({ name }: TableShape): RawBuilder<unknown> =>
  name === "settings" ? sql`name not like 'move%'` : sql`1 = 1`;

const columnsOf = (names: string[]): RawBuilder<unknown> => sql.join(names.map((name) => sql.ref(name)));

function matches(table: TableShape, key: Key): RawBuilder<unknown> {
  const parts = table.key.map((column, at) => sql`${sql.ref(column)} = ${key[at] ?? null}`);
  return sql.join(parts, sql` and `);
}
