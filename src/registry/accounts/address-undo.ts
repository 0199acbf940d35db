// Undoing a changed email address by a link in the mail to the old one: a thief who is signed in can change everything,
// but not a mail that was sent before.
import type { App } from "../../app.ts";
import { conflict, notFound } from "../../errors.ts";
import type { Db } from "../../store/engine/database.ts";
import { listIdentities, removeIdentity } from "../../store/accounts/identities.ts";
import {
  extendOneTimeSecret,
  listOpenOneTimeSecrets,
  voidOneTimeSecretsSince,
  type OneTimeSecret,
} from "../../store/accounts/one-time-secrets.ts";
import { listPasskeys, removePasskey } from "../../store/accounts/passkeys.ts";
import { revokePersonalTokensSince } from "../../store/tokens.ts";
import { findUser, findUserById, updateUser, type User } from "../../store/accounts/users.ts";
import { hostOf, queueMail, sendSoon } from "../mail.ts";
import { setNewPassword } from "./new-password.ts";
import { findSecret, issueAnother, redeemSecret } from "../one-time-secrets.ts";
import { issueResetLink } from "./password-reset.ts";
import { noApp, removeCodesAfterTheLast } from "./second-factor.ts";
import { actorOf } from "../../store/organizations/activity.ts";

const lastsHours = 72;
const lastsMs = lastsHours * 3_600_000;

/**
 * Belongs in the transaction that changes the address of `user`, who still has the old one. Older links stay valid,
 * as long as the new one: the first owner's link outlives the link that a thief is sent later. A change that only
 * returns to an address that such a link restores gives the address in between no link.
 */
export async function mailUndo(app: App, db: Db, user: User, email: string): Promise<void> {
  const now = app.now();
  const older = await listOpenOneTimeSecrets(db, { userId: user.id, purpose: "email-undo", now });
  const left = older.find((secret) => addressIn(secret) === email);
  if (left) {
    await voidOneTimeSecretsSince(db, {
      userId: user.id,
      purpose: "email-undo",
      since: left.created_at,
    });
    return mailChanged(app, db, user.email, [`changed from ${user.email} back to ${email}.`]);
  }
  for (const { hash } of older) await extendOneTimeSecret(db, hash, now + lastsMs);
  const data = JSON.stringify({ email: user.email });
  const secret = await issueAnother(app, db, { purpose: "email-undo", userId: user.id, data, lastsMs });
  await mailChanged(app, db, user.email, [
    `changed from ${user.email} to ${email}.`,
    `If this wasn't you, open this link within ${lastsHours} hours. It restores your email address, signs out every browser and lets you choose a new password:`,
    `${app.config.appUrl}/verify-email/undo/${secret}`,
    "If this was you, there is nothing to do.",
  ]);
}

function mailChanged(app: App, db: Db, to: string, [change = "", ...more]: string[]): Promise<void> {
  const text = [`The email address of your account at ${hostOf(app)} was ${change}`, ...more].join("\n\n");
  return queueMail(app, db, { to, subject: "Your email address was changed", text });
}

/** The address that the link restores. Fails as `notFound` when the link is not valid any more. */
export async function openUndo(app: App, secret: string): Promise<{ email: string }> {
  const found = await findSecret(app, "email-undo", secret);
  if (!found || !(await ownerOf(app.db, found))) throw opensNothing();
  return { email: addressIn(found) };
}

/**
 * Restores the old address, ends every session, and voids the password until a new one is chosen by the link
 * that this returns. Everything that was added in the 72 hours before the change, or since, is removed.
 */
export async function undoEmailChange(app: App, secret: string): Promise<{ resetPath: string }> {
  const resetSecret = await app.db.transaction(async (db) => {
    const found = await redeemSecret(app, db, { purpose: "email-undo", text: secret });
    const user = found && (await ownerOf(db, found));
    if (!found || !user) throw opensNothing();
    const email = addressIn(found);
    const other = await findUser(db, email);
    if (other && other.id !== user.id) throw conflict(`Another account uses ${email} now.`);
    await updateUser(db, user.id, { email, email_verified_at: app.now() });
    if (email !== user.email)
      await mailChanged(app, db, user.email, [
        `changed from ${user.email} back to ${email} with the link that was emailed there.`,
      ]);
    const since = found.created_at;
    await removeWaysIn(db, user, { since: since - lastsMs, now: app.now() });
    await voidOneTimeSecretsSince(db, { userId: user.id, purpose: "email-undo", since });
    const restored = (await findUserById(db, user.id)) ?? user;
    const actor = actorOf(user.id);
    await setNewPassword(app, db, restored, { hash: null, action: "email.change_undone", actor });
    return issueResetLink(app, db, restored);
  });
  await sendSoon(app);
  return { resetPath: `/reset-password/${resetSecret}` };
}

async function removeWaysIn(db: Db, user: User, { since, now }: { since: number; now: number }) {
  for (const { id, created_at } of await listPasskeys(db, user.id))
    if (created_at >= since) await removePasskey(db, user.id, id);
  for (const { id, created_at } of await listIdentities(db, user.id))
    if (created_at >= since) await removeIdentity(db, user.id, id);
  if ((user.totp_confirmed_at ?? 0) >= since) await updateUser(db, user.id, noApp);
  await removeCodesAfterTheLast(db, user);
  await revokePersonalTokensSince(db, user.id, { since, now });
}

async function ownerOf(db: Db, { user_id }: OneTimeSecret): Promise<User | null> {
  const user = user_id === null ? null : await findUserById(db, user_id);
  return user?.deleted_at === null ? user : null;
}

function addressIn({ data }: OneTimeSecret): string {
  return (JSON.parse(data) as { email: string }).email;
}

function opensNothing() {
  return notFound("This link is no longer valid. It was already used, or it is older than 72 hours.", {
    code: "undo_link",
    advice: "Ask an administrator for help.",
  });
}
