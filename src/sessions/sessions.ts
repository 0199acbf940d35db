// Which browsers are signed in. Whose session it is, and whether all sessions of that user were ended, is always decided
// by the database: within the transaction that changes a password or a second factor,
// `removeSessions` of the store gives the user a new generation, and sessions of an earlier generation are not valid.
import { unauthenticated, type Failure } from "../errors.ts";
import type { Db } from "../store/engine/database.ts";
import type { Session } from "../store/accounts/sessions.ts";
import type { User } from "../store/accounts/users.ts";

/** Writes the activity rows, in the same transaction if there is one. */
type OnCommit = (db: Db) => Promise<void>;
export type NewSession = Omit<Session, "id" | "user_id">;
export type SessionChange = Partial<
  Pick<Session, "hash" | "seen_at" | "confirmed_at" | "address" | "user_agent">
>;

/** The most sessions of a user; one more ends the one that was unused for longest. */
export const mostSessions = 50;

export type Sessions = {
  /**
   * `expires_at` is when it expires at the latest. If all sessions of the user were ended since `user` was read, the new
   * session is not valid.
   */
  add(user: User, session: NewSession, onCommit: OnCommit): Promise<Session>;
  /** By the hash of the cookie's secret; an expired session may still be found. */
  find(hash: string): Promise<{ session: Session; user: User } | null>;
  /** Newest first. */
  list(user: User): Promise<Session[]>;
  /** The sessions that still exist. */
  listAmong(sessions: { id: string; userId: string }[]): Promise<Session[]>;
  /** Does not restore a session that has ended meanwhile. */
  update(session: Session, change: SessionChange): Promise<void>;
  /** Keeps this session valid after all others were ended: call it after the commit, with the new generation. */
  keepOne(session: Session, generation: string, change: SessionChange): Promise<void>;
  /** Writes its activity only when the session was there. */
  remove(userId: string, id: string, onCommit: OnCommit): Promise<void>;
};

/** All sessions of the user were ended during the sign-in, for example by a new password. */
export function endedMeanwhile(): Failure {
  return unauthenticated("Your account was changed while you signed in. Sign in again.", { code: "sign_in" });
}
