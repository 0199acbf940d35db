// Changes that users make to their own account.
import type { App } from "../../app.ts";
import { conflict, Failure, invalid } from "../../errors.ts";
import { actorOf, addActivity } from "../../store/organizations/activity.ts";
import { removeIdentities } from "../../store/accounts/identities.ts";
import { revokeInvitationsBy } from "../../store/organizations/invitations.ts";
import { listMemberships, removeMemberships } from "../../store/organizations/members.ts";
import { voidOneTimeSecretsBut } from "../../store/accounts/one-time-secrets.ts";
import { removePasskeys } from "../../store/accounts/passkeys.ts";
import { replaceRecoveryCodes } from "../../store/accounts/recovery-codes.ts";
import { removeSessions } from "../../store/accounts/sessions.ts";
import { revokePersonalTokens } from "../../store/tokens.ts";
import { countAdministrators, markDeleted, updateUser } from "../../store/accounts/users.ts";
import { mustBeSure } from "./confirm.ts";
import { hostOf, queueMail, sendSoon } from "../mail.ts";
import { setNewPassword } from "./new-password.ts";
import type { Renewed, Viewer } from "./sessions.ts";
import { checkPassword } from "./sign-in.ts";
import { checkName, hashPassword } from "./users.ts";
import { isPasswordHash } from "./password-forms.ts";

export async function rename(app: App, { user }: Viewer, text: string): Promise<void> {
  const name = checkName(text);
  if (name === user.name) return;
  await app.db.transaction(async (db) => {
    await updateUser(db, user.id, { name });
    const entry = { organizationId: null, actor: actorOf(user.id), now: app.now() };
    await addActivity(db, { ...entry, action: "user.renamed", subject: user.email });
  });
}

/** Signs every other browser out; this one continues with a new session secret. */
export async function changePassword(
  app: App,
  viewer: Viewer,
  { current, password }: { current: string; password: string },
): Promise<Renewed | null> {
  const { user } = viewer;
  await proveSelf(app, viewer, { password: current, field: "current" });
  const hash = await hashPassword(password, [user.email, user.name]);
  const goOn = await app.db.transaction((db) =>
    setNewPassword(app, db, user, {
      hash,
      action: "password.changed",
      actor: actorOf(user.id),
      remaining: viewer,
    }),
  );
  const renewed = await goOn();
  await sendSoon(app);
  return renewed;
}

/**
 * Ends sessions, personal tokens, memberships and open invitations at once; the name stays in the activity.
 * Fails as `conflict` for an owner of an organization and for the only administrator.
 */
export async function deleteAccount(
  app: App,
  viewer: Viewer,
  { password }: { password: string },
): Promise<void> {
  const { user } = viewer;
  await proveSelf(app, viewer, { password, field: "password" });
  const now = app.now();
  await app.db.transaction(async (db) => {
    if (user.is_admin === 1 && (await countAdministrators(db)) <= 1)
      throw conflict("You are the only administrator of this server.", {
        code: "last_administrator",
        remedy: { do: "create-administrator" },
      });
    await removeMemberships(db, user.id);
    const [owned] = await listMemberships(db, user.id);
    if (owned)
      throw conflict(`You own ${owned.name}.`, {
        code: "last_owner",
        advice: "Transfer its ownership first, or delete it.",
      });
    await removeSessions(db, user.id, null);
    await revokePersonalTokens(db, user.id, now);
    await revokeInvitationsBy(db, { userId: user.id, organizationId: null, now });
    await voidOneTimeSecretsBut(db, { userId: user.id, remaining: null });
    await removePasskeys(db, user.id);
    await removeIdentities(db, user.id);
    await replaceRecoveryCodes(db, user.id, []);
    await markDeleted(db, user.id, now);
    const entry = { organizationId: null, actor: actorOf(user.id), now };
    await addActivity(db, { ...entry, action: "user.deleted", subject: user.email });
    await queueMail(app, db, {
      to: user.email,
      subject: "Your account was deleted",
      text: `The account of ${user.email} at ${hostOf(app)} was deleted. Its tokens and sessions no longer work.`,
    });
  });
  await sendSoon(app);
}

/** Checks the password, or, for an account without one, the recent confirmation. */
async function proveSelf(
  app: App,
  viewer: Viewer,
  { password, field }: { password: string; field: string },
): Promise<void> {
  if (!isPasswordHash(viewer.user.password_hash)) return mustBeSure(app, viewer);
  try {
    await checkPassword(app, { email: viewer.user.email, password });
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== "invalid") throw error;
    throw invalid(error.message, { code: "password_wrong", field });
  }
}
