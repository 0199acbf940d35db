// A database of its own for a test, on each engine that the product runs on.
import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SQL } from "bun";
import { Database as SqliteFile } from "bun:sqlite";
import { migrate, openDatabase, type Database } from "../../../src/store/engine/database.ts";
import { sql } from "kysely";
import { Migrator } from "kysely/migration";
import { columnTypes } from "../../../src/store/engine/columns.ts";
import type { DatabaseAddress, Engine } from "../../../src/store/engine/engine.ts";
import { program, startMariadb, startPostgres } from "./services.ts";

/** What the product promises to run on. `server` is null for the embedded one. */
export const engines = [
  { engine: "sqlite", name: "SQLite", server: null },
  { engine: "pgsql", name: "PostgreSQL", server: "postgres" },
  { engine: "mysql", name: "MariaDB", server: "mariadbd" },
] as const;

/** Every migration, in its order. */
export const migrationNames = readdirSync(join(import.meta.dir, "../../../src/store/migrations"))
  .map((file) => file.replace(/\.ts$/, ""))
  .toSorted();

/** For `describe.skipIf`: says aloud that an engine is left out because its server is not installed. */
export function isMissing(server: string | null): boolean {
  if (server === null || program(server)) return false;
  console.error(`NOT TESTED: ${server} is not installed. Run: bun tests/tools/install.ts`);
  return true;
}

export type TestDatabase = { address: DatabaseAddress; remove(): Promise<void> };

/** An empty database. `afterAll(stopServers)` ends the server behind it. */
export async function makeDatabase(engine: Engine): Promise<TestDatabase> {
  if (engine !== "sqlite") return makeOnServer(engine);
  const folder = await mkdtemp(join(tmpdir(), "pricore-sqlite-"));
  const address = { engine, path: join(folder, "pricore.sqlite") };
  return { address, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** A database with every migration: a copy of one that was made ready, where the engine can copy. */
export async function makeMigratedDatabase(engine: Engine): Promise<TestDatabase> {
  if (engine === "pgsql") return makeOnServer(engine, `template ${await readyOnPostgres()}`);
  const made = await makeDatabase(engine);
  if (made.address.engine === "sqlite") await Bun.write(made.address.path, await readyBytes());
  else await inTurn(() => migrated(made.address));
  return made;
}

/** Each is made once, and the one of a server ends with it. */
const ready: { bytes?: Promise<Uint8Array>; names: Map<string, Promise<string>> } = { names: new Map() };

function readyBytes(): Promise<Uint8Array> {
  return (ready.bytes ??= makeDatabase("sqlite").then(async ({ address, remove }) => {
    await migrated(address);
    using file = new SqliteFile(address.engine === "sqlite" ? address.path : "");
    const bytes = Uint8Array.from(file.serialize());
    await remove();
    return bytes;
  }));
}

async function readyOnPostgres(): Promise<string> {
  const { url } = await startPostgres();
  const making = async () => {
    const { address } = await makeOnServer("pgsql");
    await migrated(address);
    return address.engine === "sqlite" ? "" : address.url.slice(address.url.lastIndexOf("/") + 1);
  };
  const name = ready.names.get(url) ?? making();
  ready.names.set(url, name);
  return name;
}

async function migrated(address: DatabaseAddress): Promise<void> {
  const db = await openDatabase(address);
  await migrate(db);
  await db.close();
}

let turn: Promise<unknown> = Promise.resolve();

/** One after the other: twenty at once take a server longer than it has. */
function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  const mine = turn.then(work, work);
  turn = mine;
  return mine;
}

async function makeOnServer(engine: "pgsql" | "mysql", like = ""): Promise<TestDatabase> {
  const { url } = await (engine === "pgsql" ? startPostgres() : startMariadb());
  const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;
  const run = async (statement: string) => {
    await using server = new SQL({ url, max: 1 });
    await server.unsafe(statement);
  };
  await run(`create database ${name} ${like}`);
  // Small pools: a server has only so many connections for all the tests that run at once.
  const address = { engine, url: url.replace(/[^/]+$/, name), poolSize: 2 };
  return { address, remove: () => run(`drop database ${name}${engine === "pgsql" ? " with (force)" : ""}`) };
}

/** As a release left it whose newest migration was `last`. */
export async function migrateTo(db: Database, last: string): Promise<void> {
  const version =
    db.engine === "sqlite"
      ? ""
      : ((await sql<{ version: string }>`select version() as version`.execute(db.read)).rows[0]?.version ??
        "");
  const types = columnTypes(db.engine, version);
  const entries: [string, never][] = [];
  for (const name of migrationNames.filter((each) => each <= last)) {
    const [make] = Object.values(await import(`../../../src/store/migrations/${name}.ts`)) as ((
      of: typeof types,
    ) => never)[];
    if (make) entries.push([name, make(types)]);
  }
  const provider = { getMigrations: async () => Object.fromEntries(entries) };
  const migrator = new Migrator({ db: db.write, provider, migrationTableName: "kysely_migration" });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}
