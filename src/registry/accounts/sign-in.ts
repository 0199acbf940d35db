// Signing in with a password. A refusal never says which part was wrong.
import type { App } from "../../app.ts";
import { invalid, messageOf } from "../../errors.ts";
import { findUser, replacePasswordHash, type User } from "../../store/accounts/users.ts";
import { isOurs } from "./password-forms.ts";
import { hashOf, isPassword } from "./password-hashing.ts";
import type { Browser } from "./sessions.ts";
import { countAttempt, limitTries, readBrowserName } from "./sign-in-limits.ts";

type SignInForm = {
  email: string;
  password: string;
  browser: Browser;
  /** The browser's name, from its cookie of an earlier sign-in. */
  known: string | null;
};

/**
 * Checks the password of somebody who is not signed in. Fails as `invalid`, with the same message and after the same
 * time whether or not there is such an account, and as `tooMany` after too many tries.
 */
export async function checkSignIn(app: App, { email, password, browser, known }: SignInForm): Promise<User> {
  const user = await findUser(app.db, email.trim());
  const knownBrowser = readBrowserName(app, user, known);
  const attempt = await countAttempt(app, { email, address: browser.address, knownBrowser });
  if (!(await isPassword(password, user?.password_hash ?? null)) || !user) throw refused();
  await attempt.succeeded();
  await rehash(app, user, password);
  return user;
}

/** Checks the password of somebody who is signed in and gives it again. Fails as `invalid`. */
export async function checkPassword(
  app: App,
  { email, password }: { email: string; password: string },
): Promise<User> {
  const user = await findUser(app.db, email.trim());
  const attempt = await limitTries(app, "password again", { userId: user?.id ?? "", address: "" });
  if (!(await isPassword(password, user?.password_hash ?? null)) || !user)
    throw invalid("The password is wrong.", { code: "password_wrong", field: "password" });
  await attempt.succeeded();
  await rehash(app, user, password);
  return user;
}

/** Replaces an imported hash by one of ours; when that fails, the old one stays and the sign-in goes on. */
async function rehash(app: App, user: User, password: string): Promise<void> {
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
  return invalid("The email address or password is wrong.", { code: "sign_in_refused", field: "password" });
}
