// New accounts with an identity instead of a password: for people who are invited, or for anybody where sign-up is
// switched on.
import type { App } from "../../app.ts";
import { actorOf, addActivity } from "../../store/organizations/activity.ts";
import type { Db } from "../../store/engine/database.ts";
import { addIdentity, type Identity } from "../../store/accounts/identities.ts";
import { addUser, findUser, type User } from "../../store/accounts/users.ts";
import {
  closed,
  invitedOther,
  knownAddress,
  refused,
  takenBy,
  unverified,
  type Proof,
} from "./identity-failures.ts";
import { acceptWithin, openInvitation } from "../organizations/invitations.ts";
import { inMail, sendSoon } from "../mail.ts";
import { noteSecurityChange } from "./security-notices.ts";
import { checkMailAddress } from "../names.ts";
import { withoutInvisible } from "../../printable.ts";

type StartedSignUp = { user: User; next: string };

/** `next` may be an invitation, and only for the invited address. Fails as `forbidden`, with what to do. */
export async function signUpByIdentity(app: App, proof: Proof, next: string): Promise<StartedSignUp> {
  const { addresses } = proof.person;
  const { title } = proof.provider;
  if (addresses.length === 0) throw refused(app, proof, unverified(title));
  for (const address of addresses)
    if (await findUser(app.db, address)) throw refused(app, proof, knownAddress(title, address));
  const secret = /^\/invitations\/([\w-]+)$/.exec(next)?.[1];
  if (secret !== undefined) return beginInvited(app, proof, secret);
  if (!app.config.signUpEnabled) throw refused(app, proof, closed(addresses));
  const user = await app.db.transaction((db) => addPerson(app, db, proof, addresses[0] ?? ""));
  await sendSoon(app);
  return { user, next };
}

async function beginInvited(app: App, proof: Proof, secret: string): Promise<StartedSignUp> {
  const { invitation } = await openInvitation(app, secret);
  const { addresses } = proof.person;
  if (!addresses.includes(invitation.email))
    throw refused(app, proof, invitedOther(proof.provider.title, invitation.email));
  const made = await app.db.transaction(async (db) => {
    const user = await addPerson(app, db, proof, invitation.email);
    return { user, organization: await acceptWithin(app, db, { secret, user, id: invitation.id }) };
  });
  await sendSoon(app);
  return { user: made.user, next: `/organizations/${made.organization.slug}` };
}

async function addPerson(app: App, db: Db, proof: Proof, address: string): Promise<User> {
  const { provider, person } = proof;
  const now = app.now();
  const name = [person.name, person.login, address].map(nameIn).find((each) => each !== "") ?? address;
  const email = checkMailAddress(address);
  const user = await addUser(db, { email, name, passwordHash: null, isAdmin: false, verifiedAt: now, now });
  const identity = { ...identityOf(proof, user, now), last_used_at: now };
  if (!(await addIdentity(db, identity))) throw await takenBy(db, user, proof);
  const entry = { organizationId: null, actor: actorOf(user.id), now };
  await addActivity(db, { ...entry, action: "user.signed_up", subject: user.email });
  await noteSecurityChange(app, db, user, {
    action: "identity.connected",
    sentence: `An account was created for you. Sign in to it with ${provider.title} (${inMail(person.login)}).`,
  });
  return user;
}

/** The name, cut to the length that is stored. */
function nameIn(text: string): string {
  return withoutInvisible(text.slice(0, 400)).slice(0, 100).toWellFormed();
}

export function identityOf({ provider, person }: Proof, user: User, now: number): Omit<Identity, "id"> {
  const { issuer, subject, login } = person;
  const who = { provider: provider.name, issuer, subject, login };
  return { user_id: user.id, ...who, created_at: now, last_used_at: null };
}
