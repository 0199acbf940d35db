// Issuing and redeeming secrets that open one door, once. Only their SHA-256 is kept.
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

export type Purpose =
  "setup" | "sign-in" | "password-reset" | "email" | "email-undo" | "sign-up" | "passkey" | "oauth";

export type Issue = {
  purpose: Purpose;
  userId: string | null;
  /** What it leads to. */
  data?: Record<string, unknown>;
  lastsMs: number;
};

/** The secret's text, for the one who may have it; older ones of the person for the same purpose are void. */
export async function issueSecret(app: App, db: Db, issue: Issue): Promise<string> {
  await voidOneTimeSecrets(db, issue);
  return issueAnother(app, db, { ...issue, data: JSON.stringify(issue.data ?? {}) });
}

/** Beside older ones, which go on opening what they open. */
export async function issueAnother(
  app: App,
  db: Db,
  issue: Omit<Issue, "data"> & { data: string },
): Promise<string> {
  const text = newSecret();
  await issueKnown(app, db, { ...issue, text });
  return text;
}

/** With a text of `newSecret`, for data that has to do with it. */
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

/** What the secret would open, without using it up; null when it opens nothing. */
export function findSecret(app: App, purpose: Purpose, text: string): Promise<OneTimeSecret | null> {
  return findOneTimeSecret(app.db, { hash: hashOfSecret(text), purpose, now: app.now() });
}

/** Uses the secret up, within the transaction of what it allows; null when it opens nothing. */
export async function redeemSecret(
  app: App,
  db: Db,
  { purpose, text }: { purpose: Purpose; text: string },
): Promise<OneTimeSecret | null> {
  const asked = { hash: hashOfSecret(text), purpose, now: app.now() };
  const found = await findOneTimeSecret(db, asked);
  return found && (await consumeOneTimeSecret(db, asked)) ? found : null;
}

/** 256 bits, for a link or a cookie. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

export function hashOfSecret(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
