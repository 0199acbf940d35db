// The second factor of an account: a code app, passkeys, or both. With the first of them come recovery codes, and they
// go with the last.
import type { App } from "../../app.ts";
import { conflict, invalid } from "../../errors.ts";
import type { Db } from "../../store/engine/database.ts";
import { listPasskeys, removePasskeys } from "../../store/accounts/passkeys.ts";
import { countRecoveryCodes, replaceRecoveryCodes } from "../../store/accounts/recovery-codes.ts";
import { removeSessions } from "../../store/accounts/sessions.ts";
import { findUserById, getUser, updateUser, type User } from "../../store/accounts/users.ts";
import { sendSoon } from "../mail.ts";
import { makeRecoveryCodes } from "./recovery-codes.ts";
import { noteSecurityChange } from "./security-notices.ts";
import { endAllSessionsBut, type Renewed, type Viewer } from "./sessions.ts";
import { limitTries } from "./sign-in-limits.ts";
import { newTotpSecret, consumeCode } from "./totp.ts";

/** `codes` are recovery codes that were just made, to be shown once; null when there were some. */
export type Changed = { session: Renewed; codes: string[] | null };

export function hasApp({ totp_confirmed_at }: User): boolean {
  return totp_confirmed_at !== null;
}

/** Whether the account needs more than the password. */
export async function hasSecondFactor(db: Db, user: User): Promise<boolean> {
  return hasApp(user) || (await listPasskeys(db, user.id)).length > 0;
}

/** Makes a secret for a code app, which counts once a code of it was entered. */
export async function beginApp(app: App, { user }: Viewer): Promise<void> {
  if (hasApp(user)) throw conflict("An authenticator app is already set up.", { code: "app_known" });
  await updateUser(app.db, user.id, { totp_secret: newTotpSecret(app, user), totp_last_step: null });
}

export async function confirmApp(app: App, viewer: Viewer, code: string): Promise<Changed> {
  const { user } = viewer;
  if (hasApp(user)) throw conflict("An authenticator app is already set up.", { code: "app_known" });
  const { address } = viewer.session;
  const attempt = await limitTries(app, "second factor", { userId: user.id, address });
  const changed = await app.db.transaction(async (db) => {
    if (!(await consumeCode(app, db, user, code))) throw wrongCode();
    const codes = await codesForTheFirst(db, user);
    await updateUser(db, user.id, { totp_confirmed_at: app.now() });
    await noteSecurityChange(app, db, user, {
      action: "two_factor.app_added",
      sentence: "An authenticator app was added as a second factor.",
    });
    return { codes, goOn: await endAllSessionsBut(app, db, viewer) };
  });
  await attempt.succeeded();
  await sendSoon(app);
  return { codes: changed.codes, session: await changed.goOn() };
}

export async function removeApp(app: App, viewer: Viewer): Promise<Renewed> {
  const { user } = viewer;
  const goOn = await app.db.transaction(async (db) => {
    await updateUser(db, user.id, noApp);
    await removeCodesAfterTheLast(db, user);
    await noteSecurityChange(app, db, user, {
      action: "two_factor.app_removed",
      sentence: "The authenticator app was removed as a second factor.",
    });
    return endAllSessionsBut(app, db, viewer);
  });
  await sendSoon(app);
  return goOn();
}

/** Makes ten new codes; the old ones become void. */
export async function renewRecoveryCodes(app: App, { user }: Viewer): Promise<string[]> {
  if (!(await hasSecondFactor(app.db, user))) throw conflict("Recovery codes need a second factor first.");
  const codes = await app.db.transaction(async (db) => {
    await noteSecurityChange(app, db, user, {
      action: "two_factor.codes_renewed",
      sentence: "New recovery codes were made.",
    });
    return makeRecoveryCodes(db, user.id);
  });
  await sendSoon(app);
  return codes;
}

/** For somebody who has lost every factor: the password alone is enough again, and all sessions end. */
export async function disableSecondFactor(
  app: App,
  { email, actor }: { email: string; actor: string },
): Promise<void> {
  await app.db.transaction(async (db) => {
    const user = await getUser(db, email);
    await updateUser(db, user.id, noApp);
    await removePasskeys(db, user.id);
    await replaceRecoveryCodes(db, user.id, []);
    await removeSessions(db, user.id, null);
    const sentence = "The second factor was turned off by someone who runs the server.";
    await noteSecurityChange(app, db, user, { action: "two_factor.disabled", sentence, actor });
  });
  await sendSoon(app);
}

/** Returns the recovery codes that come with the first factor; null when there was one already. */
export async function codesForTheFirst(db: Db, user: User): Promise<string[] | null> {
  return (await hasSecondFactor(db, user)) ? null : makeRecoveryCodes(db, user.id);
}

export async function removeCodesAfterTheLast(db: Db, { id }: User): Promise<void> {
  const user = await findUserById(db, id);
  if (user && !(await hasSecondFactor(db, user))) await replaceRecoveryCodes(db, id, []);
}

type Factors = { hasApp: boolean; passkeys: number; recoveryCodes: number };

export async function factorsOf(db: Db, user: User): Promise<Factors> {
  return {
    hasApp: hasApp(user),
    passkeys: (await listPasskeys(db, user.id)).length,
    recoveryCodes: await countRecoveryCodes(db, user.id),
  };
}

export function wrongCode(): Error {
  return invalid("This code was not accepted. Codes change every 30 seconds; enter the current one.", {
    code: "code_refused",
    field: "code",
  });
}

export const noApp = { totp_secret: null, totp_confirmed_at: null, totp_last_step: null };
