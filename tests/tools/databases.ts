// A database of its own for a test, on each engine that the product runs on.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SQL } from "bun";
import type { DatabaseAddress, Engine } from "../../src/store/database.ts";
import { startMariadb, startPostgres } from "./services.ts";

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
    await using sql = new SQL({ url, max: 1 });
    await sql.unsafe(statement);
  };
  await run(`create database ${name}`);
  const address = { engine, url: url.replace(/[^/]+$/, name) };
  return { address, remove: () => run(`drop database ${name}${engine === "pgsql" ? " with (force)" : ""}`) };
}
