// The only place that opens connections to Redis. Commands fail in bounded time while it is away; the connection comes
// back by itself.
import { Redis } from "ioredis";
import { Failure, messageOf, unavailable } from "./errors.ts";

export type { Redis };
export type RedisOptions = {
  url: string;
  log: (event: string, fields: Record<string, unknown>) => void;
};

const connectMs = 5000;
const commandMs = 5000;
const longestPauseMs = 2000;
const oldestVersion = [6, 2] as const;

/** Resolves once Redis answers; fails as `unavailable` when it does not, is too old or refuses the password. */
export async function openRedis({ url, log }: RedisOptions): Promise<Redis> {
  let fault: unknown = null;
  let isGone = false;
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: connectMs,
    commandTimeout: commandMs,
    // What cannot be sent now, or was not answered, is for whoever asked to decide about.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(100 * 2 ** times, longestPauseMs),
  });
  redis.on("error", (error: Error) => void (fault = error));
  redis.on("reconnecting", () => {
    if (!isGone) log("redis.gone", fault === null ? {} : { reason: messageOf(fault) });
    isGone = true;
  });
  redis.on("ready", () => {
    if (isGone) log("redis.back", {});
    isGone = false;
    fault = null;
  });
  try {
    await redis.connect();
    refuseOld(await redis.info("server"));
    return redis;
  } catch (error) {
    redis.disconnect();
    throw error instanceof Failure ? error : notAnswering(url, fault ?? error);
  }
}

/** What a command failed with, as something to try again later; a failure that has words keeps them. */
export function redisFailure(error: unknown): unknown {
  if (error instanceof Failure || error instanceof TypeError) return error;
  const text = messageOf(error);
  if (text.startsWith("OOM "))
    return unavailable("Redis has no memory left.", {
      code: "redis_full",
      remedy: "Raise its maxmemory.",
      retryAfterSeconds: 30,
    });
  return unavailable(`Redis does not answer: ${text.replace(/\.$/, "")}.`, {
    code: "redis",
    retryAfterSeconds: 5,
  });
}

function notAnswering(url: string, error: unknown): Failure {
  return unavailable(
    `Redis at ${URL.parse(url)?.host} cannot be used: ${messageOf(error).replace(/\.$/, "")}.`,
    {
      code: "redis",
      remedy: "Check that it runs, and what REDIS_URL (or REDIS_HOST, REDIS_PORT and REDIS_PASSWORD) says.",
    },
  );
}

function refuseOld(info: string): void {
  const version = /^redis_version:(.+?)\r?$/m.exec(info)?.[1] ?? "0";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [leastMajor, leastMinor] = oldestVersion;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  throw unavailable(`Redis is ${version}, and it takes ${oldestVersion.join(".")} or newer.`, {
    code: "redis_old",
  });
}
