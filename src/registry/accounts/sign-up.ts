// Signing up: by an invitation, or by anybody where that is enabled. Without an
// invitation the account is created when the link in the mail is opened, so that nobody learns who has one already, and
// nobody can use an address that is not theirs.
import type { App } from "../../app.ts";
import { conflict, notFound } from "../../errors.ts";
import { actorOf, addActivity } from "../../store/organizations/activity.ts";
import type { Db } from "../../store/engine/database.ts";
import type { OneTimeSecret } from "../../store/accounts/one-time-secrets.ts";
import type { Organization } from "../../store/organizations/organizations.ts";
import { addUser, findUser, findUserById, updateUser, type User } from "../../store/accounts/users.ts";
import { mailVerification, opensNothing } from "./addresses.ts";
import { acceptWithin, openInvitation } from "../organizations/invitations.ts";
import { countMail, hostOf, queueMail, sendSoon } from "../mail.ts";
import { findSecret, issueAnother, redeemSecret } from "../one-time-secrets.ts";
import { checkPerson, hashPassword } from "./users.ts";

const lastsHours = 24;

type NewPerson = { name: string; email: string; password: string };

/** The response is the same whether or not there is such an account; only the mail says so. */
export async function requestSignUp(
  app: App,
  { client, ...person }: NewPerson & { client: string },
): Promise<{ email: string }> {
  if (!app.config.signUpEnabled) throw notFound("There is no page at this address.");
  const { email: address, name } = checkPerson(person);
  const email = address.toLowerCase();
  const passwordHash = await hashPassword(person.password, [email, name]);
  await countMail(app, { to: email, client });
  const known = await findUser(app.db, email);
  await app.db.transaction((db) =>
    known ? mailKnown(app, db, email) : mailBegin(app, db, { email, name, passwordHash }),
  );
  await sendSoon(app);
  return { email };
}

type Pending = { email: string; name: string; passwordHash: string };

/** The address of the account that the link creates; null for another link. */
export async function openSignUp(app: App, secret: string): Promise<{ email: string } | null> {
  const found = await findSecret(app, "sign-up", secret);
  return found === null ? null : { email: pendingIn(found).email };
}

/** Creates the account with a verified address. Of two links for one address, the first that is opened counts. */
export async function finishSignUp(app: App, secret: string): Promise<User> {
  return app.db.transaction(async (db) => {
    const found = await redeemSecret(app, db, { purpose: "sign-up", text: secret });
    if (!found) throw opensNothing();
    const user = await begin(db, pendingIn(found), app.now());
    await updateUser(db, user.id, { email_verified_at: app.now() });
    return user;
  });
}

/** Signs up by an invitation, with the invited address. */
export async function signUpInvited(
  app: App,
  { secret, name: givenName, password }: { secret: string; name: string; password: string },
): Promise<{ user: User; organization: Organization }> {
  const { invitation } = await openInvitation(app, secret);
  const { email, name } = checkPerson({ email: invitation.email, name: givenName });
  const passwordHash = await hashPassword(password, [email, name]);
  const made = await app.db.transaction(async (db) => {
    if (await findUser(db, email))
      throw conflict(`${email} already has an account.`, { advice: "Sign in to accept." });
    const added = await begin(db, { email, name, passwordHash }, app.now());
    const organization = await acceptWithin(app, db, { secret, user: added, id: invitation.id });
    const user = (await findUserById(db, added.id)) ?? added;
    if (user.email_verified_at === null) await mailVerification(app, db, user);
    return { user, organization };
  });
  await sendSoon(app);
  return made;
}

async function begin(db: Db, { email, name, passwordHash }: Pending, now: number): Promise<User> {
  const user = await addUser(db, { email, name, passwordHash, isAdmin: false, now });
  const entry = { organizationId: null, actor: actorOf(user.id), now };
  await addActivity(db, { ...entry, action: "user.signed_up", subject: user.email });
  return user;
}

async function mailBegin(app: App, db: Db, pending: Pending): Promise<void> {
  // Older links stay valid: a stranger who types the same address must not void the owner's.
  const issue = { purpose: "sign-up", userId: null, lastsMs: lastsHours * 3_600_000 } as const;
  const secret = await issueAnother(app, db, { ...issue, data: JSON.stringify(pending) });
  await queueMail(app, db, {
    to: pending.email,
    subject: "Confirm your email address",
    text: [
      `Open this link within ${lastsHours} hours to create your account at ${hostOf(app)}:`,
      `${app.config.appUrl}/verify-email/${secret}`,
      "If you didn't ask for this, ignore this email.",
    ].join("\n\n"),
  });
}

function mailKnown(app: App, db: Db, email: string): Promise<void> {
  return queueMail(app, db, {
    to: email,
    subject: "You already have an account",
    text: [
      `Someone, probably you, tried to create an account for ${email} at ${hostOf(app)}. It already exists.`,
      "Sign in or reset your password:",
      `${app.config.appUrl}/reset-password`,
    ].join("\n\n"),
  });
}

function pendingIn({ data }: OneTimeSecret): Pending {
  return JSON.parse(data) as Pending;
}
