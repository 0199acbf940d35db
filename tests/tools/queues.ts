// Every implementation of the job queue, each as a place where several queues meet, as processes would.
import { createDatabaseQueue } from "../../src/jobs/database.ts";
import { createRedisQueue } from "../../src/jobs/redis/queue.ts";
import type { JobHandlers, JobName, Queue, RunningJob, WorkFailure } from "../../src/jobs/queue.ts";
import type { RedisAddress } from "../../src/redis/address.ts";
import { keyPrefix, openRedis } from "../../src/redis/connection.ts";
import { type Database, openDatabase } from "../../src/store/engine/database.ts";
import type { DatabaseAddress } from "../../src/store/engine/engine.ts";
import { engines, makeMigratedDatabase } from "./servers/databases.ts";
import { startRedis, startRedisCluster, type Server } from "./servers/services.ts";

export type QueuePlace = {
  /** Another queue at this place, with connections of its own. */
  open(): Promise<Queue>;
  /** What `openQueue` takes in another process. */
  address: string;
  /** Where its timetable stands. */
  database: DatabaseAddress;
  now(): number;
  /** Lets time go by for the queues of this process: moves their clock, or waits where there is none to move. */
  pass(ms: number): Promise<void>;
  /** The error that a dead job keeps. */
  errorOf(id: string): Promise<string | null>;
  close(): Promise<void>;
};

export type QueueKind = { name: string; server: string | null; make(): Promise<QueuePlace> };

const tables: QueueKind[] = engines.map(({ engine, name, server }) => ({
  name: `a table of ${name}`,
  server,
  async make() {
    const { address, remove } = await makeMigratedDatabase(engine);
    const opened: { queue: Queue; db: Database }[] = [];
    let passed = 0;
    const now = () => Date.now() + passed;
    const db = await openDatabase(address);
    return {
      address: JSON.stringify(address),
      database: address,
      now,
      async open() {
        const own = await openDatabase(address);
        const queue = createDatabaseQueue({ db: own, now });
        opened.push({ queue, db: own });
        return queue;
      },
      async pass(ms) {
        passed += ms;
      },
      async errorOf(id) {
        const row = db.read
          .selectFrom("jobs")
          .select("error")
          .where("id", "=", id)
          .where("state", "=", "dead");
        return (await row.executeTakeFirst())?.error ?? null;
      },
      async close() {
        for (const { queue, db } of opened) {
          await queue.close();
          await db.close();
        }
        await db.close();
        await remove();
      },
    };
  },
}));

const log = { info() {}, warn() {} };

/** Processes and the timetable stand in a database beside it. */
export const queueOnRedis = ({ url }: Server): Promise<QueuePlace> => queueAtRedis({ url });

async function queueAtRedis(redis: RedisAddress): Promise<QueuePlace> {
  const { address: database, remove } = await makeMigratedDatabase("sqlite");
  const place: RedisPlace = { redis, prefix: keyPrefix(redis, Bun.randomUUIDv7()) };
  const address = JSON.stringify({ database, place });
  const opened: Awaited<ReturnType<typeof openQueue>>[] = [];
  const db = await openDatabase(database);
  const client = openRedis({ ...redis, use: "the test", log });
  const open = async () => {
    const own = await openQueue(address);
    opened.push(own);
    return own.queue;
  };
  return {
    address,
    database,
    now: Date.now,
    open,
    async pass(ms) {
      await Bun.sleep(Math.min(ms, 5));
      await client.ask((redis) => redis.eval(age, 1, place.prefix, `${place.prefix}*`, ms));
      const due = db.write.updateTable("schedules");
      await due.set((e) => ({ next_run_at: e("next_run_at", "-", ms) })).execute();
    },
    async errorOf(id) {
      const job = await (await open()).find(id);
      return job?.state === "dead" ? job.error : null;
    },
    async close() {
      for (const own of opened) await own.close();
      await client.close();
      await db.close();
      await remove();
    },
  };
}

type RedisPlace = { redis: RedisAddress; prefix: string };

/** There is no clock to move: everything that waits for a time, or lasts until one, is made that much older. */
const age = `
for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
  if string.match(key, ':lock$') then
    redis.call('PEXPIRE', key, math.max(1, redis.call('PTTL', key) - ARGV[2]))
  elseif string.match(key, ':delayed$') then
    for _, id in ipairs(redis.call('ZRANGE', key, 0, -1)) do
      local score = tonumber(redis.call('ZSCORE', key, id)) - ARGV[2] * 4096
      redis.call('ZADD', key, string.format('%.0f', score), id)
      redis.call('HSET', string.sub(key, 1, -8) .. id, 'due', string.format('%.0f', math.floor(score / 4096)))
    end
  end
end
`;

export const queues: QueueKind[] = [
  ...tables,
  { name: "Redis", server: "redis-server", make: async () => queueOnRedis(await startRedis()) },
  {
    name: "a Redis Cluster",
    server: "redis-server",
    make: async () => queueAtRedis((await startRedisCluster()).address),
  },
];

/** In another process, with the clock of the machine. */
export async function openQueue(address: string) {
  const place = JSON.parse(address) as DatabaseAddress | { database: DatabaseAddress; place: RedisPlace };
  if ("engine" in place) {
    const db = await openDatabase(place);
    const queue = createDatabaseQueue({ db, now: Date.now });
    return { db, queue, close: () => queue.close().then(db.close) };
  }
  const db = await openDatabase(place.database);
  const { redis: at, prefix } = place.place;
  const redis = openRedis({ ...at, use: "asking", log });
  const queue = createRedisQueue({
    redis,
    listen: (whenReady) => openRedis({ ...at, use: "listening", log, whenReady }),
    prefix,
    db,
    now: Date.now,
  });
  return { db, queue, close: () => queue.close().then(redis.close).then(db.close) };
}

export type Run = {
  name: JobName;
  payload: { repositoryId?: string; reason?: string; reference?: string };
  running: RunningJob;
};

/** The same handler for every job. */
export function handlersFor(run: (run: Run) => Promise<WorkFailure | void>): JobHandlers {
  const handler = (name: JobName) => (payload: Run["payload"], running: RunningJob) =>
    run({ name, payload, running });
  return {
    "sync-repository": handler("sync-repository"),
    "repair-archive": handler("repair-archive"),
    "ensure-webhook": handler("ensure-webhook"),
    "check-webhooks": handler("check-webhooks"),
    "remove-webhooks": handler("remove-webhooks"),
    "send-mails": handler("send-mails"),
    "poll-repositories": handler("poll-repositories"),
    reconcile: handler("reconcile"),
    "watch-freshness": handler("watch-freshness"),
    "watch-queue": handler("watch-queue"),
    "renew-certificate": handler("renew-certificate"),
    "scrub-archives": handler("scrub-archives"),
    "back-up": handler("back-up"),
    "count-downloads": handler("count-downloads"),
    "run-doctor": handler("run-doctor"),
    prune: handler("prune"),
  };
}
