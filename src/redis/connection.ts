// A connection to Redis for requests that cannot wait: it answers soon, or fails at once while Redis is unavailable.
import { Cluster, Redis, type RedisOptions as ClientOptions } from "ioredis";
import { messageOf, unavailable } from "../errors.ts";
import type { Log } from "../log.ts";
import type { RedisAddress } from "./address.ts";

/** A server, found by its address or by its sentinels, or a cluster. */
export type RedisClient = Redis | Cluster;

export type RedisConnection = {
  /**
   * The first command connects. Rejects as `unavailable` (`redis_away`) while Redis is unreachable, or when it is silent
   * for two seconds; the command may have run all the same.
   */
  ask<Answer>(question: (redis: RedisClient) => Promise<Answer>): Promise<Answer>;
  /** Why Redis does not answer; null while it does, and before the first command. */
  problem(): string | null;
  /** Waits for running commands. */
  close(): Promise<void>;
};

/** Opens another connection, for subscriptions; `whenReady` is called on every (re)connect. */
export type ListenOnRedis = (whenReady: (redis: RedisClient) => void) => RedisConnection;

export type RedisOptions = RedisAddress & {
  /** Names the connection in the log. */
  use: string;
  log: Pick<Log, "info" | "warn">;
  whenReady?: (redis: RedisClient) => void;
};

const connectMs = 2000;
/** A connection that is silent this long is closed; until the next one is ready, commands fail at once. */
const silentMs = 2000;
const mostRetryMs = 2000;

/**
 * All keys of an installation that shares a Redis with others begin with this. In a cluster the braces put them into
 * one slot, on one node: scripts and BullMQ change several keys at once.
 */
export function keyPrefix(address: RedisAddress | null, installation: string): string {
  const name = `pricore:${installation}`;
  return address && "cluster" in address ? `{${name}}:` : `${name}:`;
}

const patience: ClientOptions = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  maxRetriesPerRequest: 0,
  connectTimeout: connectMs,
  socketTimeout: silentMs,
};
const retryMs = (times: number) => Math.min(times * 100, mostRetryMs);

function openClient(address: RedisAddress): RedisClient {
  const ca = address.ca === undefined ? {} : { ca: address.ca };
  if ("url" in address) {
    const tls = address.url.startsWith("rediss:") ? { tls: ca } : {};
    return new Redis(address.url, { ...patience, ...tls, lazyConnect: true, retryStrategy: retryMs });
  }
  const { username, password, tls } = address.login;
  const login: ClientOptions = {
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    ...(tls ? { tls: ca } : {}),
  };
  if ("cluster" in address)
    return new Cluster(address.cluster, {
      lazyConnect: true,
      enableOfflineQueue: false,
      clusterRetryStrategy: retryMs,
      // With TLS the names must reach the certificate check unresolved.
      ...(tls ? { dnsLookup: (host, found) => found(null, host) } : {}),
      redisOptions: { ...patience, ...login },
    });
  return new Redis({
    ...patience,
    ...login,
    sentinels: address.sentinels,
    name: address.name,
    ...(address.sentinelPassword === null ? {} : { sentinelPassword: address.sentinelPassword }),
    ...(tls ? { enableTLSForSentinelMode: true, sentinelTLS: ca } : {}),
    lazyConnect: true,
    retryStrategy: retryMs,
    sentinelRetryStrategy: retryMs,
  });
}

export function openRedis({ use, log, whenReady, ...address }: RedisOptions): RedisConnection {
  const redis = openClient(address);
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

  async function answered<Answer>(question: (redis: RedisClient) => Promise<Answer>): Promise<Answer> {
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
