// Verifying the email address of a user by a link that is sent there, also before a new address
// replaces the old.
import type { App } from "../../app.ts";
import { conflict, invalid, notFound } from "../../errors.ts";
import { actorOf, addActivity } from "../../store/organizations/activity.ts";
import type { Db } from "../../store/engine/database.ts";
import { voidOneTimeSecrets } from "../../store/accounts/one-time-secrets.ts";
import { findUser, findUserById, updateUser, type User } from "../../store/accounts/users.ts";
import { countMail, hostOf, queueMail, sendSoon } from "../mail.ts";
import { mailUndo } from "./address-undo.ts";
import { findSecret, issueSecret, redeemSecret } from "../one-time-secrets.ts";
import { checkMailAddress } from "../names.ts";

const lastsHours = 24;
const lastsMs = lastsHours * 3_600_000;

/** Sends the link to the account's address. Fails as `conflict` when the address is verified already. */
export async function requestVerification(app: App, user: User, client: string): Promise<void> {
  if (user.email_verified_at !== null) throw conflict(`${user.email} is already verified.`);
  await countMail(app, { to: user.email, client });
  await app.db.transaction((db) => mailVerification(app, db, user));
  await sendSoon(app);
}

/** Belongs in the transaction that creates or changes the account. */
export async function mailVerification(app: App, db: Db, user: Pick<User, "id" | "email">): Promise<void> {
  const link = await linkFor(app, db, { userId: user.id, email: user.email });
  await queueMail(app, db, {
    to: user.email,
    subject: "Confirm your email address",
    text: [
      `Open this link within ${lastsHours} hours to confirm that ${user.email} is yours at ${hostOf(app)}:`,
      link,
      "If you have no account there, ignore this email.",
    ].join("\n\n"),
  });
}

/**
 * Nothing changes before the link in the new address's mail is opened; the old address gets a mail at once, so that its
 * owner can stop it. Only the owner of the new address learns whether it has an account already.
 */
export async function requestEmailChange(
  app: App,
  user: User,
  { email: text, client }: { email: string; client: string },
): Promise<{ email: string }> {
  const email = checkMailAddress(text).toLowerCase();
  if (email === user.email) throw invalid("This is already your email address.", { field: "email" });
  await countMail(app, { to: email, client });
  const isTaken = (await findUser(app.db, email)) !== null;
  const { appUrl } = app.config;
  await app.db.transaction(async (db) => {
    const entry = { organizationId: null, actor: actorOf(user.id), now: app.now() };
    await addActivity(db, {
      ...entry,
      action: "email.change_asked",
      subject: user.email,
      details: { to: email },
    });
    const link = isTaken
      ? null
      : await linkFor(app, db, { userId: user.id, email, generation: user.session_generation });
    await queueMail(app, db, {
      to: email,
      subject: "Confirm your new email address",
      text:
        link === null
          ? `Someone tried to use ${email} for another account at ${hostOf(app)}. This address already has an account, so nothing was changed.`
          : [
              `Open this link within ${lastsHours} hours to use ${email} for your account at ${hostOf(app)}:`,
              link,
              "If you didn't ask for this, ignore this email.",
            ].join("\n\n"),
    });
    await queueMail(app, db, {
      to: user.email,
      subject: "Your email address is about to change",
      text: [
        `Someone signed in to your account at ${hostOf(app)} asked to change its email address to ${email}.`,
        "If this wasn't you, choose a new password now. That stops the change:",
        `${appUrl}/reset-password`,
      ].join("\n\n"),
    });
  });
  await sendSoon(app);
  return { email };
}

/** The address that the link confirms. Fails as `notFound` when the link is not valid any more. */
export async function openVerification(app: App, secret: string): Promise<{ email: string; user: User }> {
  const found = await findSecret(app, "email", secret);
  const user = found?.user_id ? await findUserById(app.db, found.user_id) : null;
  if (!found || !user || user.deleted_at !== null) throw opensNothing();
  const { email, generation } = JSON.parse(found.data) as LinkData;
  // A change was requested in a session, and ends when all sessions are ended.
  const hasEnded = email !== user.email && generation !== user.session_generation;
  if (hasEnded) throw opensNothing();
  return { email, user };
}

/**
 * Makes it the account's verified address. Password links that went to the old address become void, and the old address
 * gets a link that undoes the change.
 */
export async function confirmEmail(app: App, secret: string): Promise<{ email: string }> {
  const { email, user } = await openVerification(app, secret);
  const now = app.now();
  await app.db.transaction(async (db) => {
    if (!(await redeemSecret(app, db, { purpose: "email", text: secret }))) throw opensNothing();
    const other = await findUser(db, email);
    if (other && other.id !== user.id) throw conflict(`Another account uses ${email} now.`);
    await updateUser(db, user.id, { email, email_verified_at: now });
    const entry = { organizationId: null, actor: actorOf(user.id), now };
    const isNew = email !== user.email;
    await addActivity(db, { ...entry, action: isNew ? "email.changed" : "email.verified", subject: email });
    if (!isNew) return;
    await voidOneTimeSecrets(db, { userId: user.id, purpose: "password-reset" });
    await mailUndo(app, db, user, email);
  });
  await sendSoon(app);
  return { email };
}

/** `generation`: the user's session generation when the change was requested. */
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
    "This link is no longer valid. It was already used, has expired or was replaced by a newer one, or you signed out everywhere.",
    {
      code: "verification_link",
      advice: "Sign in and request a new one in your account.",
    },
  );
}
