import type { App } from "../app.ts";
import { invalid } from "../errors.ts";
import { addActivity } from "../store/activity.ts";
import { addUser, getUser, setPassword, type User } from "../store/users.ts";

export type UserRequest = {
  email: string;
  name: string;
  isAdmin: boolean;
  password: string | null;
  actor: string;
};

/** Without a password nobody can sign in as this person until one is set. */
export async function createUser(app: App, request: UserRequest): Promise<User> {
  const { email, name } = checkPerson(request);
  const passwordHash = request.password === null ? null : await hashPassword(request.password);
  const now = app.now();
  return app.db.transaction(async (db) => {
    const user = await addUser(db, {
      email,
      name,
      passwordHash,
      isAdmin: request.isAdmin,
      now,
    });
    const told = { organizationId: null, actor: request.actor, now };
    await addActivity(db, { ...told, action: "user.created", subject: user.email });
    return user;
  });
}

export async function resetPassword(
  app: App,
  { email, password, actor }: { email: string; password: string | null; actor: string },
): Promise<void> {
  if (password === null)
    throw invalid("No password was given: use --password-stdin, PRICORE_PASSWORD, or a terminal.", {
      code: "usage",
    });
  const passwordHash = await hashPassword(password);
  await app.db.transaction(async (db) => {
    const user = await getUser(db, email);
    await setPassword(db, user.id, passwordHash);
    const told = { organizationId: null, actor, now: app.now() };
    await addActivity(db, { ...told, action: "password.reset", subject: user.email });
  });
}

/** The address and the name as they are kept; fails as `invalid` beside its field. */
export function checkPerson(person: { email: string; name: string }): { email: string; name: string } {
  const [email, name] = [person.email.trim(), person.name.trim()];
  if (email.length > 191 || !/^[^\s@]+@[^\s@]+$/.test(email))
    throw invalid(`"${email}" is not an e-mail address.`, { field: "email" });
  if (name === "" || name.length > 100) throw invalid("A name has 1 to 100 characters.", { field: "name" });
  return { email, name };
}

/** Argon2id. The cap keeps a megabyte of text from costing a minute of hashing. */
export function hashPassword(password: string): Promise<string> {
  const bytes = Buffer.byteLength(password);
  if (password.length < 12 || bytes > 1024)
    throw invalid("A password has at least 12 characters and at most 1,024 bytes.", { field: "password" });
  return Bun.password.hash(password, { algorithm: "argon2id", memoryCost: 65_536, timeCost: 3 });
}
