// A migration that was cut off, on the engine that cannot roll half of one back.
import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import { sql } from "kysely";
import { appliedMigrations, type Database, migrate, openDatabase } from "../../src/store/engine/database.ts";
import type { ServerAddress } from "../../src/store/engine/engine.ts";
import { failureOf } from "../tools/failure.ts";
import { isMissing, makeDatabase, migrateTo, migrationNames } from "../tools/servers/databases.ts";
import { stopServers } from "../tools/servers/services.ts";
import { startTcpProxy } from "../tools/servers/tcp-proxy.ts";

afterAll(stopServers);

const addsColumn = "add column `error_code`";

describe.skipIf(isMissing("mariadbd"))("a migration on MariaDB", () => {
  let address: ServerAddress;
  let remove: () => Promise<void>;
  let db: Database;
  beforeEach(async () => {
    const made = await makeDatabase("mysql");
    address = made.address as ServerAddress;
    remove = made.remove;
    db = await openDatabase(address);
    await migrateTo(db, "0021_sync_requests");
  });
  afterEach(async () => {
    await db.close();
    await remove();
  });

  test("that was cut off says so at the next start, whatever the server says then", async () => {
    await cutOff(address);
    for (let start = 0; start < 2; start++)
      expect(await failureOf(migrate(db))).toMatchObject({
        code: "migration_cut_off",
        message: "The migration 0023_error_codes of this database was cut off.",
      });
  });

  test("that was cut off and can be run again ends, and leaves no mark", async () => {
    await cutOff(address);
    await sql`alter table syncs drop column error_code`.execute(db.write);
    await migrate(db);
    expect(await appliedMigrations(db)).toEqual(migrationNames);
    const marks = sql`select id from kysely_migration_lock where id <> 'migration_lock'`;
    expect((await marks.execute(db.read)).rows).toEqual([]);
  });

  test("that fails in its first run keeps the text of its error", async () => {
    await sql`alter table syncs add column error_code varchar(255)`.execute(db.write);
    const failing = migrate(db);
    await expect(failing).rejects.toThrow("Duplicate column name 'error_code'");
  });

  test("of a release that left no marks is known as cut off by a table that exists already", async () => {
    await sql`delete from kysely_migration where name >= '0020'`.execute(db.write);
    expect(await failureOf(migrate(db))).toMatchObject({ code: "migration_cut_off" });
  });
});

/** The server adds the column, and the process that asked for it is gone before it hears so. */
async function cutOff(address: ServerAddress): Promise<void> {
  const url = new URL(address.url);
  const proxy = await startTcpProxy(Number(url.port));
  url.port = String(proxy.port);
  const cut = await openDatabase({ ...address, url: url.href });
  proxy.loseAnswerTo = addsColumn;
  expect(await failureOf(migrate(cut))).toMatchObject({ code: "database_gone" });
  expect(proxy.loseAnswerTo as string | null).toBe(null);
  await cut.close();
  proxy.stop();
}
