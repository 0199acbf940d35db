// How often a password may be tried. Guessing gets slow, for one account as for many from one place; but nobody can
// lock somebody else out: waits end by themselves, and a browser that has been signed in has turns of its own.
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
/** An office behind one address may sign in together; whoever comes back from the provider does not count. */
const perTraveller = { limit: 60, windowMs: 15 * minute };
const perAddress = { limit: 30, windowMs: 15 * minute };
/** So many tries an account has in a quarter of an hour; then each waits twice as long as the one before. */
const freeTries = 10;
const triesWindowMs = 15 * minute;
const firstDelayMs = minute;
const longestDelayMs = 15 * minute;
/** An account that is guessed at is remembered for so long after the last try. */
const memoryMs = 60 * minute;

export type Attempt = {
  /** Whose account is tried, whether there is one or not. */
  email: string;
  address: string;
  /** Names the browser when it has been signed in to this account before. */
  knownBrowser: string | null;
};

/**
 * Counts a try before it is made. Fails as `tooMany` when it must wait; answers what to call when it was right.
 */
export async function countAttempt(app: App, turn: Attempt): Promise<() => Promise<void>> {
  const { db } = app;
  const now = app.now();
  const network = networkOf(turn.address);
  // A browser that the account knows has turns of its own, whatever strangers do, even from the same network.
  const who = turn.knownBrowser ?? turn.email.trim().toLowerCase();
  const pair = keyOf("pair", who, network);
  const place = keyOf("address", network);
  const account = keyOf("account", who);
  const isStranger = turn.knownBrowser === null;
  const limits: [string, () => Promise<number>][] = [
    ["account and address", () => countAgainst(db, pair, { ...perPair, now })],
    ["address", async () => (isStranger ? countAgainst(db, place, { ...perAddress, now }) : 0)],
    ["account", () => waitOfAccount(app, account)],
  ];
  for (const [limit, wait] of limits) {
    const waitMs = await wait();
    if (waitMs > 0) throw throttled(app, { limit, waitMs, address: turn.address });
  }
  return async () => {
    await clearThrottle(db, pair);
    await clearThrottle(db, account);
    if (isStranger) await uncount(db, place);
  };
}

/** With a new password the account's tries count from zero: the way back must not end at a wait. */
export async function clearTries(db: Db, { id, email }: User): Promise<void> {
  const account = keyOf("account", email);
  const keys = [account, `${account}:held`, passwordAgainKey(id), secondFactorKey({ id })];
  for (const key of keys) await clearThrottle(db, key);
}

/** Of somebody who is signed in and gives the password again. */
export function passwordAgainKey(userId: string): string {
  return `password again:${userId}`;
}

/** Five wrong codes in a quarter of an hour, however often the sign-in is started anew. */
export function secondFactorKey({ id }: Pick<User, "id">): string {
  return `second factor:${id}`;
}

/** What a browser keeps to be known again by this account; no other account knows it. */
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

/** For what a person proves who is signed in, or nearly: `key` names person and kind. */
export async function limitTries(app: App, key: string, address: string): Promise<() => Promise<void>> {
  const waitMs = await countAgainst(app.db, key, { limit: 5, windowMs: 15 * minute, now: app.now() });
  if (waitMs > 0) throw throttled(app, { limit: key.split(":")[0] ?? "", waitMs, address });
  return () => clearThrottle(app.db, key);
}

/** Going to a provider; fails as `tooMany`. */
export async function limitOauthFlows(app: App, address: string): Promise<void> {
  const waitMs = await countAgainst(app.db, tripKey(address), { ...perTraveller, now: app.now() });
  if (waitMs > 0) throw throttled(app, { limit: "trip", waitMs, address });
}

export function uncountOauthFlow(app: App, address: string): Promise<void> {
  return uncount(app.db, tripKey(address));
}

const tripKey = (address: string) => keyOf("trip", networkOf(address));

async function waitOfAccount({ db, now: clock }: App, key: string): Promise<number> {
  const now = clock();
  const held = `${key}:held`;
  const wait = await waitOf(db, held, { limit: 1, now });
  if (wait > 0) return wait;
  const { count } = await countOne(db, key, { windowMs: triesWindowMs, now });
  if (count < freeTries) return 0;
  await extendThrottle(db, key, now + memoryMs);
  const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** (count - freeTries));
  return countAgainst(db, held, { limit: 1, windowMs: delayMs, now });
}

function throttled(
  app: App,
  { limit, waitMs, address }: { limit: string; waitMs: number; address: string },
): Error {
  app.log.warn("login.throttled", { limit, address });
  const seconds = Math.ceil(waitMs / 1000);
  const words = seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
  return tooMany(`That was tried too often. Try again in ${words}.`, {
    code: "sign_in_throttled",
    retryAfterSeconds: seconds,
  });
}

/** Hashed, so that any length fits and no address lies about in plain. */
function keyOf(kind: string, ...parts: string[]): string {
  return `sign-in ${kind}:${createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 40)}`;
}
