// The one place where a password changes. Somebody else may have known the old one: everything that they have started
// ends with it.
import type { App } from "../../app.ts";
import { addActivity } from "../../store/organizations/activity.ts";
import type { Db } from "../../store/engine/database.ts";
import { voidOneTimeSecretsBut } from "../../store/accounts/one-time-secrets.ts";
import { removeSessions } from "../../store/accounts/sessions.ts";
import { setPassword, updateUser, type User } from "../../store/accounts/users.ts";
import { hostOf, queueMail } from "../mail.ts";
import { endAllSessionsBut, type Renewed, type Viewer } from "./sessions.ts";
import { clearTries } from "./sign-in-limits.ts";

type NewPassword = {
  /** null when the old password becomes void and a new one must still be chosen. */
  hash: string | null;
  action: "password.changed" | "password.reset" | "email.change_undone";
  actor: string;
  /** The session that goes on; all others end. */
  remaining?: Viewer;
};

/**
 * Belongs in the transaction of what allows it. Sessions, links in mails and challenges of the user end, tries count
 * from zero, and the user gets a mail. Call the returned function after the commit, then `sendSoon`.
 */
export async function setNewPassword(
  app: App,
  db: Db,
  user: User,
  { hash, action, actor, remaining }: NewPassword,
): Promise<() => Promise<Renewed | null>> {
  await setPassword(db, user.id, hash);
  // The link that undoes a changed address belongs to the owner, and must survive a thief's change.
  await voidOneTimeSecretsBut(db, { userId: user.id, remaining: "email-undo" });
  if (user.totp_confirmed_at === null)
    await updateUser(db, user.id, { totp_secret: null, totp_last_step: null });
  await clearTries(db, user);
  await addActivity(db, { organizationId: null, actor, action, subject: user.email, now: app.now() });
  if (hash !== null) await queueMail(app, db, passwordChanged(app, user));
  if (remaining) return endAllSessionsBut(app, db, remaining);
  await removeSessions(db, user.id, null);
  return async () => null;
}

function passwordChanged(app: App, { email }: Pick<User, "email">) {
  return {
    to: email,
    subject: "Your password was changed",
    text: [
      `The password of ${email} at ${hostOf(app)} was changed. All other browsers were signed out.`,
      "If this wasn't you, choose a new password now:",
      `${app.config.appUrl}/reset-password`,
    ].join("\n\n"),
  };
}
