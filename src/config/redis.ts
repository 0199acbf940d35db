// Redis, and what may be stored there: jobs, sessions, cached documents.
import { isIP } from "../net.ts";
import type { RedisAddress, RedisLogin, RedisNode } from "../redis/address.ts";
import { listIn, type Reader } from "./reader.ts";

export type InDatabase = { kind: "database" };
export type InMemory = { kind: "memory" };
export type InRedis = { kind: "redis"; redis: RedisAddress };

const loginParts = ["REDIS_USERNAME", "REDIS_PASSWORD", "REDIS_TLS"];
const wayNames = ["REDIS_URL", "REDIS_CLUSTER", "REDIS_SENTINELS", "REDIS_HOST"] as const;
type Way = (typeof wayNames)[number];
/** Each way to say where Redis is, with the variables that belong to it. */
const ways: Record<Way, string[]> = {
  REDIS_URL: [],
  REDIS_CLUSTER: loginParts,
  REDIS_SENTINELS: ["REDIS_SENTINEL_NAME", "REDIS_SENTINEL_PASSWORD", ...loginParts],
  REDIS_HOST: ["REDIS_PORT", ...loginParts],
};
const parts = [...new Set(Object.entries(ways).flat(2))];

/** From REDIS_URL, from REDIS_HOST and its parts, or from a list of nodes; null when none is set. */
export function redisAddress(read: Reader): RedisAddress | null {
  const given = parts.filter((name) => read.text(name, "") !== "");
  if (given.length === 0) return null;
  const way = wayNames.find((name) => given.includes(name)) ?? "REDIS_HOST";
  const others = given.filter((name) => name !== way && !ways[way].includes(name));
  if (others.length > 0) read.problem(way, `says it all already: leave out ${others.join(", ")}`);
  const ca = read.file("REDIS_CA_FILE");
  return { ...addressOf(read, way), ...(ca === "" ? {} : { ca }) };
}

function addressOf(read: Reader, way: Way): RedisAddress {
  if (way === "REDIS_URL") return { url: givenUrl(read) };
  if (way === "REDIS_HOST") return { url: builtUrl(read) };
  if (way === "REDIS_CLUSTER") return { cluster: nodesIn(read, way, 6379), login: loginOf(read) };
  return {
    sentinels: nodesIn(read, way, 26_379),
    name: read.required("REDIS_SENTINEL_NAME", "what the sentinels call the master, for instance mymaster"),
    sentinelPassword: read.text("REDIS_SENTINEL_PASSWORD", "") || null,
    login: loginOf(read),
  };
}

function givenUrl(read: Reader): string {
  const url = read.text("REDIS_URL", "");
  if (!["redis:", "rediss:"].includes(URL.parse(url)?.protocol ?? ""))
    read.problem("REDIS_URL", "is not an address like redis://:password@host:6379");
  return url;
}

function builtUrl(read: Reader): string {
  const host = read.text("REDIS_HOST", "127.0.0.1");
  const port = read.integer("REDIS_PORT", 6379, 1, 65_535);
  const { username, password, tls } = loginOf(read);
  const login = `${encodeURIComponent(username ?? "")}:${encodeURIComponent(password ?? "")}@`;
  const url = `${tls ? "rediss" : "redis"}://${login === ":@" ? "" : login}${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  if (URL.parse(url) === null) read.problem("REDIS_HOST", `"${host}" is not a host like redis.example.com`);
  return url;
}

/** A user without a password would sign in as nobody. */
function loginOf(read: Reader): RedisLogin {
  const username = read.text("REDIS_USERNAME", "") || null;
  const password = read.text("REDIS_PASSWORD", "") || null;
  if (username !== null && password === null)
    read.problem("REDIS_PASSWORD", "is missing: it goes with REDIS_USERNAME");
  return { username, password, tls: read.flag("REDIS_TLS", false) };
}

/** `host:port` or `host`, separated by commas; IPv6 addresses in brackets. */
function nodesIn(read: Reader, name: string, usualPort: number): RedisNode[] {
  return listIn(read.text(name, "")).flatMap((part) => {
    const url = /^[^/?#@]+$/.test(part) ? URL.parse(`redis://${part}`) : null;
    if (!url?.hostname)
      read.problem(name, `"${part}" is not a host and port like redis-1.example.com:${usualPort}`);
    return url?.hostname
      ? [{ host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port) || usualPort }]
      : [];
  });
}

export function jobs(read: Reader, redis: RedisAddress | null): InDatabase | InRedis {
  const kind = read.choice("QUEUE_CONNECTION", "database", ["database", "redis"]);
  if (kind === "database") return { kind };
  return { kind, redis: redis ?? missingRedis(read, "QUEUE_CONNECTION=redis") };
}

export function sessions(read: Reader, redis: RedisAddress | null): InDatabase | InRedis {
  const kind = read.choice("SESSION_DRIVER", "database", ["database", "redis"]);
  if (kind === "database") return { kind };
  return { kind, redis: redis ?? missingRedis(read, "SESSION_DRIVER=redis") };
}

export function cache(read: Reader, redis: RedisAddress | null): InMemory | InRedis {
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
