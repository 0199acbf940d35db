// Mails about every change to how an account can be opened, so that its owner notices a change by somebody else.
import type { App } from "../../app.ts";
import { actorOf, addActivity, type InstanceAction } from "../../store/organizations/activity.ts";
import type { Db } from "../../store/engine/database.ts";
import type { User } from "../../store/accounts/users.ts";
import { queueMail } from "../mail.ts";

type SecurityChange = {
  action: InstanceAction;
  /** What happened, as a sentence that follows "In your account …:". */
  sentence: string;
  /** `user:<id>` unless somebody else did it. */
  actor?: string;
  details?: Record<string, string>;
};

/** Records the change and queues its mail, in the transaction of the change. Call `sendSoon` after the commit. */
export async function noteSecurityChange(
  app: App,
  db: Db,
  user: User,
  { action, sentence, actor = actorOf(user.id), details }: SecurityChange,
): Promise<void> {
  const entry = { organizationId: null, actor, now: app.now() };
  await addActivity(db, { ...entry, action, subject: user.email, details });
  const { appName, appUrl } = app.config;
  await queueMail(app, db, {
    to: user.email,
    subject: sentence.replace(/\.$/, ""),
    text: [
      `${sentence} This is about your account ${user.email} at ${appName}.`,
      `If this was you, there is nothing to do. If not, change your password now, end the other sessions at ${appUrl}/account/sessions and tell your administrator.`,
    ].join("\n\n"),
  });
}
