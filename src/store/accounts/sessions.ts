// Sessions. The cookie's value is never stored: `hash` is its SHA-256.
import type { Db } from "../engine/database.ts";
import type { SessionRow } from "../schema.ts";
import type { User } from "./users.ts";

export type Session = SessionRow;

export async function addSession(db: Db, session: Omit<SessionRow, "id">): Promise<Session> {
  const row = { ...session, id: Bun.randomUUIDv7() };
  await db.write.insertInto("sessions").values(row).execute();
  return row;
}

/** The session with its user; also an expired one. */
export async function findSession(db: Db, hash: string): Promise<{ session: Session; user: User } | null> {
  const session = await db.read
    .selectFrom("sessions")
    .selectAll()
    .where("hash", "=", hash)
    .executeTakeFirst();
  if (!session) return null;
  const user = await db.read
    .selectFrom("users")
    .selectAll()
    .where("id", "=", session.user_id)
    .executeTakeFirstOrThrow();
  return { session, user };
}

/** Newest first. */
export function listSessions(db: Db, userId: string): Promise<Session[]> {
  const query = db.read.selectFrom("sessions").selectAll().where("user_id", "=", userId);
  return query.orderBy("seen_at", "desc").execute();
}

/** The sessions that still exist among these ids. */
export function listSessionsAmong(db: Db, ids: string[]): Promise<Session[]> {
  return db.read.selectFrom("sessions").selectAll().where("id", "in", ids).execute();
}

export async function updateSession(
  db: Db,
  id: string,
  change: Partial<Pick<SessionRow, "hash" | "seen_at" | "confirmed_at" | "address" | "user_agent">>,
): Promise<void> {
  await db.write.updateTable("sessions").set(change).where("id", "=", id).execute();
}

/** Returns whether it existed. */
export async function removeSession(db: Db, userId: string, id: string): Promise<boolean> {
  const query = db.write.deleteFrom("sessions").where("user_id", "=", userId);
  return Number((await query.where("id", "=", id).executeTakeFirst()).numDeletedRows) > 0;
}

/**
 * Removes all sessions of the user but the given one. Sessions in Redis are of an earlier generation
 * than the one that this returns, and become void.
 */
export async function removeSessions(db: Db, userId: string, kept: string | null): Promise<string> {
  let query = db.write.deleteFrom("sessions").where("user_id", "=", userId);
  if (kept !== null) query = query.where("id", "!=", kept);
  await query.execute();
  const session_generation: string = Bun.randomUUIDv7();
  await db.write.updateTable("users").set({ session_generation }).where("id", "=", userId).execute();
  return session_generation;
}

/** By the user's id; a deleted user has none. */
export async function listSessionGenerations(db: Db, userIds: string[]): Promise<Map<string, string>> {
  const rows = await db.read
    .selectFrom("users")
    .select(["id", "session_generation"])
    .where("id", "in", userIds)
    .where("deleted_at", "is", null)
    .execute();
  return new Map(rows.map(({ id, session_generation }) => [id, session_generation]));
}

export async function pruneSessions(db: Db, now: number): Promise<void> {
  await db.write.deleteFrom("sessions").where("expires_at", "<", now).execute();
}
