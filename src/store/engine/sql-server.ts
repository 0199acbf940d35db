// PostgreSQL, MySQL and MariaDB behind Kysely, over Bun's own client: a pool, and a whole connection for each
// statement or transaction. Results are as on SQLite: numbers, 0 or 1, Uint8Array.
import { type ReservedSQL, SQL } from "bun";
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type Logger,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from "kysely";
import { Failure, unavailable } from "../../errors.ts";
import { asFailure, databaseBusy, isConnectionLost } from "./errors.ts";
import type { ServerAddress, ServerEngine } from "./engine.ts";
import type { Schema } from "../schema.ts";

const defaultPoolSize = 10;
const connectSeconds = 10;
/** How long a write waits for somebody else's lock; MariaDB would wait for a day while a backup holds one. */
const lockSeconds = 10;
/**
 * How long a statement waits for a free connection before it gives up as busy, and then for the server's answer:
 * together less than the 30 s after which a silent connection of a client is closed, so that the client is answered.
 */
const poolPatienceMs = 12_000;
const answerPatienceMs = 12_000;

/** Connects once, to find out what is wrong. Throws what the driver throws, or a Failure for an unfit server. */
export async function openServer(address: ServerAddress, log?: Logger): Promise<Kysely<Schema>> {
  const pool = connect(address);
  try {
    await refuseUnfit(pool, address.engine);
  } catch (error) {
    await pool.close({ timeout: 0 });
    throw error;
  }
  const dialect = address.engine === "pgsql" ? pgsql(pool) : mysql(pool);
  return new Kysely<Schema>({ dialect, ...(log ? { log } : {}) });
}

/** A server that finds a deadlock rolls one of the two transactions back completely; it can be run again. */
export async function untilNoDeadlock<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt();
    } catch (error) {
      if (attempts === 10 || !(error instanceof Failure && error.code === "database_deadlock")) throw error;
      await Bun.sleep(Math.random() * 10 * attempts);
    }
  }
}

/**
 * The database's name is passed apart because Bun prefers PGDATABASE and its like to the one in an address.
 * `foundRows` makes an UPDATE count the rows that its WHERE found, as the other engines do.
 */
function connect({ engine, url, poolSize, tls }: ServerAddress): SQL {
  return new SQL({
    url,
    adapter: engine === "pgsql" ? "postgres" : "mysql",
    database: decodeURIComponent(new URL(url).pathname.slice(1)),
    max: poolSize ?? defaultPoolSize,
    connectionTimeout: connectSeconds,
    foundRows: true,
    // Without the second one any certificate is accepted.
    ...(tls ? { tls: { ...tls, rejectUnauthorized: true } } : {}),
    ...(engine === "pgsql" ? { connection: { lock_timeout: lockSeconds * 1000 } } : {}),
  });
}

/** Strict modes: a value that would be changed when it is stored must be refused. */
async function refuseUnfit(pool: SQL, engine: ServerEngine): Promise<void> {
  if (engine === "pgsql") {
    const [row] = await pool.unsafe("select getdatabaseencoding() as encoding");
    if (row.encoding !== "UTF8")
      throw unfit("The database does not keep text as UTF-8.", "Create it with ENCODING 'UTF8'.");
    return;
  }
  const [row] = await pool.unsafe("select @@sql_mode as mode");
  if (!/STRICT_(TRANS|ALL)_TABLES/.test(row.mode))
    throw unfit(
      "The database server shortens long values silently.",
      "Add STRICT_TRANS_TABLES to its sql_mode.",
    );
}

const unfit = (sentence: string, advice: string) => unavailable(sentence, { code: "database_unfit", advice });

const pgsql = (pool: SQL): Dialect => ({
  createDriver: () => new ServerDriver(pool, ["begin isolation level read committed"]),
  createQueryCompiler: () => new PostgresQueryCompiler(),
  createAdapter: () => new PostgresAdapter(),
  createIntrospector: (db) => new PostgresIntrospector(db),
});

