// How often a password may be tried. Guessing gets slow, for one account as for many from one network; but nobody can
// lock somebody else out: waits end by themselves, and a browser that was signed in before is counted on its own.
import { createHash } from "node:crypto";
import type { App } from "../../app.ts";
import { tooMany } from "../../errors.ts";
import { networkOf } from "../../net.ts";
import {
  clearThrottle,
  countAgainst,
  countOne,
  extendThrottle,
  uncount,
  waitOf,
} from "../../store/accounts/throttles.ts";
import type { Db } from "../../store/engine/database.ts";
import type { User } from "../../store/accounts/users.ts";

const minute = 60_000;
const perPair = { limit: 5, windowMs: minute };
/** An office behind one address may sign in together; who comes back from the provider is not counted. */
const perOauthFlow = { limit: 60, windowMs: 15 * minute };
const perAddress = { limit: 30, windowMs: 15 * minute };
/** Tries of an account in a quarter of an hour without a wait; each further wait is twice as long as the last. */
const freeTries = 10;
const triesWindowMs = 15 * minute;
const firstDelayMs = minute;
const maxDelayMs = 15 * minute;
/** The tries of an account are forgotten so long after the last one. */
const memoryMs = 60 * minute;

type SignInTry = {
  /** The address of the account that is tried, whether or not there is one. */
  email: string;
  address: string;
  /** Names the browser when it has been signed in to this account before. */
  knownBrowser: string | null;
};

type Attempt = {
  /** Takes the attempt off the count, since the proof was right. */
  succeeded(): Promise<void>;
};

/** Counts an attempt before it is made. Fails as `tooMany` when it must wait. */
export async function countAttempt(app: App, attempt: SignInTry): Promise<Attempt> {
  const { db } = app;
  const now = app.now();
  const network = networkOf(attempt.address);
  // A browser that the account knows is counted on its own, so that strangers in the same network cannot block it.
  const identity = attempt.knownBrowser ?? attempt.email.trim().toLowerCase();
  const pairKey = keyOf("pair", identity, network);
  const addressKey = keyOf("address", network);
  const account = keyOf("account", identity);
  const isStranger = attempt.knownBrowser === null;
  const limits: [string, () => Promise<number>][] = [
    ["account and address", () => countAgainst(db, pairKey, { ...perPair, now })],
    ["address", async () => (isStranger ? countAgainst(db, addressKey, { ...perAddress, now }) : 0)],
    ["account", () => waitOfAccount(app, account)],
  ];
  for (const [limit, wait] of limits) {
    const waitMs = await wait();
    if (waitMs > 0) throw throttled(app, { limit, waitMs, address: attempt.address });
  }
  return {
    async succeeded() {
      await clearThrottle(db, pairKey);
      await clearThrottle(db, account);
      if (isStranger) await uncount(db, addressKey);
    },
  };
}

/** Lets the account's tries count from zero after a new password: who has just reset it must not have to wait. */
export async function clearTries(db: Db, { id, email }: User): Promise<void> {
  const account = keyOf("account", email);
  const keys = [account, `${account}:held`, triesKey("password again", id), triesKey("second factor", id)];
  for (const key of keys) await clearThrottle(db, key);
}

/** A name for the browser's cookie, by which this account recognizes the browser; no other account can. */
export function makeBrowserName(app: App, { id }: User): string {
  return app.secrets.seal("known-browser", id, Bun.randomUUIDv7());
}

export function readBrowserName(app: App, user: User | null, sealed: string | null): string | null {
  if (user === null || sealed === null) return null;
  try {
    return app.secrets.open("known-browser", user.id, sealed);
  } catch {
    return null;
  }
}

/**
 * What a person proves who is signed in, or has passed the first step. A second factor is counted however often the
 * sign-in is started anew.
 */
type TriesLimit = "password again" | "second factor";

/** Allows five tries in a quarter of an hour. Fails as `tooMany`. */
export async function limitTries(
  app: App,
  limit: TriesLimit,
  { userId, address }: { userId: string; address: string },
): Promise<Attempt> {
  const key = triesKey(limit, userId);
  const waitMs = await countAgainst(app.db, key, { limit: 5, windowMs: 15 * minute, now: app.now() });
  if (waitMs > 0) throw throttled(app, { limit, waitMs, address });
  return { succeeded: () => clearThrottle(app.db, key) };
}

function triesKey(limit: TriesLimit, userId: string): string {
  return `${limit}:${userId}`;
}

/** Counts a redirect to an identity provider. Fails as `tooMany`. */
export async function limitOauthFlows(app: App, address: string): Promise<void> {
  const waitMs = await countAgainst(app.db, oauthFlowKey(address), { ...perOauthFlow, now: app.now() });
  if (waitMs > 0) throw throttled(app, { limit: "trip", waitMs, address });
}

export function uncountOauthFlow(app: App, address: string): Promise<void> {
  return uncount(app.db, oauthFlowKey(address));
}

const oauthFlowKey = (address: string) => keyOf("trip", networkOf(address));

async function waitOfAccount({ db, now: clock }: App, key: string): Promise<number> {
  const now = clock();
  const held = `${key}:held`;
  const wait = await waitOf(db, held, { limit: 1, now });
  if (wait > 0) return wait;
  const { count } = await countOne(db, key, { windowMs: triesWindowMs, now });
  if (count < freeTries) return 0;
  await extendThrottle(db, key, now + memoryMs);
  const delayMs = Math.min(maxDelayMs, firstDelayMs * 2 ** (count - freeTries));
  return countAgainst(db, held, { limit: 1, windowMs: delayMs, now });
}

function throttled(
  app: App,
  { limit, waitMs, address }: { limit: string; waitMs: number; address: string },
): Error {
  app.log.warn("login.throttled", { limit, address });
  const seconds = Math.ceil(waitMs / 1000);
  const delay = seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
  return tooMany(`Too many attempts. Try again in ${delay}.`, {
    code: "sign_in_throttled",
    retryAfterSeconds: seconds,
  });
}

/** Hashed, so that any length fits and no address is stored as text. */
function keyOf(kind: string, ...parts: string[]): string {
  return `sign-in ${kind}:${createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 40)}`;
}
