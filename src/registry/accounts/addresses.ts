// The e-mail address of a person: shown to be theirs by opening a link that was sent there, also before a new one
// replaces the old.
import type { App } from "../../app.ts";
import { conflict, invalid, notFound } from "../../errors.ts";
import { addActivity } from "../../store/organizations/activity.ts";
import type { Db } from "../../store/engine/database.ts";
import { voidOneTimeSecrets } from "../../store/accounts/one-time-secrets.ts";
import { findUser, findUserById, updateUser, type User } from "../../store/accounts/users.ts";
import { countMail, hostOf, queueMail, sendSoon } from "../mail.ts";
import { mailUndo } from "./address-undo.ts";
import { findSecret, issueSecret, redeemSecret } from "../one-time-secrets.ts";
import { checkMailAddress } from "../names.ts";

const lastsHours = 24;
const lastsMs = lastsHours * 3_600_000;

/** Sends the link to the address that the account has. Fails as `conflict` when that is verified already. */
export async function requestVerification(app: App, user: User, client: string): Promise<void> {
  if (user.email_verified_at !== null) throw conflict(`${user.email} is verified already.`);
  await countMail(app, { to: user.email, client });
  await app.db.transaction((db) => mailVerification(app, db, user));
  await sendSoon(app);
}

/** Within the transaction that makes or changes the account. */
export async function mailVerification(app: App, db: Db, user: Pick<User, "id" | "email">): Promise<void> {
  const link = await linkFor(app, db, { userId: user.id, email: user.email });
  await queueMail(app, db, {
    to: user.email,
    subject: "Confirm your address",
    text: [
      `Open this link within ${lastsHours} hours, so that ${hostOf(app)} knows that ${user.email} is yours:`,
      link,
      "If you have no account there, do nothing.",
    ].join("\n\n"),
  });
}

/**
 * Nothing changes before the link in the new address's mail is opened; the old address is told at once, so that its owner
 * can still stop it. Whether the new one has an account already is told to its owner alone.
 */
export async function requestEmailChange(
  app: App,
  user: User,
  { email: text, client }: { email: string; client: string },
): Promise<{ email: string }> {
  const email = checkMailAddress(text).toLowerCase();
  if (email === user.email) throw invalid("That is the address of your account already.", { field: "email" });
  await countMail(app, { to: email, client });
  const isTaken = (await findUser(app.db, email)) !== null;
  const { appUrl } = app.config;
  await app.db.transaction(async (db) => {
    const told = { organizationId: null, actor: `user:${user.id}`, now: app.now() };
    await addActivity(db, {
      ...told,
      action: "email.change_asked",
      subject: user.email,
      details: { to: email },
    });
    const link = isTaken
      ? null
      : await linkFor(app, db, { userId: user.id, email, generation: user.session_generation });
    await queueMail(app, db, {
      to: email,
      subject: "Confirm your new address",
      text:
        link === null
          ? `Somebody wanted to use ${email} for another account at ${hostOf(app)}. There is one with this address already, so nothing was changed.`
          : [
              `Open this link within ${lastsHours} hours to make ${email} the address of your account at ${hostOf(app)}:`,
              link,
              "If you did not ask for it, do nothing.",
            ].join("\n\n"),
    });
    await queueMail(app, db, {
      to: user.email,
      subject: "Your address is about to change",
      text: [
        `Somebody who is signed in to your account at ${hostOf(app)} wants to change its address to ${email}.`,
        "If it was not you, choose a new password now; that stops it:",
        `${appUrl}/reset-password`,
      ].join("\n\n"),
    });
  });
  await sendSoon(app);
  return { email };
}

/** The address that the link confirms. Fails as `notFound` when it opens nothing, or no longer. */
export async function openVerification(app: App, secret: string): Promise<{ email: string; user: User }> {
  const found = await findSecret(app, "email", secret);
  const user = found?.user_id ? await findUserById(app.db, found.user_id) : null;
  if (!found || !user || user.deleted_at !== null) throw opensNothing();
  const { email, generation } = JSON.parse(found.data) as LinkData;
  // A change was asked for in a session: it ends when all of them are ended.
  const hasEnded = email !== user.email && generation !== user.session_generation;
  if (hasEnded) throw opensNothing();
  return { email, user };
}

/**
 * From now on it is the account's address, and verified. Links to a new password that went to the old one are void, and
 * a link goes there that takes the change back.
 */
export async function confirmEmail(app: App, secret: string): Promise<{ email: string }> {
  const { email, user } = await openVerification(app, secret);
  const now = app.now();
  await app.db.transaction(async (db) => {
    if (!(await redeemSecret(app, db, { purpose: "email", text: secret }))) throw opensNothing();
    const other = await findUser(db, email);
    if (other && other.id !== user.id) throw conflict(`${email} belongs to another account by now.`);
    await updateUser(db, user.id, { email, email_verified_at: now });
    const told = { organizationId: null, actor: `user:${user.id}`, now };
    const isNew = email !== user.email;
    await addActivity(db, { ...told, action: isNew ? "email.changed" : "email.verified", subject: email });
    if (!isNew) return;
    await voidOneTimeSecrets(db, { userId: user.id, purpose: "password-reset" });
    await mailUndo(app, db, user, email);
  });
  await sendSoon(app);
  return { email };
}

/** `generation`: of the person's sessions when a change was asked for. */
type LinkData = { email: string; generation?: string };

async function linkFor(
  app: App,
  db: Db,
  { userId, ...data }: { userId: string } & LinkData,
): Promise<string> {
  const secret = await issueSecret(app, db, { purpose: "email", userId, data, lastsMs });
  return `${app.config.appUrl}/verify-email/${secret}`;
}

export function opensNothing() {
  return notFound(
    "This link is no longer valid: it was used, replaced by a newer one, is too old, or you were signed out everywhere since.",
    {
      code: "verification_link",
      advice: "Sign in and ask for a new one in your account.",
    },
  );
}
