// A forgotten password: a link by mail, good for half an hour and once.
import type { App } from "../../app.ts";
import { notFound } from "../../errors.ts";
import { actorOf, addActivity } from "../../store/organizations/activity.ts";
import type { Db } from "../../store/engine/database.ts";
import { findUser, findUserById, type User } from "../../store/accounts/users.ts";
import { countMail, hostOf, queueMail, sendSoon } from "../mail.ts";
import { setNewPassword } from "./new-password.ts";
import { findSecret, issueSecret, redeemSecret } from "../one-time-secrets.ts";
import { checkMailAddress } from "../names.ts";
import { hashPassword } from "./users.ts";

const lastsMinutes = 30;
const lastsMs = lastsMinutes * 60_000;

/** Does not reveal whether there is such an account; the mail does. The user's older links become void. */
export async function requestPasswordReset(
  app: App,
  form: { email: string; client: string },
): Promise<{ email: string }> {
  const email = checkMailAddress(form.email).toLowerCase();
  // Counted apart and for as long as a link works: who must wait has a valid one.
  await countMail(app, { to: email, client: form.client, kind: "reset", windowMs: lastsMs });
  const user = await findUser(app.db, email);
  if (!user) return { email };
  await app.db.transaction(async (db) => {
    const secret = await issueResetLink(app, db, user);
    const entry = { organizationId: null, actor: actorOf(user.id), now: app.now() };
    await addActivity(db, { ...entry, action: "password.reset_asked", subject: email });
    await queueMail(app, db, {
      to: email,
      subject: "Choose a new password",
      text: [
        `Someone, probably you, asked to reset the password of ${email} at ${hostOf(app)}.`,
        `Open this link within ${lastsMinutes} minutes:`,
        `${app.config.appUrl}/reset-password/${secret}`,
        "If this wasn't you, ignore this email. Your password stays the same.",
      ].join("\n\n"),
    });
  });
  await sendSoon(app);
  return { email };
}

/** Returns the secret of `/reset-password/SECRET`; the user's older ones become void. */
export function issueResetLink(app: App, db: Db, { id }: User): Promise<string> {
  return issueSecret(app, db, { purpose: "password-reset", userId: id, lastsMs });
}

/** The user whose password the link changes. Fails as `notFound` when the link is not valid any more. */
export async function openPasswordReset(app: App, secret: string): Promise<User> {
  const found = await findSecret(app, "password-reset", secret);
  const user = found?.user_id ? await findUserById(app.db, found.user_id) : null;
  if (!user || user.deleted_at !== null) throw opensNothing();
  return user;
}

/**
 * Every session of the user ends, and this signs nobody in: a second factor is asked for as always.
 */
export async function resetByLink(
  app: App,
  { secret, password }: { secret: string; password: string },
): Promise<User> {
  const user = await openPasswordReset(app, secret);
  const hash = await hashPassword(password, [user.email, user.name]);
  await app.db.transaction(async (db) => {
    if (!(await redeemSecret(app, db, { purpose: "password-reset", text: secret }))) throw opensNothing();
    await setNewPassword(app, db, user, { hash, action: "password.reset", actor: actorOf(user.id) });
  });
  await sendSoon(app);
  return user;
}

function opensNothing() {
  return notFound(
    "This link is no longer valid. It was already used, has expired or was replaced by a newer one.",
    {
      code: "reset_link",
      advice: "Request a new one.",
    },
  );
}
