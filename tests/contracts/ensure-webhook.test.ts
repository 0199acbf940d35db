// The migration that renames the job keep-webhook to ensure-webhook, on every engine.
import { afterAll, describe, expect, test } from "bun:test";
import { sql } from "kysely";
import { migrate, openDatabase } from "../../src/store/engine/database.ts";
import { engines, isMissing, makeDatabase, migrateTo } from "../tools/servers/databases.ts";
import { stopServers } from "../tools/servers/services.ts";

afterAll(stopServers);

for (const { engine, name, server } of engines)
  describe.skipIf(isMissing(server))(`a database from before on ${name}`, () => {
    test("keeps a waiting job, its key and the pause under the new name", async () => {
      const { address, remove } = await makeDatabase(engine);
      const db = await openDatabase(address);
      await migrateTo(db, "0023_error_codes");
      const key = "keep-webhook:r1";
      await sql`
        insert into jobs (id, name, payload, ${sql.ref("key")}, waiting_key, state, priority, run_at, attempts, created_at)
        values ('j1', 'keep-webhook', '{}', ${key}, ${key}, 'waiting', 15, 0, 0, 0)`.execute(db.write);
      await sql`insert into job_pauses (name, paused_at) values ('keep-webhook', 0)`.execute(db.write);
      await migrate(db);
      const jobs = await db.read.selectFrom("jobs").select(["name", "key", "waiting_key"]).execute();
      expect(jobs).toEqual([
        { name: "ensure-webhook", key: "ensure-webhook:r1", waiting_key: "ensure-webhook:r1" },
      ]);
      const pauses = await db.read.selectFrom("job_pauses").select("name").execute();
      expect(pauses).toEqual([{ name: "ensure-webhook" }]);
      await db.close();
      await remove();
    });
  });
