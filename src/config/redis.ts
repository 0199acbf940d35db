// Redis, and what may be stored there: jobs, sessions, cached documents.
import { isIP } from "../net.ts";
import type { Config } from "./config.ts";
import type { Reader } from "./reader.ts";

/** `redis://user:password@host:port/database`, or `rediss:` for TLS. */
export type RedisAddress = { url: string };

/** From REDIS_URL or from its parts; null when neither is set. */
export function redisAddress(read: Reader): RedisAddress | null {
  const parts = ["REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD"].filter((name) => read.text(name, "") !== "");
  const url = read.text("REDIS_URL", "");
  if (url === "" && parts.length === 0) return null;
  if (url === "") return { url: redisUrl(read) };
  if (parts.length > 0) read.problem("REDIS_URL", `says it all already: leave out ${parts.join(", ")}`);
  if (!["redis:", "rediss:"].includes(URL.parse(url)?.protocol ?? ""))
    read.problem("REDIS_URL", "is not an address like redis://:password@host:6379");
  return { url };
}

function redisUrl(read: Reader): string {
  const host = read.text("REDIS_HOST", "127.0.0.1");
  const port = read.integer("REDIS_PORT", 6379, 1, 65_535);
  const password = encodeURIComponent(read.text("REDIS_PASSWORD", ""));
  const url = `redis://${password === "" ? "" : `:${password}@`}${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  if (URL.parse(url) === null) read.problem("REDIS_HOST", `"${host}" is not a host like redis.example.com`);
  return url;
}

export function jobs(read: Reader, redis: RedisAddress | null): Config["jobs"] {
  const kind = read.choice("QUEUE_CONNECTION", "database", ["database", "redis"]);
  if (kind === "database") return { kind };
  return { kind, redis: redis ?? missingRedis(read, "QUEUE_CONNECTION=redis") };
}

export function sessions(read: Reader, redis: RedisAddress | null): Config["sessions"] {
  const kind = read.choice("SESSION_DRIVER", "database", ["database", "redis"]);
  if (kind === "database") return { kind };
  return { kind, redis: redis ?? missingRedis(read, "SESSION_DRIVER=redis") };
}

export function cache(read: Reader, redis: RedisAddress | null): Config["cache"] {
  const kind = read.choice("CACHE_STORE", "memory", ["memory", "redis"]);
  if (kind === "memory") return { kind };
  if (read.text("DB_CONNECTION", "sqlite") !== "pgsql")
    read.problem(
      "CACHE_STORE",
      "redis is for PostgreSQL: SQLite and MariaDB give a document sooner than Redis; leave it out",
    );
  return { kind, redis: redis ?? missingRedis(read, "CACHE_STORE=redis") };
}

/** The same problem may be reported for two settings; the variable to set is the same. */
function missingRedis(read: Reader, what: string): RedisAddress {
  read.problem("REDIS_URL", `is needed with ${what}, for instance redis://:password@127.0.0.1:6379`);
  return { url: "" };
}
