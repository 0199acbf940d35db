// Opens the database of any engine, and has the few statements that Kysely writes differently for each engine.
import type { Database as SqliteConnection } from "bun:sqlite";
import { type Expression, type Kysely, type Logger, type RawBuilder, sql } from "kysely";
import { Failure, unavailable } from "../../errors.ts";
import type { DatabaseAddress, Engine, ServerAddress } from "./engine.ts";
import { migrationFailure, migrationTable, migrations, openMigrator, removeMarks } from "./migrator.ts";
import { openingFailure } from "./open-errors.ts";
import { createCommitListeners, type CommitListeners } from "./commit-listeners.ts";
import type { Schema } from "../schema.ts";
import { openSqlite } from "./sqlite.ts";

/**
 * The database as the store uses it. In a transaction both ways lead through its one connection, so that it sees its
 * own writes; nothing else may be awaited there, and after a failed statement it can only be given up (PostgreSQL).
 */
export type Db = {
  readonly engine: Engine;
  readonly read: Kysely<Schema>;
  readonly write: Kysely<Schema>;
  /** The reading connection, for prepared hot reads; null on the servers. */
  readonly sqlite: SqliteConnection | null;
  /** Call it after writing what `change-feed.ts` reports; a transaction passes it on once it is committed. */
  readonly recorded: () => void;
};

export type Database = Db &
  CommitListeners & {
    /**
     * Commits when `work` resolves and rolls back when it rejects. A server that ends a deadlock makes `work` run again
     * from its start. Never use the outer Db in `work`: it would wait for itself.
     */
    transaction<Result>(work: (db: Db) => Promise<Result>): Promise<Result>;
    /** The writing connection of SQLite, for checkpoints; null on the servers. */
    readonly writer: SqliteConnection | null;
    close(): Promise<void>;
  };

/** Gets the SQL of every statement that Kysely runs, but not of those that are prepared by hand. */
export type OnQuery = (statement: string) => void;

/** Rejects with a Failure for the operator when the database does not exist or refuses the connection. */
export async function openDatabase(address: DatabaseAddress, onQuery?: OnQuery): Promise<Database> {
  const log: Logger | undefined = onQuery && (({ query }) => onQuery(query.sql));
  try {
    return address.engine === "sqlite"
      ? sqliteDatabase(address.path, log)
      : await serverDatabase(address, log);
  } catch (error) {
    throw openingFailure(error, address);
  }
}

function sqliteDatabase(path: string, log?: Logger): Database {
  const { read, write, reader, writer, close } = openSqlite(path, log);
  const records = createCommitListeners();
  return {
    engine: "sqlite",
    read,
    write,
    sqlite: reader,
    writer,
    ...records.outside,
    close,
    transaction: (work) =>
      records.afterCommit((recorded) =>
        write
          .transaction()
          .execute((open) => work({ engine: "sqlite", read: open, write: open, sqlite: writer, recorded })),
      ),
  };
}

async function serverDatabase(address: ServerAddress, log?: Logger): Promise<Database> {
  const { engine } = address;
  // SQLite starts without loading the clients of the servers.
  const { openServer, untilNoDeadlock } = await import("./sql-server.ts");
  const pool = await openServer(address, log);
  const records = createCommitListeners();
  return {
    engine,
    read: pool,
    write: pool,
    sqlite: null,
    writer: null,
    ...records.outside,
    transaction: (work) =>
      records.afterCommit((recorded) =>
        untilNoDeadlock(() =>
          pool
            .transaction()
            .execute((open) => work({ engine, read: open, write: open, sqlite: null, recorded })),
        ),
      ),
    close: () => pool.destroy(),
  };
}

/**
 * Brings the schema up and names what was done, nothing when it was up already. Two processes may do it at once.
 * `unavailable` when the database belongs to a newer Pricore.
 */
export async function migrate(db: Database): Promise<string[]> {
  const applied = await expectKnownSchema(db);
  if (Object.keys(migrations).every((name) => applied.includes(name))) return [];
  const { error, results = [] } = await (await openMigrator(db)).migrateToLatest();
  if (error) throw migrationFailure(error, db.engine);
  await removeMarks(db);
  return results.map(({ migrationName }) => migrationName);
}

/** The names that `migrate` would return. */
export async function pendingMigrations(db: Database): Promise<string[]> {
  const applied = await expectKnownSchema(db);
  return Object.keys(migrations).filter((name) => !applied.includes(name));
}

export async function appliedMigrations(db: Database): Promise<string[]> {
  if (!(await hasTable(db, migrationTable))) return [];
  const table = sql.table(migrationTable);
  const { rows } = await sql<{ name: string }>`select name from ${table} order by name`.execute(db.write);
  return rows.map(({ name }) => name);
}

