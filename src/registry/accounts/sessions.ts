// Sessions: an opaque 256-bit secret in a cookie, of which only the SHA-256 is stored.
import type { App } from "../../app.ts";
import { messageOf } from "../../errors.ts";
import { actorOf, addActivity } from "../../store/organizations/activity.ts";
import type { Db } from "../../store/engine/database.ts";
import { removeSessions, type Session } from "../../store/accounts/sessions.ts";
import type { User } from "../../store/accounts/users.ts";
import { sendSoon } from "../mail.ts";
import { hashOfSecret, newSecret } from "../one-time-secrets.ts";
import { noteSecurityChange } from "./security-notices.ts";
import { withoutInvisible } from "../../printable.ts";

export type Viewer = { user: User; session: Session };
/** The browser of a request, as it describes itself. */
export type Browser = { address: string; userAgent: string };

const hour = 3_600_000;
/** A session ends after so long without use. */
const idleMs = 8 * hour;
const maxAgeMs = 7 * 24 * hour;
const rememberedMs = 30 * 24 * hour;
/** Administrators sign in anew every day. */
const administratorMs = 12 * hour;
const seenEveryMs = 60_000;
/** For so long after the password was entered, it is not asked for again. */
const confirmedMs = 10 * 60_000;

type Starting = {
  user: User;
  browser: Browser;
  isRemembered: boolean;
  /** The title of the identity provider; null for a password or a passkey. */
  via?: string | null;
  /** Whether this account was never signed in to in this browser; by a provider, that is mailed. */
  isNewBrowser?: boolean;
};

/** Always makes a new secret: one that was planted before the sign-in is not valid. */
export async function startSession(
  app: App,
  { user, browser, isRemembered, via = null, isNewBrowser = false }: Starting,
): Promise<{ session: Session; secret: string; maxAgeSeconds: number | null }> {
  const now = app.now();
  const lasts = user.is_admin ? administratorMs : isRemembered ? rememberedMs : maxAgeMs;
  const secret = newSecret();
  const started = {
    hash: hashOfSecret(secret),
    created_at: now,
    seen_at: now,
    expires_at: now + lasts,
    confirmed_at: now,
    remembered: isRemembered ? 1 : 0,
    ...shownOf(browser),
  } as const;
  const session = await app.sessions.add(user, started, (db) =>
    noteStart(app, db, user, { via, isNewBrowser }),
  );
  if (via !== null && isNewBrowser) await sendSoon(app);
  return { session, secret, maxAgeSeconds: isRemembered ? Math.floor(lasts / 1000) : null };
}

async function noteStart(
  app: App,
  db: Db,
  user: User,
  { via, isNewBrowser }: { via: string | null; isNewBrowser: boolean },
): Promise<void> {
  const action = "session.started";
  const details: Record<string, string> = via === null ? {} : { via };
  const entry = { organizationId: null, actor: actorOf(user.id), now: app.now() };
  if (via === null || !isNewBrowser)
    return addActivity(db, { ...entry, action, subject: user.email, details });
  const sentence = `Someone signed in to your account with ${via} in a new browser.`;
  await noteSecurityChange(app, db, user, { action, sentence, details });
}

/** null when the secret is not valid, or not any more. */
export async function findViewer(app: App, secret: string, browser: Browser): Promise<Viewer | null> {
  const found = await app.sessions.find(hashOfSecret(secret));
  const now = app.now();
  if (!found || hasEnded(found.session, now)) return null;
  if (found.session.seen_at + seenEveryMs <= now) await saveLastSeen(app, found.session, browser);
  return found;
}

/** The browser in the list of sessions; it may claim anything. */
function shownOf({ address, userAgent }: Browser): Pick<Session, "address" | "user_agent"> {
  return { address: address.slice(0, 100), user_agent: withoutInvisible(userAgent.slice(0, 300)) };
}

/** When the disk is full, signed-in users may still read. */
async function saveLastSeen(app: App, session: Session, browser: Browser): Promise<void> {
  const seen = { seen_at: app.now(), ...shownOf(browser) };
  await app.sessions
    .update(session, seen)
    .catch((error: unknown) => app.log.warn("session.use_not_written", { reason: messageOf(error) }));
}

/** Whether the session is expired, or was unused for too long. */
export function hasEnded({ expires_at, remembered, seen_at }: Session, now: number): boolean {
  return expires_at <= now || (remembered === 0 && seen_at + idleMs <= now);
}

export function isConfirmed(app: App, { session }: Viewer): boolean {
  return session.confirmed_at + confirmedMs > app.now();
}

export type Renewed = { secret: string; maxAgeSeconds: number | null };

/** Gives the session a new secret, after the user was confirmed again. */
export async function confirmSession(app: App, { session }: Viewer): Promise<Renewed> {
  const { renewed, hash } = renew(app, session);
  await app.sessions.update(session, { hash, confirmed_at: app.now() });
  return renewed;
}

/**
 * Ends all sessions of the user but this one. Belongs in the transaction that changes the password or a second factor.
 * Call the returned function after the commit: it gives this session a new secret.
 */
export async function endAllSessionsBut(
  app: App,
  db: Db,
  { user, session }: Viewer,
): Promise<() => Promise<Renewed>> {
  const generation = await removeSessions(db, user.id, session.id);
  return async () => {
    const { renewed, hash } = renew(app, session);
    await app.sessions.keepOne(session, generation, { hash });
    return renewed;
  };
}

function renew(app: App, session: Session): { renewed: Renewed; hash: string } {
  const secret = newSecret();
  const leftSeconds = Math.floor((session.expires_at - app.now()) / 1000);
  const maxAgeSeconds = session.remembered === 1 ? leftSeconds : null;
  return { renewed: { secret, maxAgeSeconds }, hash: hashOfSecret(secret) };
}

export async function endOtherSessions(app: App, { user, session }: Viewer): Promise<void> {
  const entry = { organizationId: null, actor: actorOf(user.id), now: app.now() };
  const generation = await app.db.transaction(async (db) => {
    await addActivity(db, { ...entry, action: "session.others_ended", subject: user.email });
    return removeSessions(db, user.id, session.id);
  });
  await app.sessions.keepOne(session, generation, {});
}

export async function endSession(
  app: App,
  { user, session }: Viewer,
  id: string = session.id,
): Promise<void> {
  const entry = { organizationId: null, actor: actorOf(user.id), now: app.now() };
  await app.sessions.remove(user.id, id, (db) =>
    addActivity(db, { ...entry, action: "session.ended", subject: user.email }),
  );
}
