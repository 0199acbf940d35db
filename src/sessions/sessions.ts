// Which browsers are signed in. Whose session it is, and whether all sessions of that user were ended, is always decided
// by the database: within the transaction that changes a password or a second factor,
// `removeSessions` of the store gives the person another generation, and sessions of an earlier one open nothing.
import { unauthenticated, type Failure } from "../errors.ts";
import type { Db } from "../store/engine/database.ts";
import type { Session } from "../store/accounts/sessions.ts";
import type { User } from "../store/accounts/users.ts";

/** Writes the activity rows, in the same transaction if there is one. */
export type OnCommit = (db: Db) => Promise<void>;
export type NewSession = Omit<Session, "id" | "user_id">;
export type SessionChange = Partial<
  Pick<Session, "hash" | "seen_at" | "confirmed_at" | "address" | "user_agent">
>;

/** A person has so many at most; with one more, the one that was unused for longest ends. */
export const mostSessions = 50;

export type Sessions = {
  /**
   * `expires_at` is when it is forgotten at the latest. One for a person whose sessions were all ended since `user` was
   * read opens nothing.
   */
  add(user: User, session: NewSession, onCommit: OnCommit): Promise<Session>;
  /** By the hash of the cookie's secret; one whose time is over may still be found. */
  find(hash: string): Promise<{ session: Session; user: User } | null>;
  /** Newest first. */
  list(user: User): Promise<Session[]>;
  /** Those that are still there. */
  listAmong(sessions: { id: string; userId: string }[]): Promise<Session[]>;
  /** Never brings back one that has ended meanwhile. */
  update(session: Session, change: SessionChange): Promise<void>;
  /** After the commit of what ended all the person's sessions but this one, with the generation that it gave. */
  keepOne(session: Session, generation: string, change: SessionChange): Promise<void>;
  /** Writes its activity only when the session was there. */
  remove(userId: string, id: string, onCommit: OnCommit): Promise<void>;
};

/** Between the first step of signing in and its end, all sessions of the person were ended: by a new password, say. */
export function endedMeanwhile(): Failure {
  return unauthenticated("Your account was changed while you signed in. Sign in again.", { code: "sign_in" });
}
