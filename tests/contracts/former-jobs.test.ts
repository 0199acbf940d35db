// Jobs in Redis whose kind was renamed since: a migration renames them in the database, and nothing did there.
import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import { RedisClient } from "bun";
import { createRedisQueue } from "../../src/jobs/redis/queue.ts";
import type { JobName } from "../../src/jobs/queue.ts";
import { keyPrefix, openRedis } from "../../src/redis/connection.ts";
import { type Database, openDatabase } from "../../src/store/engine/database.ts";
import { isMissing, makeMigratedDatabase } from "../tools/servers/databases.ts";
import { handlersFor } from "../tools/queues.ts";
import { startRedis, stopServers } from "../tools/servers/services.ts";
import { until } from "../tools/until.ts";

afterAll(stopServers);

const hour = 3_600_000;

describe.skipIf(isMissing("redis-server"))("a queue in Redis", () => {
  let url: string;
  let prefix: string;
  let client: RedisClient;
  let db: Database;
  let remove: () => Promise<void>;
  let logged: [event: string, fields: Record<string, unknown>][];
  let closing: (() => Promise<void>)[];

  beforeEach(async () => {
    ({ url } = await startRedis());
    prefix = keyPrefix({ url }, Bun.randomUUIDv7());
    client = new RedisClient(url);
    const made = await makeMigratedDatabase("sqlite");
    remove = made.remove;
    db = await openDatabase(made.address);
    [logged, closing] = [[], []];
  });
  afterEach(async () => {
    for (const close of closing) await close();
    client.close();
    await db.close();
    await remove();
  });

  function open() {
    const log = { info() {}, warn() {} };
    const redis = openRedis({ url, use: "asking", log });
    const queue = createRedisQueue({
      redis,
      listen: (whenReady) => openRedis({ url, use: "listening", log, whenReady }),
      prefix,
      db,
      now: Date.now,
      log: (event, fields) => void logged.push([event, fields]),
    });
    closing.push(() => queue.close().then(redis.close));
    return queue;
  }

  const keysOf = async (kind: string) => (await client.keys(`${prefix}jobs:${kind}:*`)).toSorted();

  /** As a release left it that had this kind: only its name differs. */
  async function rename(from: JobName, to: string): Promise<void> {
    for (const key of await keysOf(from))
      await client.send("RENAME", [key, key.replace(`jobs:${from}:`, `jobs:${to}:`)]);
  }

  test("runs the jobs of a kind under the name that it has now, and leaves no key of the former one", async () => {
    const before = open();
    await before.start(
      handlersFor(async () => ({ failed: "No." })),
      { concurrency: 1 },
    );
    await before.enqueue("ensure-webhook", { repositoryId: "failed" }, { key: "failed" });
    await until(async () => (await before.list({ state: "failed", limit: 1 })).jobs.length === 1);
    await before.drain(5000);
    await before.enqueue("ensure-webhook", { repositoryId: "blog" }, { key: "blog", priority: 15 });
    const runAt = Date.now() + hour;
    await before.enqueue("ensure-webhook", { repositoryId: "shop" }, { key: "shop", runAt });
    await rename("ensure-webhook", "keep-webhook");
    // The control: what has the former name is seen by nobody.
    expect((await open().stats()).waiting).toBe(0);

    const after = open();
    const ran: string[] = [];
    await after.start(
      handlersFor(async ({ name, payload }) => void ran.push(`${name} ${payload.repositoryId}`)),
      { concurrency: 1 },
    );
    await until(() => ran.length > 0);
    expect(ran).toEqual(["ensure-webhook blog"]);
    const { jobs } = await after.list({ state: "waiting", limit: 10 });
    expect(jobs).toMatchObject([{ name: "ensure-webhook", payload: { repositoryId: "shop" }, runAt }]);
    expect(await keysOf("keep-webhook")).toEqual([]);
    expect(logged).toContainEqual([
      "queue.kind_renamed",
      { from: "keep-webhook", to: "ensure-webhook", moved: 2 },
    ]);
  });

  test("names a kind of another version that has jobs, and leaves it to that version", async () => {
    await open().enqueue("ensure-webhook", { repositoryId: "blog" }, { key: "blog" });
    await rename("ensure-webhook", "of-tomorrow");
    const keys = await keysOf("of-tomorrow");
    await open().start(
      handlersFor(async () => {}),
      { concurrency: 1 },
    );
    expect(logged).toEqual([["queue.unknown_kind", { kind: "of-tomorrow", waiting: 1 }]]);
    expect(await keysOf("of-tomorrow")).toEqual(keys);
  });
});