/** Kysely's own way reads every column of every table, several times in a start. */
async function hasTable(db: Database, name: string): Promise<boolean> {
  const { rows } = await sql`select 1 from ${tablesOf[db.engine]} = ${name}`.execute(db.write);
  return rows.length > 0;
}

const tablesOf: Record<Engine, RawBuilder<unknown>> = {
  sqlite: sql`sqlite_schema where type = 'table' and name`,
  pgsql: sql`pg_tables where schemaname = any (current_schemas(false)) and tablename`,
  mysql: sql`information_schema.tables where table_schema = database() and table_name`,
};

/** Those of these migrations that this version does not have: a newer one made them. */
export function unknownMigrations(names: string[]): string[] {
  return names.filter((name) => !(name in migrations));
}

/** The migrations that were applied, none of which may be unknown. */
async function expectKnownSchema(db: Database): Promise<string[]> {
  const applied = await appliedMigrations(db);
  if (applied.every((name) => name in migrations)) return applied;
  throw unavailable("The database was created by a newer version of Pricore.", {
    code: "schema_newer",
    advice: "Start the newer version again, or restore a backup made by this version.",
  });
}

type Table = keyof Schema;
type Column<Name extends Table> = keyof Schema[Name] & string;
type Rows<Name extends Table> = Schema[Name] | Schema[Name][];

/** The value that an upsert brought along, for an expression such as `downloads.count + …`. */
export function incoming(db: Db, column: string): RawBuilder<number> {
  return db.engine === "mysql" ? sql`values(${sql.ref(column)})` : sql`${sql.ref(`excluded.${column}`)}`;
}

/** Whether the word is anywhere in a column such as `packages.name`, in any case. */
export function holdsWord(column: string, word: string): RawBuilder<boolean> {
  // "!" escapes on every engine; a backslash would be read differently by each.
  const pattern = `%${word.toLowerCase().replace(/[!%_]/g, "!$&")}%`;
  return sql<boolean>`lower(${sql.ref(column)}) like ${pattern} escape '!'`;
}

/**
 * Adds rows, or brings the columns of `update` up to date where the key is there already. Name the table in an
 * expression (`downloads.count`). MySQL uses every unique key of the table as the key.
 */
export async function upsert<Name extends Table>(
  db: Db,
  table: Name,
  rows: Rows<Name>,
  on: {
    key: Column<Name>[];
    update: Column<Name>[] | { [Key in Column<Name>]?: Expression<unknown> };
  },
): Promise<void> {
  const updates = Array.isArray(on.update)
    ? Object.fromEntries(on.update.map((column) => [column, incoming(db, column)]))
    : on.update;
  for (const values of portions(rows)) {
    const insert = db.write.insertInto(table as Table).values(values as never);
    await (
      db.engine === "mysql"
        ? insert.onDuplicateKeyUpdate(updates as never)
        : insert.onConflict((conflict) => conflict.columns(on.key as never).doUpdateSet(updates as never))
    ).execute();
  }
}

/** Adds the rows whose key does not exist yet, leaves the others as they are, and returns how many were new. */
export async function insertNew<Name extends Table>(
  db: Db,
  table: Name,
  rows: Rows<Name>,
  key: Column<Name>[],
): Promise<number> {
  let added = 0;
  for (const values of portions(rows)) {
    if (db.engine === "mysql") added += await insertUntaken(db, table, values);
    else {
      const insert = db.write.insertInto(table as Table).values(values as never);
      const result = await insert
        .onConflict((conflict) => conflict.columns(key as never).doNothing())
        .executeTakeFirst();
      added += Number(result.numInsertedOrUpdatedRows ?? 0);
    }
  }
  return added;
}

/** MySQL's INSERT IGNORE would also let through what is too long or refers to nothing. */
async function insertUntaken<Name extends Table>(db: Db, table: Name, rows: Schema[Name][]): Promise<number> {
  try {
    const result = await db.write
      .insertInto(table as Table)
      .values(rows as never)
      .executeTakeFirst();
    return Number(result.numInsertedOrUpdatedRows ?? 0);
  } catch (error) {
    if (!(error instanceof Failure && error.code === "taken")) throw error;
    if (rows.length === 1) return 0;
  }
  let added = 0;
  for (const row of rows) added += await insertUntaken(db, table, [row]);
  return added;
}

/** No engine allows more than about 32,000 values in one statement. */
const portionSize = 1000;

function portions<Name extends Table>(rows: Rows<Name>): Schema[Name][][] {
  const all = Array.isArray(rows) ? rows : [rows];
  return Array.from({ length: Math.ceil(all.length / portionSize) }, (_, at) =>
    all.slice(at * portionSize, (at + 1) * portionSize),
  );
}
