// A forgotten password: a link by mail, good for half an hour and once.
import type { App } from "../../app.ts";
import { notFound } from "../../errors.ts";
import { addActivity } from "../../store/activity.ts";
import { removeSessions } from "../../store/sessions.ts";
import { findUser, findUserById, setPassword, type User } from "../../store/users.ts";
import { countMail, hostOf, queueMail, sendSoon } from "../mail.ts";
import { findSecret, issueSecret, redeemSecret } from "./one-time-secrets.ts";
import { checkAddress, hashPassword } from "./users.ts";

const lastsMinutes = 30;

/** Says nothing about whether there is such a person; the mail does. Older links of the person are void. */
export async function requestPasswordReset(
  app: App,
  asked: { email: string; client: string },
): Promise<{ email: string }> {
  const email = checkAddress(asked.email).toLowerCase();
  await countMail(app, { to: email, client: asked.client });
  const user = await findUser(app.db, email);
  if (!user) return { email };
  await app.db.transaction(async (db) => {
    const secret = await issueSecret(app, db, {
      purpose: "password-reset",
      userId: user.id,
      lastsMs: lastsMinutes * 60_000,
    });
    const told = { organizationId: null, actor: `user:${user.id}`, now: app.now() };
    await addActivity(db, { ...told, action: "password.reset_asked", subject: email });
    await queueMail(app, db, {
      to: email,
      subject: "Choose a new password",
      text: [
        `Somebody, probably you, asked for a new password for ${email} at ${hostOf(app)}.`,
        `Open this link within ${lastsMinutes} minutes:`,
        `${app.config.appUrl}/reset-password/${secret}`,
        "If it was not you, do nothing: your password stays as it is.",
      ].join("\n\n"),
    });
  });
  await sendSoon(app);
  return { email };
}

/** Whose password the link changes. Fails as `notFound` when it opens nothing, or no longer. */
export async function openPasswordReset(app: App, secret: string): Promise<User> {
  const found = await findSecret(app, "password-reset", secret);
  const user = found?.user_id ? await findUserById(app.db, found.user_id) : null;
  if (!user || user.deleted_at !== null) throw opensNothing();
  return user;
}

/**
 * Every session of the person ends, and nobody is signed in by it: whoever has a second factor is asked for it as ever.
 */
export async function resetByLink(
  app: App,
  { secret, password }: { secret: string; password: string },
): Promise<User> {
  const user = await openPasswordReset(app, secret);
  const passwordHash = await hashPassword(password, [user.email, user.name]);
  await app.db.transaction(async (db) => {
    if (!(await redeemSecret(app, db, { purpose: "password-reset", text: secret }))) throw opensNothing();
    await setPassword(db, user.id, passwordHash);
    await removeSessions(db, user.id, null);
    const told = { organizationId: null, actor: `user:${user.id}`, now: app.now() };
    await addActivity(db, { ...told, action: "password.reset", subject: user.email });
    await queueMail(app, db, passwordChanged(app, user));
  });
  await sendSoon(app);
  return user;
}

export function passwordChanged(app: App, { email }: Pick<User, "email">) {
  return {
    to: email,
    subject: "Your password was changed",
    text: [
      `The password of ${email} at ${hostOf(app)} was changed, and every other browser was signed out.`,
      "If it was not you, ask for a new password now:",
      `${app.config.appUrl}/reset-password`,
    ].join("\n\n"),
  };
}

function opensNothing() {
  return notFound("This link opens nothing: it was used, a newer one was sent, or its half hour is over.", {
    code: "reset_link",
    remedy: "Ask for a new one.",
  });
}
