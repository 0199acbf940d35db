// The one place where a person's password changes. Somebody else may have had the old one: whatever they hold or have
// begun ends with it.
import type { App } from "../../app.ts";
import { addActivity } from "../../store/organizations/activity.ts";
import type { Db } from "../../store/engine/database.ts";
import { voidOneTimeSecretsBut } from "../../store/accounts/one-time-secrets.ts";
import { removeSessions } from "../../store/accounts/sessions.ts";
import { setPassword, updateUser, type User } from "../../store/accounts/users.ts";
import { hostOf, queueMail } from "../mail.ts";
import { keepOneSession, type Renewed, type Viewer } from "./sessions.ts";
import { clearTries } from "./sign-in-limits.ts";

export type NewPassword = {
  /** null when the old one opens nothing any more and a new one is still to be chosen. */
  hash: string | null;
  action: "password.changed" | "password.reset" | "email.change_undone";
  actor: string;
  /** The session that goes on; all others end. */
  kept?: Viewer;
};

/**
 * Within the transaction of what allows it. Sessions, links in mails and half-way steps of the person end, tries count
 * from zero, and the person gets a mail. Call what it answers after the commit, then `sendSoon`.
 */
export async function setNewPassword(
  app: App,
  db: Db,
  user: User,
  { hash, action, actor, kept }: NewPassword,
): Promise<() => Promise<Renewed | null>> {
  await setPassword(db, user.id, hash);
  // The link that takes a changed address back is the owner's, and outlives what a thief does.
  await voidOneTimeSecretsBut(db, { userId: user.id, kept: "email-undo" });
  if (user.totp_confirmed_at === null)
    await updateUser(db, user.id, { totp_secret: null, totp_last_step: null });
  await clearTries(db, user);
  await addActivity(db, { organizationId: null, actor, action, subject: user.email, now: app.now() });
  if (hash !== null) await queueMail(app, db, passwordChanged(app, user));
  if (kept) return keepOneSession(app, db, kept);
  await removeSessions(db, user.id, null);
  return async () => null;
}

function passwordChanged(app: App, { email }: Pick<User, "email">) {
  return {
    to: email,
    subject: "Your password was changed",
    text: [
      `The password of ${email} at ${hostOf(app)} was changed, and every other browser was signed out.`,
      "If it was not you, choose a new password now:",
      `${app.config.appUrl}/reset-password`,
    ].join("\n\n"),
  };
}
