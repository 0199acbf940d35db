// Counts of what may happen only so often in a while, kept so that a restart does not forget them.
import { sql } from "kysely";
import { upsert, type Db } from "./database.ts";

export type Throttle = { limit: number; windowMs: number; now: number };

/**
 * Counts one more against `key` and answers how long it must wait, in milliseconds: 0 while the limit is kept. The
 * window begins with the first and is not made longer by more.
 */
export async function countAgainst(db: Db, key: string, { limit, windowMs, now }: Throttle): Promise<number> {
  await db.write.deleteFrom("throttles").where("key", "=", key).where("until", "<=", now).execute();
  await upsert(
    db,
    "throttles",
    { key, count: 1, until: now + windowMs },
    { key: ["key"], update: { count: sql`${sql.ref("throttles.count")} + 1` } },
  );
  const row = await findThrottle(db, key);
  return row && row.count > limit ? Math.max(0, row.until - now) : 0;
}

/** How long `key` must wait, without counting. */
export async function waitOf(
  db: Db,
  key: string,
  { limit, now }: Omit<Throttle, "windowMs">,
): Promise<number> {
  const row = await findThrottle(db, key);
  return row && row.count >= limit && row.until > now ? row.until - now : 0;
}

export async function clearThrottle(db: Db, key: string): Promise<void> {
  await db.write.deleteFrom("throttles").where("key", "=", key).execute();
}

export async function pruneThrottles(db: Db, now: number): Promise<void> {
  await db.write.deleteFrom("throttles").where("until", "<", now).execute();
}

async function findThrottle(db: Db, key: string): Promise<{ count: number; until: number } | null> {
  const row = await db.read
    .selectFrom("throttles")
    .select(["count", "until"])
    .where("key", "=", key)
    .executeTakeFirst();
  return row ? { count: Number(row.count), until: Number(row.until) } : null;
}
