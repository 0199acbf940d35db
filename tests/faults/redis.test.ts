// R13: the Redis of the jobs is killed, emptied, stands still or has no memory left, while syncs wait and run. What
// must happen stands in the database; Composer is answered from there whatever Redis does.
import { afterAll, describe, expect, test } from "bun:test";
import { runSync } from "../../src/registry/syncs/sync.ts";
import { isMissing } from "../tools/servers/databases.ts";
import { failureOf } from "../tools/failure.ts";
import { openFleet, type Fleet } from "../tools/fleet.ts";
import { handlersFor, queueOnRedis } from "../tools/queues.ts";
import { startOwnRedis, stopServers, type Server } from "../tools/servers/services.ts";
import { startAsking } from "./asking.ts";
import { until } from "../tools/until.ts";

afterAll(stopServers);

const repositories = 12;

describe.skipIf(isMissing("redis-server"))("with the jobs on Redis", () => {
  /** With a client of Composer that asks all the while: it must never notice. */
  async function scene(
    settings: Record<string, string>,
    tell: (fleet: Fleet, redis: Server, url: string) => Promise<void>,
  ): Promise<void> {
    const redis = await startOwnRedis(settings);
    const fleet = await openFleet({ engine: "sqlite", redis, repositories });
    try {
      const [first] = await fleet.repositories();
      if (!first) throw new Error("there is no repository");
      const request = { repositoryId: first.id, reason: "asked" };
      await runSync(fleet.app, request, new AbortController().signal);
      const server = await fleet.start(["serve", "--no-worker"]);
      const names = ["acme/package-1", "acme/unknown"];
      const asking = startAsking({
        url: `${server.url}/acme`,
        token: fleet.token,
        names,
        published: ["acme/package-1"],
      });
      await tell(fleet, redis, server.url);
      await asking.round();
      const { statuses, wrong } = await asking.stop();
      expect(wrong).toEqual([]);
      expect(Object.keys(statuses)).toEqual(["200"]);
    } finally {
      await fleet.close();
    }
  }

  test(
    "R13: a Redis that is killed under load and comes back has lost no job, and nothing happens twice",
    () =>
      scene({}, async (fleet, redis, url) => {
        expect(await fleet.requestAll()).toBe(0);
        await fleet.start(["worker", "--concurrency", "2"]);
        await untilSynced(fleet, 4);
        await redis.kill();
        for (const path of ["/health", "/sign-in"]) expect((await fetch(url + path)).status).toBe(200);
        expect(await reportInstall(fleet, url)).toBe(200);
        const failed = await failureOf(fleet.app.jobs.enqueue("prune", {}));
        expect(failed).toMatchObject({ kind: "unavailable" });
        // What is asked for now cannot be queued, and is not forgotten.
        expect(await fleet.requestAll()).toBe(repositories);
        await redis.start();
        await until(async () => (await fleet.app.jobs.stats().catch(() => null)) !== null);
        await untilDone(fleet);
        expect(await fleet.faults()).toEqual([]);
      }),
    120_000,
  );

  test(
    "R13: a Redis that has lost everything is filled again from the database",
    () =>
      scene({}, async (fleet, redis) => {
        expect(await fleet.requestAll()).toBe(0);
        await redisCommand(redis, "FLUSHALL");
        await fleet.start(["worker", "--concurrency", "2"]);
        // The control: the queue alone has lost them. It works what comes later, and has nothing else.
        const { jobs } = fleet.app;
        const later = await jobs.enqueue("prune", {});
        await until(async () => (await jobs.find(later))?.state === "done", { what: "a later job is done" });
        expect((await jobs.countsByName()).filter((row) => row.name === "sync-repository")).toEqual([]);
        expect(await countSynced(fleet)).toBe(0);
        await fleet.letExpectationsPass();
        await untilSynced(fleet, 4);
        await redisCommand(redis, "FLUSHALL");
        await Bun.sleep(6000);
        await untilDone(fleet);
        expect(await fleet.faults()).toEqual([]);
      }),
    120_000,
  );

  test(
    "R13: a Redis that stands still for a while makes nobody wait for good",
    () =>
      scene({}, async (fleet, redis) => {
        expect(await fleet.requestAll()).toBe(0);
        await fleet.start(["worker", "--concurrency", "2"]);
        await untilSynced(fleet, 4);
        redis.pause();
        expect(await fleet.requestAll()).toBe(repositories);
        await Bun.sleep(6000);
        redis.resume();
        await untilDone(fleet);
        expect(await fleet.faults()).toEqual([]);
      }),
    120_000,
  );

  test(
    "R13: a Redis without memory refuses new jobs in words, keeps those it has, and takes new ones later",
    () =>
      scene({}, async (fleet, redis) => {
        expect(await fleet.requestAll()).toBe(0);
        const before = await fleet.app.jobs.stats();
        await redisCommand(redis, "CONFIG", "SET", "maxmemory", "1");
        expect(await fleet.requestAll()).toBe(repositories);
        expect(await failureOf(fleet.app.jobs.enqueue("prune", {}))).toMatchObject({ kind: "unavailable" });
        expect(await fleet.app.jobs.stats()).toEqual(before);
        await redisCommand(redis, "CONFIG", "SET", "maxmemory", "0");
        await fleet.start(["worker", "--concurrency", "2"]);
        await until(fleet.isDone);
        expect(await fleet.faults()).toEqual([]);
      }),
    120_000,
  );

  test("R13: a Redis that would evict jobs is refused at the start, with what to do", async () => {
    const redis = await startOwnRedis({ "maxmemory-policy": "allkeys-lru" });
    const place = await queueOnRedis(redis);
    const failure = await failureOf((await place.open()).stats());
    expect(failure).toMatchObject({ kind: "unavailable", code: "redis_evicts" });
    expect(failure.advice).toContain("noeviction");
    await redisCommand(redis, "CONFIG", "SET", "maxmemory-policy", "noeviction");
    expect(await (await place.open()).stats()).toMatchObject({ waiting: 0 });
    await place.close();
  });

  test("R13: a process that stops while Redis is away stops in order, and its job is run by another", async () => {
    const redis = await startOwnRedis();
    const place = await queueOnRedis(redis);
    const [leaving, other] = [await place.open(), await place.open()];
    const began = Promise.withResolvers<AbortSignal>();
    await leaving.enqueue("prune", {});
    await leaving.start(
      handlersFor(async ({ running }) => {
        began.resolve(running.signal);
        await new Promise(() => {});
      }),
      { concurrency: 1 },
    );
    const signal = await began.promise;
    await redis.kill();
    await leaving.drain(10);
    expect([signal.aborted, await other.isWorked()]).toEqual([true, false]);
    await redis.start();
    await until(async () => (await other.stats().catch(() => null)) !== null);
    const ran = Promise.withResolvers<void>();
    await other.start(
      handlersFor(async () => ran.resolve()),
      { concurrency: 1 },
    );
    await place.pass(31_000);
    await ran.promise;
    await place.close();
  }, 60_000);

  for (const [appendonly, kept] of [
    ["yes", 20],
    ["no", 0],
  ] as const)
    test(`R13: a Redis with appendonly ${appendonly} has ${kept} of 20 jobs after it was killed`, async () => {
      const redis = await startOwnRedis({ appendonly });
      const place = await queueOnRedis(redis);
      const queue = await place.open();
      for (let at = 0; at < 20; at++) await queue.enqueue("prune", {});
      await redis.kill();
      await redis.start();
      await until(async () => (await queue.stats().catch(() => null)) !== null);
      expect(await queue.stats()).toMatchObject({ waiting: kept });
      await place.close();
    });
});

/** As Composer does after an install. */
async function reportInstall({ token }: Fleet, url: string): Promise<number> {
  const body = JSON.stringify({ downloads: [{ name: "acme/package-1", version: "1.0.0.0" }] });
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  return (await fetch(`${url}/acme/notify-batch`, { method: "POST", headers, body })).status;
}

async function countSynced(fleet: Fleet): Promise<number> {
  return (await fleet.repositories()).filter(({ state }) => state === "fresh").length;
}

function untilSynced(fleet: Fleet, atLeast: number): Promise<void> {
  return until(async () => (await countSynced(fleet)) >= atLeast, {
    what: `${atLeast} repositories are synced`,
    withinMs: 90_000,
  });
}

/** What is still expected after a while is expected for too long. */
async function untilDone(fleet: Fleet): Promise<void> {
  let look = 0;
  await until(
    async () => {
      if (look++ % 200 === 0) await fleet.letExpectationsPass();
      return fleet.isDone();
    },
    { what: "every sync is done", withinMs: 90_000 },
  );
}

async function redisCommand({ url }: Server, command: string, ...args: string[]): Promise<void> {
  const client = new Bun.RedisClient(url);
  await client.send(command, args);
  client.close();
}
