// SQLite behind Kysely: one connection writes, a second one only reads, so that no read waits for a transaction.
import { Database } from "bun:sqlite";
import { accessSync, closeSync, constants, openSync } from "node:fs";
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type Logger,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import { yieldWhenDue } from "../../yielding.ts";
import { asFailure, signOf } from "./errors.ts";
import type { Schema } from "../schema.ts";
import { refuseLostLog } from "./write-ahead-log.ts";

type Sqlite = {
  read: Kysely<Schema>;
  write: Kysely<Schema>;
  reader: Database;
  writer: Database;
  close(): Promise<void>;
};

/** How long a write waits for another process to finish its own, in milliseconds. */
const patience = 5000;

/** How often each file is open in this process. */
const openFiles = new Map<string, number>();

/**
 * Creates the file, for its owner only, when it is not there. Throws what SQLite throws, and fails as `unavailable`
 * when its log has lost something.
 */
export function openSqlite(path: string, log?: Logger): Sqlite {
  Database.MAX_QUERY_CACHE_SIZE = 500;
  // Closing a file drops the locks that this process holds on it, so the files of an open database are not opened.
  if (!openFiles.has(path)) refuseLostLog(path);
  createPrivately(path);
  const writer = new Database(path, { readwrite: true, create: false });
  try {
    prepareWriter(writer);
    const reader = new Database(path, { readonly: true });
    prepareReader(reader);
    openFiles.set(path, (openFiles.get(path) ?? 0) + 1);
    return connect(writer, reader, { path, log });
  } catch (error) {
    writer.close(true);
    throw error;
  }
}

/**
 * Never opens a file that exists: closing it again would drop the locks that another connection of this process
 * holds on it (a POSIX rule). The write-ahead log takes its mode from this file.
 */
function createPrivately(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    // SQLite would open it for reading and leave a log beside it that is just as unwritable.
    accessSync(path, constants.R_OK | constants.W_OK);
  }
}

function prepareWriter(writer: Database): void {
  writer.run(`pragma busy_timeout = ${patience}`);
  writer.run("pragma journal_mode = wal");
  writer.run("pragma synchronous = full");
  writer.run("pragma foreign_keys = on");
  writer.run("pragma journal_size_limit = 67108864");
  writer.run("pragma wal_autocheckpoint = 0"); // see checkpoints.ts
  writer.run("pragma trusted_schema = off");
  writer.run("pragma temp_store = memory");
  writer.query("select count(*) from sqlite_schema").get();
  // From here on `untilFree` waits instead, because SQLite's own way of waiting stops the whole process.
  writer.run("pragma busy_timeout = 0");
}

function prepareReader(reader: Database): void {
  reader.run(`pragma busy_timeout = ${patience}`);
  reader.run("pragma trusted_schema = off");
  reader.run("pragma temp_store = memory");
  // Only a connection that has read keeps the log when another one closes.
  reader.query("select count(*) from sqlite_schema").get();
}

type Connected = { path: string; log: Logger | undefined };

function connect(writer: Database, reader: Database, { path, log }: Connected): Sqlite {
  const logged = log ? { log } : {};
  const write = new Kysely<Schema>({ dialect: dialect(writer, queue()), ...logged });
  const read = new Kysely<Schema>({ dialect: dialect(reader, () => Promise.resolve(() => {})), ...logged });
  const close = async () => {
    await Promise.all([read.destroy(), write.destroy()]);
    // In this order the last to close may only read, and leaves the log to the one who does checkpoints.
    writer.close(true);
    reader.close(true);
    const others = (openFiles.get(path) ?? 1) - 1;
    if (others > 0) openFiles.set(path, others);
    else openFiles.delete(path);
  };
  return { read, write, reader, writer, close };
}

type Turn = () => Promise<() => void>;

/** A lock, first come first served; call the returned function to release it. */
function queue(): Turn {
  let last = Promise.resolve();
  return () => {
    const before = last;
    const { promise, resolve } = Promise.withResolvers<void>();
    last = promise;
    return before.then(() => resolve);
  };
}

function dialect(database: Database, turn: Turn): Dialect {
  return {
    createDriver: () => new SqliteDriver(database, turn),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new TransactionalAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}

/** Kysely's own mutex wakes every waiter for each turn and runs migrations without a transaction. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class SqliteDriver implements Driver {
  readonly #database: Database;
  readonly #turn: Turn;

  constructor(database: Database, turn: Turn) {
    this.#database = database;
    this.#turn = turn;
  }

  async init(): Promise<void> {}
  async destroy(): Promise<void> {}

  async acquireConnection(): Promise<SqliteConnection> {
    return new SqliteConnection(this.#database, await this.#turn());
  }
  async releaseConnection(connection: SqliteConnection): Promise<void> {
    connection.release();
  }

  async beginTransaction(connection: SqliteConnection): Promise<void> {
    await connection.run("begin immediate");
  }
  async commitTransaction(connection: SqliteConnection): Promise<void> {
    await connection.run("commit");
  }
  /** A full disk has rolled back already. */
  async rollbackTransaction(connection: SqliteConnection): Promise<void> {
    if (this.#database.inTransaction) await connection.run("rollback");
  }
}

class SqliteConnection implements DatabaseConnection {
  readonly #database: Database;
  readonly release: () => void;

  constructor(database: Database, release: () => void) {
    this.#database = database;
    this.release = release;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    return this.run(sql, parameters);
  }

  async run<Row>(sql: string, parameters: readonly unknown[] = []): Promise<QueryResult<Row>> {
    // SQLite answers at once: a thousand statements in a row would let no request in between.
    const turn = yieldWhenDue();
    if (turn) await turn;
    try {
      return await untilFree(() => execute<Row>(this.#database, sql, parameters));
    } catch (error) {
      throw asFailure(error);
    }
  }

  // oxlint-disable-next-line require-yield
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error("Rows are read in pages, by key.");
  }
}

function execute<Row>(database: Database, sql: string, parameters: readonly unknown[]): QueryResult<Row> {
  const statement = database.query<Row, never[]>(sql);
  const values = parameters as never[];
  if (statement.columnNames.length > 0) return { rows: statement.all(...values) };
  return { rows: [], numAffectedRows: BigInt(statement.run(...values).changes) };
}

/** Tries again while another process writes. Nothing of a statement that was refused as busy has happened. */
async function untilFree<Result>(attempt: () => Result): Promise<Result> {
  const deadline = performance.now() + patience;
  for (let pause = 1; ; pause = Math.min(pause * 2, 20)) {
    try {
      return attempt();
    } catch (error) {
      if (performance.now() > deadline || !signOf(error).startsWith("SQLITE_BUSY")) throw error;
      await Bun.sleep(pause);
    }
  }
}
