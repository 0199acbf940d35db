// What is written to a database while it is copied: a trigger for each table notes the keys of changed rows. And the
// end of it: triggers that refuse every write, because the database has moved.
import { type RawBuilder, sql } from "kysely";
import type { Db } from "../engine/database.ts";
import type { Key } from "../rows/rows.ts";
import { changesTable, type Table } from "../rows/tables.ts";

export type Change = { table: string; key: Key };

/** PostgreSQL's code of a refused write; errors.ts knows it. */
const movedState = "PRM01";

type Moment = "insert" | "update" | "delete";
const moments: Moment[] = ["insert", "update", "delete"];
const raw = (text: string): RawBuilder<unknown> => sql.raw(text);

/** Also after a capture that was cut off, which it replaces. `db` must be a transaction. */
export async function startCapture(db: Db, tables: Table[]): Promise<void> {
  await stopCapture(db, tables);
  if (db.engine === "sqlite") {
    await raw(
      `create table ${changesTable} (seq integer primary key autoincrement, name text not null, "key" text not null) strict`,
    ).execute(db.write);
    for (const table of tables) for (const moment of moments) await captureInSqlite(db, table, moment);
    return;
  }
  await raw(
    `create table ${changesTable} (seq bigserial primary key, name text not null, "key" text not null)`,
  ).execute(db.write);
  for (const table of tables) await captureInPostgres(db, table);
}

export async function stopCapture(db: Db, tables: Table[]): Promise<void> {
  await dropTriggers(db, tables, "move_note");
  await raw(`drop table if exists ${changesTable}`).execute(db.write);
}

async function captureInSqlite(db: Db, table: Table, moment: Moment): Promise<void> {
  const note = (row: "new" | "old") =>
    `insert into ${changesTable} (name, "key") values ('${table.name}', json_array(${partsOf(table, row)}));`;
  const notes = { insert: note("new"), delete: note("old"), update: note("old") + note("new") }[moment];
  await raw(
    `create trigger move_note_${table.name}_${moment} after ${moment} on "${table.name}" begin ${notes} end`,
  ).execute(db.write);
}

async function captureInPostgres(db: Db, table: Table): Promise<void> {
  const note = (row: "new" | "old") =>
    `insert into ${changesTable} (name, "key") values ('${table.name}', jsonb_build_array(${partsOf(table, row)})::text);`;
  await raw(`create function move_note_${table.name}() returns trigger language plpgsql as $$ begin
    if tg_op <> 'INSERT' then ${note("old")} end if;
    if tg_op <> 'DELETE' then ${note("new")} end if;
    return null; end $$`).execute(db.write);
  await raw(
    `create trigger move_note after insert or update or delete on "${table.name}" for each row execute function move_note_${table.name}()`,
  ).execute(db.write);
}

const partsOf = ({ key }: Table, row: string) => key.map((column) => `${row}."${column}"`).join(", ");

/**
 * Up to `limit` notes, oldest first; a row that changed twice is named once. `noted` are the notes themselves: another
 * transaction may commit one with a smaller number later.
 */
export async function listChanges(db: Db, limit: number): Promise<{ changes: Change[]; noted: number[] }> {
  const { rows } = await sql<{ seq: number; name: string; key: string }>`
    select seq, name, "key" from ${sql.table(changesTable)} order by seq limit ${limit}`.execute(db.read);
  const unique = new Map(
    rows.map(({ name, key }) => [`${name} ${key}`, { table: name, key: JSON.parse(key) as Key }]),
  );
  return { changes: [...unique.values()], noted: rows.map(({ seq }) => seq) };
}

export async function forgetChanges(db: Db, noted: number[]): Promise<void> {
  if (noted.length === 0) return;
  await sql`delete from ${sql.table(changesTable)} where seq in (${sql.join(noted)})`.execute(db.write);
}

/** Waits for writes that run, and lets no other one begin before the transaction ends. Reads go on. */
export async function holdWrites(db: Db, tables: Table[]): Promise<void> {
  // On SQLite the transaction itself holds them.
  if (db.engine === "sqlite") return;
  const names = tables.map(({ name }) => `"${name}"`).join(", ");
  await raw(`lock table ${names} in share row exclusive mode`).execute(db.write);
}

/** From the end of the transaction on, every write fails as `unavailable` (`database_moved`). */
export async function refuseWrites(db: Db, tables: Table[]): Promise<void> {
  if (db.engine === "sqlite") {
    for (const { name } of tables)
      for (const moment of moments)
        await raw(
          `create trigger move_end_${name}_${moment} before ${moment} on "${name}" begin select raise(abort, 'moved'); end`,
        ).execute(db.write);
    return;
  }
  await raw(
    `create function move_end() returns trigger language plpgsql as $$ begin
      raise exception 'moved' using errcode = '${movedState}'; end $$`,
  ).execute(db.write);
  for (const { name } of tables)
    await raw(
      `create trigger move_end before insert or update or delete on "${name}" for each statement execute function move_end()`,
    ).execute(db.write);
}

export async function allowWrites(db: Db, tables: Table[]): Promise<void> {
  await dropTriggers(db, tables, "move_end");
}

async function dropTriggers(db: Db, tables: Table[], prefix: "move_note" | "move_end"): Promise<void> {
  if (db.engine === "mysql") return;
  for (const { name } of tables) {
    if (db.engine === "sqlite")
      for (const moment of moments)
        await raw(`drop trigger if exists ${prefix}_${name}_${moment}`).execute(db.write);
    else await raw(`drop trigger if exists ${prefix} on "${name}"`).execute(db.write);
    if (db.engine === "pgsql" && prefix === "move_note")
      await raw(`drop function if exists move_note_${name}()`).execute(db.write);
  }
  if (db.engine === "pgsql" && prefix === "move_end")
    await raw("drop function if exists move_end()").execute(db.write);
}
