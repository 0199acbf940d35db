// The queue on Redis: BullMQ stores the jobs. Running workers and paused names are stored in the database, as with the
// other queue, so both survive a Redis that has lost everything.
import { notFound } from "../../errors.ts";
import type { ListenOnRedis, RedisConnection } from "../../redis/connection.ts";
import type { Database } from "../../store/engine/database.ts";
import { findPauses, pauseJobs, resumeJobs } from "../../store/jobs/pauses.ts";
import { isAnyoneAlive } from "../liveness.ts";
import type { NameCounts, Queue } from "../queue.ts";
import { startWorker, type Worker } from "../worker.ts";
import { bullBacklog } from "./backlog.ts";
import { openBullQueues } from "./bull.ts";
import { forgetJobs, pruneJobs } from "./forgetting.ts";
import { moveFormerKinds } from "./former-kinds.ts";
import { countJobs, findJob, listJobs, listUnsuccessful } from "./lists.ts";
import { addJob, reviveJob } from "./requests.ts";
import { forget, settle } from "./scripts.ts";

export type RedisQueueOptions = {
  redis: RedisConnection;
  /** Opens another connection, which listens for jobs that other processes add. */
  listen: ListenOnRedis;
  /** Prefix of all keys, ending in a colon. */
  prefix: string;
  db: Database;
  now: () => number;
  log?: (event: string, fields: Record<string, unknown>) => void;
};

/**
 * Rejects as `unavailable` while Redis is down. Jobs are as durable as Redis makes them; a Redis that would evict jobs
 * is refused before first use.
 */
export function createRedisQueue({
  redis,
  listen,
  prefix,
  db,
  now,
  log = () => {},
}: RedisQueueOptions): Queue {
  const bulls = openBullQueues(redis, prefix);
  const channel = `${prefix}jobs:wake`;
  let worker: Worker | null = null;
  let listening: RedisConnection | null = null;

  /** Best effort: a worker that misses it claims the job at its next tick, within a second. */
  const wakeAll = () => {
    worker?.wake();
    redis.ask((client) => client.publish(channel, "")).catch(() => {});
  };

  const subscribe = () => {
    listening = listen((client) => {
      client.removeAllListeners("message").on("message", () => worker?.wake());
      void client.subscribe(channel).catch(() => {});
    });
    // The first command opens the connection.
    listening.ask((client) => client.subscribe(channel)).catch(() => {});
  };

  const drain = async (timeoutMs: number) => {
    const [stopping, subscription] = [worker, listening];
    worker = listening = null;
    await stopping?.drain(timeoutMs);
    await subscription?.close();
  };

  return {
    async enqueue(name, payload, { key = null, runAt = now(), priority = 0 }: EnqueueFields = {}) {
      const id = await bulls.ask((bulls) =>
        addJob(bulls, { name, payload, key, runAt, priority, now: now() }),
      );
      wakeAll();
      return id;
    },
    async start(handlers, options) {
      if (worker) throw new Error("This queue has been started already.");
      await bulls.ask((bulls) => moveFormerKinds(bulls, { now: now(), log }));
      worker = await startWorker({ backlog: bullBacklog(bulls), db, now, log, handlers, ...options });
      subscribe();
    },
    isWorked: () => isAnyoneAlive(db, now()),
    async stats() {
      const { counts, oldestWaitingAt } = await bulls.ask((bulls) => countJobs(bulls, now()));
      const sum = (field: (counts: NameCounts) => number) =>
        counts.reduce((all, each) => all + field(each), 0);
      return {
        waiting: sum(({ waiting, delayed }) => waiting + delayed),
        running: sum(({ running }) => running),
        dead: sum(({ dead }) => dead),
        oldestWaitingAt,
      };
    },
    list: (listing) => bulls.ask((bulls) => listJobs(bulls, listing)),
    find: (id) => bulls.ask((bulls) => findJob(bulls, id)),
    async countsByName() {
      const { counts } = await bulls.ask((bulls) => countJobs(bulls, now()));
      return counts.filter(
        ({ waiting, delayed, running, failed, dead }) => waiting + delayed + running + failed + dead > 0,
      );
    },
    async retry(id) {
      const isFailed = await bulls.ask((bulls) => reviveJob(bulls, id, now()));
      if (!isFailed) throw notFound(`There is no failed job with the id ${id}.`);
      wakeAll();
    },
    async retryAll() {
      const revived = await bulls.ask(async (bulls) => {
        let revived = 0;
        for (const { id } of await listUnsuccessful(bulls)) if (await reviveJob(bulls, id, now())) revived++;
        return revived;
      });
      wakeAll();
      return revived;
    },
    settle: (name, key) =>
      bulls.ask(async (bulls) => void (await bulls.run(settle, [bulls.of(name).prefix, key]))),
    async forget(id) {
      const forgotten = await bulls.ask(async (bulls) => {
        const answers = bulls.prefixes().map((prefix) => bulls.run(forget, [prefix, id]));
        return (await Promise.all(answers)).some((answer) => Number(answer) === 1);
      });
      if (!forgotten) throw notFound(`There is no failed job with the id ${id}.`);
    },
    forgetAll: () => bulls.ask(forgetJobs),
    prune: (limits) => bulls.ask((bulls) => pruneJobs(bulls, limits)),
    async setPaused(name, isPaused, by = "system") {
      if (isPaused) await pauseJobs(db, name, { by, now: now() });
      else await resumeJobs(db, name);
      await worker?.applyPauses();
    },
    paused: () => findPauses(db),
    drain,
    close: () => drain(0),
  };
}

type EnqueueFields = { key?: string | null; runAt?: number; priority?: number };
