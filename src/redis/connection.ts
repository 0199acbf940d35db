// A connection to Redis for requests that cannot wait: it answers soon, or fails at once while Redis is unavailable.
import { Redis } from "ioredis";
import { messageOf, unavailable } from "../errors.ts";
import type { Log } from "../log.ts";

export type RedisConnection = {
  /**
   * The first command connects. Rejects as `unavailable` (`redis_away`) while Redis is unreachable, or when it is silent
   * for two seconds; the command may have run all the same.
   */
  ask<Answer>(question: (redis: Redis) => Promise<Answer>): Promise<Answer>;
  /** Why Redis does not answer; null while it does, and before the first command. */
  problem(): string | null;
  /** Waits for running commands. */
  close(): Promise<void>;
};

/** Opens another connection, for subscriptions; `whenReady` is called on every (re)connect. */
export type ListenOnRedis = (whenReady: (redis: Redis) => void) => RedisConnection;

export type RedisOptions = {
  /** URL with user and password. */
  url: string;
  /** Names the connection in the log. */
  use: string;
  log: Pick<Log, "info" | "warn">;
  whenReady?: (redis: Redis) => void;
};

const connectMs = 2000;
/** A connection that is silent this long is closed; until the next one is ready, commands fail at once. */
const silentMs = 2000;
const mostRetryMs = 2000;

export function openRedis({ url, use, log, whenReady }: RedisOptions): RedisConnection {
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    connectTimeout: connectMs,
    socketTimeout: silentMs,
    retryStrategy: (times) => Math.min(times * 100, mostRetryMs),
  });
  const waiting = new Set<Promise<unknown>>();
  const tried = Promise.withResolvers<void>();
  let problem: string | null = null;

  function isAway(reason: string): void {
    if (problem === null) log.warn("redis.away", { use, reason });
    problem = reason;
    tried.resolve();
  }

  redis.on("error", (error: unknown) => isAway(messageOf(error)));
  redis.on("close", () => {
    if (redis.status !== "end") isAway(problem ?? "the connection was closed");
  });
  redis.on("ready", () => {
    if (problem !== null) log.info("redis.back", { use });
    problem = null;
    tried.resolve();
    whenReady?.(redis);
  });

  async function answered<Answer>(question: (redis: Redis) => Promise<Answer>): Promise<Answer> {
    // Errors also arrive as events.
    if (redis.status === "wait") void redis.connect().catch(() => {});
    await tried.promise;
    if (redis.status !== "ready") throw away(problem ?? "it is not connected");
    try {
      return await question(redis);
    } catch (error) {
      throw away(messageOf(error));
    }
  }

  return {
    ask(question) {
      const answer = answered(question);
      const settled = answer.then(
        () => {},
        () => {},
      );
      waiting.add(settled);
      void settled.then(() => waiting.delete(settled));
      return answer;
    },
    problem: () => problem,
    async close() {
      await Promise.all(waiting);
      redis.disconnect();
    },
  };
}

/** Redis's own error goes to the log only. */
function away(cause: string): Error {
  const failure = unavailable("Redis does not answer. Try again in a moment.", {
    code: "redis_away",
    retryAfterSeconds: 5,
  });
  return Object.assign(failure, { cause });
}