const mysql = (pool: SQL): Dialect => ({
  createDriver: () =>
    new ServerDriver(pool, [
      `set session lock_wait_timeout = ${lockSeconds}, innodb_lock_wait_timeout = ${lockSeconds}`,
      "set transaction isolation level read committed",
      "start transaction",
    ]),
  createQueryCompiler: () => new MysqlQueryCompiler(),
  createAdapter: () => new MysqlAdapter(),
  createIntrospector: (db) => new MysqlIntrospector(db),
});

class ServerDriver implements Driver {
  readonly #pool: SQL;
  readonly #begin: string[];

  constructor(pool: SQL, begin: string[]) {
    this.#pool = pool;
    this.#begin = begin;
  }

  async init(): Promise<void> {}
  async destroy(): Promise<void> {
    await this.#pool.close({ timeout: 5 });
  }

  async acquireConnection(): Promise<ServerConnection> {
    const signal = AbortSignal.timeout(poolPatienceMs);
    try {
      return new ServerConnection(await this.#pool.reserve({ signal }));
    } catch (error) {
      throw signal.aborted ? databaseBusy() : asFailure(error);
    }
  }
  async releaseConnection({ client }: ServerConnection): Promise<void> {
    await client.release();
  }

  async beginTransaction(connection: ServerConnection): Promise<void> {
    connection.isInTransaction = true;
    for (const statement of this.#begin) await connection.run(statement);
  }
  async commitTransaction(connection: ServerConnection): Promise<void> {
    await connection.commit();
  }
  /** When even this fails, the connection is closed as it is released, and the server rolls back. */
  async rollbackTransaction(connection: ServerConnection): Promise<void> {
    await connection.run("rollback").catch(() => {});
  }
}

class ServerConnection implements DatabaseConnection {
  readonly client: ReservedSQL;
  isInTransaction = false;

  constructor(client: ReservedSQL) {
    this.client = client;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const run = () => this.run<Row>(sql, parameters);
    const result = await (this.isInTransaction ? run() : untilNoDeadlock(run));
    return { rows: sameOnEveryEngine(result), numAffectedRows: BigInt(result.affectedRows) };
  }

  async run<Row>(statement: string, parameters: readonly unknown[] = []): Promise<Result<Row>> {
    try {
      return (await this.#answered(statement, parameters)) as Result<Row>;
    } catch (error) {
      throw asFailure(error);
    }
  }

  async commit(): Promise<void> {
    const { command } = await this.#answered("commit").catch((error: unknown) => {
      throw isConnectionLost(error) ? outcomeUnknown() : asFailure(error);
    });
    if (command === "ROLLBACK")
      throw new Error("A statement of this transaction failed, so nothing was saved.");
  }

  /** A server that is frozen, or gone without a word, would never answer: the connection to it is closed instead. */
  async #answered(statement: string, parameters: readonly unknown[] = []): Promise<SQL.ResultMetadata> {
    const timer = setTimeout(() => void this.client.close({ timeout: 0 }), answerPatienceMs);
    try {
      return (await this.client.unsafe(statement, [...parameters])) as SQL.ResultMetadata;
    } finally {
      clearTimeout(timer);
    }
  }

  // oxlint-disable-next-line require-yield
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error("Rows are read in pages, by key.");
  }
}

const outcomeUnknown = () =>
  unavailable("The connection to the database was lost while saving. Check whether your change was saved.", {
    code: "outcome_unknown",
    retryAfterSeconds: 5,
  });

type Result<Row> = Row[] & SQL.ResultMetadata;

/** Types that arrive as text or truth values: int8, numeric and bool of PostgreSQL; decimal and bigint of MySQL. */
const numeric = new Set<number>([20, 1700, 16, 0, 8, 246]);

/** Sums beyond 2^53 are rounded, as everywhere in JavaScript. */
function sameOnEveryEngine<Row>(result: Result<Row>): Row[] {
  const numbers = (result.columns ?? []).filter(({ type }) => numeric.has(type)).map(({ name }) => name);
  for (const row of result as Record<string, unknown>[]) {
    for (const name of numbers) if (row[name] !== null) row[name] = Number(row[name]);
    for (const name in row) {
      const value = row[name];
      if (value instanceof Buffer)
        row[name] = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    }
  }
  return [...result];
}
