// The first start: the setup link in the terminal creates the first administrator, once.
import type { App } from "../../app.ts";
import { conflict, Failure, notFound } from "../../errors.ts";
import { actorOf, addActivity } from "../../store/organizations/activity.ts";
import type { Db } from "../../store/engine/database.ts";
import { listOwnerless, setMember } from "../../store/organizations/members.ts";
import {
  extendOneTimeSecret,
  findLastOneTimeSecret,
  voidOneTimeSecrets,
} from "../../store/accounts/one-time-secrets.ts";
import { addUser, hasUsers, updateUser, type User } from "../../store/accounts/users.ts";
import { findSecret, issueKnown, newSecret, redeemSecret } from "../one-time-secrets.ts";
import { checkPerson, hashPassword } from "./users.ts";

const lastsMs = 24 * 3_600_000;

/**
 * The setup link; null once there is a user. Every start prints the same link while it is
 * valid, so that two servers do not void each other's.
 */
export async function setupLink(app: App): Promise<string | null> {
  if (await hasUsers(app.db)) return null;
  const secret = await app.db.transaction(async (db) => (await printedBefore(app, db)) ?? issue(app, db));
  return `${app.config.appUrl}/setup/${secret}`;
}

async function printedBefore(app: App, db: Db): Promise<string | null> {
  const now = app.now();
  const found = await findLastOneTimeSecret(db, { purpose: "setup", now });
  if (found === null) return null;
  try {
    const text = app.secrets.open("setup", "link", found.data);
    await extendOneTimeSecret(db, found.hash, now + lastsMs);
    return text;
  } catch (error) {
    // An earlier version stored only its hash.
    if (error instanceof Failure && error.code === "key_mismatch") return null;
    throw error;
  }
}

async function issue(app: App, db: Db): Promise<string> {
  const made = { purpose: "setup", userId: null } as const;
  await voidOneTimeSecrets(db, made);
  const text = newSecret();
  const data = app.secrets.seal("setup", "link", text);
  await issueKnown(app, db, { ...made, text, data, lastsMs });
  return text;
}

/** The names of the organizations that the first account will own. Fails as `notFound`, as `checkSetupLink` does. */
export async function adoptedBySetup(app: App, secret: string): Promise<string[]> {
  await checkSetupLink(app, secret);
  return (await listOwnerless(app.db)).map(({ slug }) => slug);
}

/** Fails as `notFound` when the link is not valid any more. */
async function checkSetupLink(app: App, secret: string): Promise<void> {
  if ((await hasUsers(app.db)) || !(await findSecret(app, "setup", secret))) throw leadsNowhere();
}

type FirstPerson = { secret: string; name: string; email: string; password: string };

/**
 * Creates the first account, an administrator of the instance, and gives it the organizations that commands made and
 * nobody owns. Of two people with the link, one succeeds.
 */
export async function setUp(app: App, { secret, ...person }: FirstPerson): Promise<User> {
  await checkSetupLink(app, secret);
  const { email, name } = checkPerson(person);
  const passwordHash = await hashPassword(person.password, [person.email, person.name]);
  const now = app.now();
  return app.db.transaction(async (db) => {
    if (!(await redeemSecret(app, db, { purpose: "setup", text: secret }))) throw leadsNowhere();
    if (await hasUsers(db)) throw conflict("This registry is already set up. Sign in instead.");
    const user = await addUser(db, { email, name, passwordHash, isAdmin: true, now });
    await updateUser(db, user.id, { email_verified_at: now });
    await addActivity(db, {
      organizationId: null,
      actor: actorOf(user.id),
      action: "instance.set_up",
      subject: email,
      now,
    });
    await adoptOrganizations(db, user, now);
    return user;
  });
}

async function adoptOrganizations(db: Db, user: User, now: number): Promise<void> {
  for (const { id, slug } of await listOwnerless(db)) {
    await setMember(db, id, { userId: user.id, role: "owner", now });
    const entry = { organizationId: id, actor: actorOf(user.id), now };
    await addActivity(db, { ...entry, action: "organization.adopted", subject: slug });
  }
}

function leadsNowhere() {
  return notFound("This setup link is no longer valid.", {
    code: "setup_link",
    advice: "The server prints a new one when it starts, until the first account is created.",
  });
}
