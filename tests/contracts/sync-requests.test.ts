// The migration that renames the columns of a requested sync keeps what waits, on every engine.
import { afterAll, describe, expect, test } from "bun:test";
import { sql } from "kysely";
import { migrate, openDatabase } from "../../src/store/engine/database.ts";
import { listPastDeadline, listRequestedSyncs, markRunning } from "../../src/store/syncs/requests.ts";
import { findRepositoryById } from "../../src/store/repositories/repositories.ts";
import { engines, isMissing, makeDatabase, migrateTo } from "../tools/servers/databases.ts";
import { stopServers } from "../tools/servers/services.ts";

afterAll(stopServers);

for (const { engine, name, server } of engines)
  describe.skipIf(isMissing(server))(`a database from before on ${name}`, () => {
    test("keeps its requested syncs with their deadlines", async () => {
      const { address, remove } = await makeDatabase(engine);
      const before = await openDatabase(address);
      await migrateTo(before, "0020_job_attempts");
      await sql`insert into organizations (id, slug, name, publishes_source, created_at)
        values ('o1', 'acme', 'Acme', 1, 1)`.execute(before.write);
      for (const [id, requestedAt, deadline] of [
        ["r1", 1, 5],
        ["r2", 0, null],
      ] as const)
        await sql`insert into repositories (id, organization_id, name, url, provider, state, created_at,
          removals_confirmed, next_poll_at, failures, sync_asked, expected_by)
          values (${id}, 'o1', ${id}, ${`/srv/${id}`}, 'git', 'waiting', 1, 0, 0, 0, ${requestedAt}, ${deadline})`.execute(
          before.write,
        );
      await before.close();
      const db = await openDatabase(address);
      expect(await migrate(db)).toContain("0021_sync_requests");
      expect((await listRequestedSyncs(db)).map(({ id }) => id)).toEqual(["r1"]);
      const overdue = await listPastDeadline(db, { now: 5, farthest: 100, limit: 10 });
      expect(overdue).toMatchObject([{ id: "r1", sync_requested: 1, sync_deadline: 5 }]);
      await markRunning(db, "r1", 9);
      expect(await findRepositoryById(db, "r1")).toMatchObject({
        state: "syncing",
        sync_requested: 0,
        sync_deadline: 9,
      });
      await db.close();
      await remove();
    });
  });
