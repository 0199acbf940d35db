// A database of its own for a test, on each engine that the product runs on.
import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SQL } from "bun";
import { sql } from "kysely";
import { Migrator } from "kysely/migration";
import { columnTypes } from "../../src/store/engine/columns.ts";
import type { Database } from "../../src/store/engine/database.ts";
import type { DatabaseAddress, Engine } from "../../src/store/engine/engine.ts";
import { program, startMariadb, startPostgres } from "./services.ts";

/** What the product promises to run on. `server` is null for the embedded one. */
export const engines = [
  { engine: "sqlite", name: "SQLite", server: null },
  { engine: "pgsql", name: "PostgreSQL", server: "postgres" },
  { engine: "mysql", name: "MariaDB", server: "mariadbd" },
] as const;

/** Every migration, in its order. */
export const migrationNames = readdirSync(join(import.meta.dir, "../../src/store/migrations"))
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

async function makeOnServer(engine: "pgsql" | "mysql"): Promise<TestDatabase> {
  const { url } = await (engine === "pgsql" ? startPostgres() : startMariadb());
  const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;
  const run = async (statement: string) => {
    await using server = new SQL({ url, max: 1 });
    await server.unsafe(statement);
  };
  await run(`create database ${name}`);
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
    const [make] = Object.values(await import(`../../src/store/migrations/${name}.ts`)) as ((
      of: typeof types,
    ) => never)[];
    if (make) entries.push([name, make(types)]);
  }
  const provider = { getMigrations: async () => Object.fromEntries(entries) };
  const migrator = new Migrator({ db: db.write, provider, migrationTableName: "kysely_migration" });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}
