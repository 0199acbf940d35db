// BullMQ's queues, one for each job name, over one connection. Jobs are moved step by step instead of by BullMQ's own
// worker, because the slots of a process are shared by all names, and a limit applies to one name.
import { type RedisQueueBackend, Queue } from "bullmq";
import { messageOf, unavailable } from "../../errors.ts";
import type { RedisClient, RedisConnection } from "../../redis/connection.ts";
import { leaseMs } from "../backlog.ts";
import { type JobName, jobNames } from "../queue.ts";

export type Bull = {
  queue: Queue;
  backend: RedisQueueBackend;
  /** Prefix of this queue's keys, ending in a colon. */
  prefix: string;
};

export type BullQueues = {
  /** Rejects as `unavailable` while Redis is down, and when its settings would lose jobs. */
  ask<Answer>(question: (bulls: Bulls) => Promise<Answer>): Promise<Answer>;
};

export type Bulls = {
  redis: RedisClient;
  /** What the prefixes of all queues begin with; a colon and the name of the queue follow. */
  prefix: string;
  /** Prefixes of all names, or of some. */
  prefixes(names?: readonly JobName[]): string[];
  of(name: string): Bull;
  run(script: string, args: (string | number)[]): Promise<unknown>;
};

/** `prefix` begins all keys of this installation and ends in a colon. */
export function openBullQueues(connection: RedisConnection, prefix: string): BullQueues {
  let opened: Bulls | null = null;
  let isFit = false;
  return {
    async ask(question) {
      if (!isFit) await refuseUnfit(connection);
      isFit = true;
      return connection.ask((redis) => question((opened ??= openBulls(redis, `${prefix}jobs`))));
    },
  };
}

/** Opens all queues at once: opening one later would make BullMQ wait without a limit if the connection is down. */
function openBulls(redis: RedisClient, prefix: string): Bulls {
  const bulls = new Map<string, Bull>(jobNames.map((name) => [name, openBull(redis, prefix, name)]));
  const of = (name: string) => {
    const bull = bulls.get(name);
    if (!bull) throw new TypeError(`There is no job named ${name}.`);
    return bull;
  };
  return {
    redis,
    prefix,
    of,
    prefixes: (names = jobNames) => names.map((name) => of(name).prefix),
    // The key tells a cluster which node has the others.
    run: (script, args) => redis.eval(script, 1, prefix, ...args),
  };
}

function openBull(redis: RedisClient, prefix: string, name: string): Bull {
  const options = {
    connection: redis,
    prefix,
    // BullMQ's backend reads it for every claim, although only its own worker sets it.
    lockDuration: leaseMs,
    // Nothing reads its event stream.
    streams: { events: { maxLen: 100 } },
    skipVersionCheck: true,
  };
  const queue = new Queue(name, options);
  // The connection reports its own errors.
  queue.on("error", () => {});
  return { queue, backend: queue.getBackend(), prefix: queue.toKey("") };
}

const oldestVersion = [6, 2] as const;

/** Checked before first use: Redis answers, supports what is needed and does not evict keys. */
async function refuseUnfit(connection: RedisConnection): Promise<void> {
  const info = await connection
    .ask((redis) => redis.info())
    .catch((error: unknown) => {
      const reason = (connection.problem() ?? messageOf(error)).replace(/\.$/, "");
      throw unavailable(`Redis cannot be used: ${reason}.`, {
        code: "redis",
        advice:
          "Check that it is running, and check REDIS_URL (or REDIS_HOST, REDIS_PORT and REDIS_PASSWORD).",
        retryAfterSeconds: 5,
      });
    });
  const infoField = (name: string) => new RegExp(`^${name}:(.+?)\\r?$`, "m").exec(info)?.[1] ?? "";
  const [major = 0, minor = 0] = infoField("redis_version").split(".").map(Number);
  if (major < oldestVersion[0] || (major === oldestVersion[0] && minor < oldestVersion[1]))
    throw unavailable(
      `Redis is ${infoField("redis_version")}, and the jobs need ${oldestVersion.join(".")} or newer.`,
      {
        code: "redis_old",
        advice:
          "Install a newer Redis or Valkey, or leave the jobs in the database: QUEUE_CONNECTION=database.",
      },
    );
  const policy = infoField("maxmemory_policy");
  if (policy !== "noeviction")
    throw unavailable(
      `Redis would throw jobs away when its memory is full: its maxmemory-policy is ${policy}.`,
      {
        code: "redis_evicts",
        advice:
          "Set it to noeviction in redis.conf, and now with: redis-cli config set maxmemory-policy noeviction",
      },
    );
}

/** Our fields of a job's data; `runAt` as first requested. */
type Stored = { payload: Record<string, unknown>; key: string | null; runAt: number };

export function storedIn(data: string): Stored {
  return { payload: {}, key: null, runAt: 0, ...(JSON.parse(data || "{}") as Partial<Stored>) };
}

/** False when the job is no longer in the expected state; BullMQ reports that as a number. */
export async function unlessLost(step: Promise<unknown>): Promise<boolean> {
  try {
    await step;
    return true;
  } catch (error) {
    if (typeof (error as { code?: unknown }).code === "number") return false;
    throw error;
  }
}
