// Bodies of large documents that several servers share in Redis, so that the database is asked for each of them once
// and not by every server. It holds no truth: the database says in every request which state of a document is meant,
// that state is part of the name, and what is not here at once is read from the database.
import type { RedisConnection } from "../redis/connection.ts";

export type Bodies = {
  /** null when it is not there, or not at once. */
  find(name: string): Promise<Uint8Array | null>;
  /** For an hour. A name never has two bodies. */
  keep(name: string, body: Uint8Array): void;
};

/** The database is asked after so long, and for a while nothing else is. */
const patienceMs = 100;
const pauseMs = 5000;
const keptMs = 3_600_000;
/** So much of Redis may a single document take. */
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
      // One that is full, or gone meanwhile, costs the others nothing.
      void redis.ask((client) => client.set(nameOf(name), bytes, "PX", keptMs)).catch(() => {});
    },
  };
}
