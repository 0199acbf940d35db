// Signing in with a password. Whoever is refused learns nothing but that.
import type { App } from "../app.ts";
import { invalid } from "../errors.ts";
import { findUser, type User } from "../store/users.ts";

/** Of a password that nobody has: an unknown address takes as long as a known one. */
const nobodysHash =
  "$argon2id$v=19$m=65536,t=3,p=1$cHJpY29yZS1ub2JvZHktMDE$Zc1vvxEYbBbLmPQMCYRj5mJgVdVHJ7QJcVgFbFz4m2s";

/** Fails as `invalid`, in the same words and after the same time whether or not there is such a person. */
export async function checkPassword(
  app: App,
  { email, password }: { email: string; password: string },
): Promise<User> {
  const user = await findUser(app.db, email.trim());
  const isRight = await Bun.password.verify(password.slice(0, 1024), user?.password_hash ?? nobodysHash);
  if (user?.password_hash && isRight) return user;
  throw invalid("The address or the password is wrong.", { code: "sign_in_refused", field: "password" });
}
