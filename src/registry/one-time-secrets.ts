// Issuing and redeeming secrets for one purpose, each usable once. Only their SHA-256 is stored.
import { createHash, randomBytes } from "node:crypto";
import type { App } from "../app.ts";
import type { Db } from "../store/engine/database.ts";
import {
  addOneTimeSecret,
  findOneTimeSecret,
  consumeOneTimeSecret,
  voidOneTimeSecrets,
  type OneTimeSecret,
} from "../store/accounts/one-time-secrets.ts";

type Purpose =
  "setup" | "sign-in" | "password-reset" | "email" | "email-undo" | "sign-up" | "passkey" | "oauth";

type Issue = {
  purpose: Purpose;
  userId: string | null;
  /** What it leads to. */
  data?: Record<string, unknown>;
  lastsMs: number;
};

/** Returns the secret's text; the user's older secrets for the same purpose become void. */
export async function issueSecret(app: App, db: Db, issue: Issue): Promise<string> {
  await voidOneTimeSecrets(db, issue);
  return issueAnother(app, db, { ...issue, data: JSON.stringify(issue.data ?? {}) });
}

/** Issues another secret; older ones stay valid. */
export async function issueAnother(
  app: App,
  db: Db,
  issue: Omit<Issue, "data"> & { data: string },
): Promise<string> {
  const text = newSecret();
  await issueKnown(app, db, { ...issue, text });
  return text;
}

/** Stores a secret made by `newSecret`, for data that depends on its text. */
export async function issueKnown(
  app: App,
  db: Db,
  { purpose, userId, text, data, lastsMs }: Omit<Issue, "data"> & { text: string; data: string },
): Promise<void> {
  const now = app.now();
  await addOneTimeSecret(db, {
    hash: hashOfSecret(text),
    purpose,
    user_id: userId,
    data,
    created_at: now,
    expires_at: now + lastsMs,
  });
}

/** Finds a valid secret without using it up; null when it is not valid. */
export function findSecret(app: App, purpose: Purpose, text: string): Promise<OneTimeSecret | null> {
  return findOneTimeSecret(app.db, { hash: hashOfSecret(text), purpose, now: app.now() });
}

/** Uses the secret up, in the transaction of what it allows; null when it is not valid. */
export async function redeemSecret(
  app: App,
  db: Db,
  { purpose, text }: { purpose: Purpose; text: string },
): Promise<OneTimeSecret | null> {
  const query = { hash: hashOfSecret(text), purpose, now: app.now() };
  const found = await findOneTimeSecret(db, query);
  return found && (await consumeOneTimeSecret(db, query)) ? found : null;
}

/** 256 bits, for a link or a cookie. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

export function hashOfSecret(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
