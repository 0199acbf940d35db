// Bodies of large documents, shared by several servers in Redis so that only one of them reads each from the database.
// The cache is optional and holds no truth: every request reads from the database which version of a document is
// current, that version is part of the key, and on a miss or a slow answer the body is read from the database.
import type { RedisConnection } from "../redis/connection.ts";

export type Bodies = {
  /** null on a miss, and when Redis is slow. */
  find(name: string): Promise<Uint8Array | null>;
  /** Stores it for an hour. A name never has two bodies. */
  keep(name: string, body: Uint8Array): void;
};

/** After this long the body is read from the database, and Redis is skipped for `pauseMs`. */
const patienceMs = 100;
const pauseMs = 5000;
const keptMs = 3_600_000;
/** The largest document that is shared. */
const mostBytes = 8 * 1024 * 1024;

export function createRedisBodies({ redis, prefix }: { redis: RedisConnection; prefix: string }): Bodies {
  const nameOf = (name: string) => `${prefix}document:${name}`;
  let pausedUntil = 0;
  return {
    async find(name) {
      if (performance.now() < pausedUntil || redis.problem() !== null) return null;
      const late = Promise.withResolvers<null>();
      const timer = setTimeout(() => {
        pausedUntil = performance.now() + pauseMs;
        late.resolve(null);
      }, patienceMs);
      const found = redis.ask((client) => client.getBuffer(nameOf(name))).catch(() => null);
      return Promise.race([found, late.promise]).finally(() => clearTimeout(timer));
    },
    keep(name, body) {
      if (body.length > mostBytes || performance.now() < pausedUntil || redis.problem() !== null) return;
      const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
      // Errors are ignored: the cache is optional.
      void redis.ask((client) => client.set(nameOf(name), bytes, "PX", keptMs)).catch(() => {});
    },
  };
}
