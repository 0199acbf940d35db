import type { App } from "../../app.ts";
import { invalid } from "../../errors.ts";
import { checkLine, checkMailAddress } from "../names.ts";
import { addActivity } from "../../store/organizations/activity.ts";
import { sendSoon } from "../mail.ts";
import { setNewPassword } from "./new-password.ts";
import { hashOf } from "./password-hashing.ts";
import { checkNewPassword } from "./password-rules.ts";
import { addUser, getUser, type User } from "../../store/accounts/users.ts";

export type UserRequest = {
  email: string;
  name: string;
  isAdmin: boolean;
  password: string | null;
  actor: string;
};

/** Without a password nobody can sign in to the account until one is set. */
export async function createUser(app: App, request: UserRequest): Promise<User> {
  const { email, name } = checkPerson(request);
  const passwordHash =
    request.password === null ? null : await hashPassword(request.password, [request.email, name]);
  const now = app.now();
  return app.db.transaction(async (db) => {
    const user = await addUser(db, {
      email,
      name,
      passwordHash,
      isAdmin: request.isAdmin,
      now,
    });
    const entry = { organizationId: null, actor: request.actor, now };
    await addActivity(db, { ...entry, action: "user.created", subject: user.email });
    return user;
  });
}

export async function resetPassword(
  app: App,
  { email, password, actor }: { email: string; password: string | null; actor: string },
): Promise<void> {
  if (password === null)
    throw invalid("No password was given.", {
      code: "usage",
      remedy: { do: "give-password", variable: "PRICORE_PASSWORD" },
    });
  const { name } = await getUser(app.db, email);
  const hash = await hashPassword(password, [email, name]);
  await app.db.transaction(async (db) =>
    setNewPassword(app, db, await getUser(db, email), { hash, action: "password.reset", actor }),
  );
  await sendSoon(app);
}

/** Returns the address and the name as they are stored. Fails as `invalid` beside the field. */
export function checkPerson(person: { email: string; name: string }): { email: string; name: string } {
  return { email: checkMailAddress(person.email), name: checkName(person.name) };
}

export function checkName(text: string): string {
  return checkLine(text, { field: "name", wrongLength: "Enter a name of up to 100 characters." });
}

/** `about` is what others know of the user. Fails as `invalid` for a password that is easy to guess. */
export async function hashPassword(password: string, about: string[] = []): Promise<string> {
  checkNewPassword(password, about);
  return hashOf(password);
}
