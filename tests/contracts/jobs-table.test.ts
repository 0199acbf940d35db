// What only the queue in the database promises.
import { afterAll, describe, expect, test } from "bun:test";
import { createDatabaseQueue } from "../../src/jobs/database.ts";
import type { JobName } from "../../src/jobs/queue.ts";
import { type Database, migrate, openDatabase } from "../../src/store/engine/database.ts";
import { pruneJobs } from "../../src/store/jobs/jobs.ts";
import { listWorkers } from "../../src/store/jobs/workers.ts";
import { engines, isMissing, makeDatabase } from "../tools/servers/databases.ts";
import { handlersFor } from "../tools/queues.ts";
import { startMariadb, startPostgres, stopServers } from "../tools/servers/services.ts";
import { until } from "../tools/until.ts";

afterAll(stopServers);

const hour = 3_600_000;

for (const { engine, name, server } of engines) {
  describe.skipIf(isMissing(server))(`the jobs table on ${name}`, () => {
    test("forgets what was done before a time, and nothing else", async () => {
      await using at = await openTable(engine);
      const { queue, db } = at;
      for (const each of ["poll-repositories", "prune", "count-downloads"] as const)
        await queue.enqueue(each, {});
      await queue.enqueue("prune", {}, { runAt: at.now() + 10 * hour });
      await queue.start(
        handlersFor(async ({ name }) => {
          if (name === "count-downloads") throw new Error("No.");
        }),
        { concurrency: 1 },
      );
      for (let look = 0; (await queue.stats()).dead === 0 && look < 200; look++) {
        at.pass(10_000);
        await Bun.sleep(50);
      }
      const states = async () => {
        const rows = await db.read.selectFrom("jobs").select("state").orderBy("state").execute();
        return rows.map(({ state }) => state);
      };
      const keep = { failedSince: at.now() - 100 * hour, maxFailed: 10 };
      await pruneJobs(db, { ...keep, doneSince: at.now() - hour });
      expect(await states()).toEqual(["dead", "done", "done", "waiting"]);
      at.pass(hour);
      await pruneJobs(db, { ...keep, doneSince: at.now() });
      expect(await states()).toEqual(["dead", "waiting"]);
    });

    test("keeps a job that this version does not know, with the reason", async () => {
      await using at = await openTable(engine);
      const { queue, db } = at;
      await queue.enqueue("send-postcard" as JobName, {});
      await queue.start(
        handlersFor(async () => {}),
        { concurrency: 1 },
      );
      for (let look = 0; (await queue.stats()).dead === 0 && look < 200; look++) {
        at.pass(10_000);
        await Bun.sleep(50);
      }
      const row = await db.read.selectFrom("jobs").select(["state", "error"]).executeTakeFirst();
      expect(row).toEqual({ state: "dead", error: "This version has no job named send-postcard." });
    });

    test("is worked by fewer at once when there was nothing to do for a while", async () => {
      await using at = await openTable(engine);
      const { queue, db } = at;
      const places = async () => (await listWorkers(db))[0]?.places;
      const seen: (number | undefined)[] = [];
      for (const _ of [1, 2, 3]) await queue.enqueue("prune", {});
      const gate = Promise.withResolvers<void>();
      await queue.start(
        handlersFor(() => gate.promise),
        { concurrency: 3, minimum: 1 },
      );
      const passUntil = async (wanted: number) => {
        for (let look = 0; (await places()) !== wanted && look < 400; look++) {
          at.pass(2000);
          await Bun.sleep(50);
        }
        seen.push(await places());
      };
      await passUntil(3);
      gate.resolve();
      await passUntil(1);
      expect(seen).toEqual([3, 1]);
    }, 60_000);

    if (engine === "sqlite") return;
    test("is worked on when its server is back", async () => {
      await using at = await openTable(engine);
      const { queue, events } = at;
      const ran: string[] = [];
      await queue.start(
        handlersFor(async ({ name }) => void ran.push(name)),
        { concurrency: 1 },
      );
      const running = await (engine === "pgsql" ? startPostgres() : startMariadb());
      await running.kill();
      await until(() => events.includes("queue.fault"));
      await running.start();
      await queue.enqueue("prune", {});
      await until(() => ran.length > 0, { what: "the job runs" });
      expect(ran).toEqual(["prune"]);
      // Told once, not every second.
      expect(events.filter((event) => event === "queue.fault")).toHaveLength(1);
    });
  });
}

async function openTable(engine: Database["engine"]) {
  const { address, remove } = await makeDatabase(engine);
  const db = await openDatabase(address);
  await migrate(db);
  let passed = 0;
  const events: string[] = [];
  const now = () => Date.now() + passed;
  const queue = createDatabaseQueue({ db, now, log: (event) => events.push(event) });
  return {
    db,
    queue,
    events,
    now,
    pass: (ms: number) => (passed += ms),
    async [Symbol.asyncDispose]() {
      await queue.close();
      await db.close();
      await remove();
    },
  };
}
