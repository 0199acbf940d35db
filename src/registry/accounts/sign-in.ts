// Signing in with a password. Whoever is refused learns nothing but that.
import type { App } from "../../app.ts";
import { invalid, messageOf } from "../../errors.ts";
import { findUser, replacePasswordHash, type User } from "../../store/accounts/users.ts";
import { isOurs } from "./password-forms.ts";
import { hashOf, isPassword } from "./password-hashing.ts";
import type { Browser } from "./sessions.ts";
import { limitTries, readBrowserName, passwordAgainKey, countAttempt } from "./sign-in-limits.ts";

export type Attempt = {
  email: string;
  password: string;
  browser: Browser;
  /** What the browser was given when it signed in before. */
  known: string | null;
};

/**
 * Of somebody who is not signed in. Fails as `invalid`, in the same words and after the same time whether or not there
 * is such a person, and as `tooMany` after too many tries.
 */
export async function checkSignIn(app: App, { email, password, browser, known }: Attempt): Promise<User> {
  const user = await findUser(app.db, email.trim());
  const knownBrowser = readBrowserName(app, user, known);
  const wasRight = await countAttempt(app, { email, address: browser.address, knownBrowser });
  if (!(await isPassword(password, user?.password_hash ?? null)) || !user) throw refused();
  await wasRight();
  await keepAsOurs(app, user, password);
  return user;
}

/** Of somebody who is signed in and proves it again: five tries in a quarter of an hour. Fails as `invalid`. */
export async function checkPassword(
  app: App,
  { email, password }: { email: string; password: string },
): Promise<User> {
  const user = await findUser(app.db, email.trim());
  const wasRight = await limitTries(app, passwordAgainKey(user?.id ?? ""), "");
  if (!(await isPassword(password, user?.password_hash ?? null)) || !user)
    throw invalid("The password is wrong.", { code: "password_wrong", field: "password" });
  await wasRight();
  await keepAsOurs(app, user, password);
  return user;
}

/** An imported hash is replaced by one of ours; when that fails, the old one stays and the person is in. */
async function keepAsOurs(app: App, user: User, password: string): Promise<void> {
  const { id } = user;
  const old = user.password_hash;
  if (old === null || isOurs(old)) return;
  try {
    await replacePasswordHash(app.db, id, { old, hash: await hashOf(password) });
  } catch (error) {
    app.log.warn("password.not_rehashed", { user: id, reason: messageOf(error) });
  }
}

function refused(): Error {
  return invalid("The address or the password is wrong.", { code: "sign_in_refused", field: "password" });
}
