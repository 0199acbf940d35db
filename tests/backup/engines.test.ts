// A backup of any engine is restored into any other one.
import { afterAll, describe, expect, test } from "bun:test";
import { createApp } from "../../src/app.ts";
import { runBackup } from "../../src/backup/run.ts";
import { movedInto } from "../../src/backup/restore.ts";
import { join } from "node:path";
import { adoptAppUrl } from "../../src/registry/start.ts";
import { startCapture } from "../../src/store/move/capture.ts";
import { listTables } from "../../src/store/rows/tables.ts";
import { findDocument } from "../../src/store/packages/documents.ts";
import { listOrganizations } from "../../src/store/organizations/organizations.ts";
import { openDatabase, type Database } from "../../src/store/engine/database.ts";
import { failureOf } from "../tools/failure.ts";
import { engines, isMissing, makeDatabase } from "../tools/servers/databases.ts";
import { stopServers } from "../tools/servers/services.ts";
import { backupGround } from "./ground.ts";

afterAll(stopServers);

for (const { engine, name, server } of engines)
  describe.skipIf(isMissing(server))(name, () => {
    test("OP37: takes a SQLite backup, with documents byte by byte as they were", async () => {
      const ground = await backupGround();
      const made = await makeDatabase(engine);
      try {
        await runBackup(ground.world.app);
        const moved = movedInto(ground.world.app.config, join(ground.folder, "moved"));
        const config = engine === "sqlite" ? moved : { ...moved, database: made.address };
        await ground.restoreInto("moved", { config });
        const app = await createApp(config, { now: ground.world.app.now });
        try {
          await adoptAppUrl(app);
          expect(app.db.engine).toBe(engine);
          expect(await bodies(app.db)).toEqual(await bodies(ground.world.app.db));
        } finally {
          await app.close();
        }
        const again = await failureOf(ground.restoreInto("again", { config }));
        expect(again.code).toBe("not_empty");
      } finally {
        await ground.close();
        await made.remove();
      }
    }, 60_000);

    if (server !== null)
      test("OP37: gives a backup that SQLite takes", async () => {
        const made = await makeDatabase(engine);
        const address: Record<string, string> =
          made.address.engine === "sqlite" ? {} : { DB_CONNECTION: engine, DB_URL: made.address.url };
        const ground = await backupGround(address);
        try {
          const { set } = await runBackup(ground.world.app);
          expect(set.engine).toBe(engine);
          const path = join(ground.folder, "file", "pricore.sqlite");
          const config = { ...movedInto(ground.world.app.config, join(ground.folder, "file")) };
          await ground.restoreInto("file", { config: { ...config, database: { engine: "sqlite", path } } });
          const db = await openDatabase({ engine: "sqlite", path });
          expect(await bodies(db)).toEqual(await bodies(ground.world.app.db));
          await db.close();
        } finally {
          await ground.close();
          await made.remove();
        }
      }, 60_000);
  });

async function bodies(db: Database): Promise<string[]> {
  const [acme] = await listOrganizations(db);
  const names = ["packages.json", "acme/blog", "acme/blog~dev"];
  return Promise.all(
    names.map(async (name) => {
      const found = await findDocument(db, acme?.id ?? "", name);
      return Buffer.from(found?.body ?? "").toString("base64");
    }),
  );
}

test("a backup that was made during a move is restored without what noted changes for it", async () => {
  const ground = await backupGround();
  const { app } = ground.world;
  const found = (db: Database) =>
    db.sqlite?.query("select name from sqlite_schema where name like 'move\\_%' escape '\\'").all();
  try {
    const tables = app.db.sqlite ? listTables(app.db.sqlite) : [];
    await app.db.transaction((db) => startCapture(db, tables));
    expect(found(app.db)?.length).toBeGreaterThan(tables.length);
    await runBackup(app);
    await ground.restoreInto("restored");
    const db = await openDatabase(movedInto(app.config, join(ground.folder, "restored")).database);
    expect(found(db)).toEqual([]);
    await db.close();
  } finally {
    await ground.close();
  }
});
