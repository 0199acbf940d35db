// Rate limits, stored so that a restart does not forget them.
import { sql } from "kysely";
import { upsert, type Db } from "../engine/database.ts";

type Throttle = { limit: number; windowMs: number; now: number };

/**
 * Counts one more against `key` and returns how long it must wait, in milliseconds: 0 within the limit. The
 * window starts with the first one, and further ones do not extend it.
 */
export async function countAgainst(db: Db, key: string, { limit, windowMs, now }: Throttle): Promise<number> {
  const { count, until } = await countOne(db, key, { windowMs, now });
  return count > limit ? Math.max(0, until - now) : 0;
}

/** Counts one more within a window that starts with the first one. */
export async function countOne(
  db: Db,
  key: string,
  { windowMs, now }: Omit<Throttle, "limit">,
): Promise<{ count: number; until: number }> {
  await db.write.deleteFrom("throttles").where("key", "=", key).where("until", "<=", now).execute();
  const row = { key, count: 1, until: now + windowMs };
  await upsert(db, "throttles", row, {
    key: ["key"],
    update: { count: sql`${sql.ref("throttles.count")} + 1` },
  });
  return (await findThrottle(db, key)) ?? row;
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

/** Takes one back that should not count. */
export async function uncount(db: Db, key: string): Promise<void> {
  await db.write
    .updateTable("throttles")
    .set({ count: sql`${sql.ref("count")} - 1` })
    .where("key", "=", key)
    .where("count", ">", 0)
    .execute();
}

/** Extends the window of `key`. */
export async function extendThrottle(db: Db, key: string, until: number): Promise<void> {
  await db.write.updateTable("throttles").set({ until }).where("key", "=", key).execute();
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
  return row ?? null;
}
