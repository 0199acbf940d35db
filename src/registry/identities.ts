// Accounts that a forge or an identity provider opens. Who somebody is there is issuer and subject; an address alone
// never opens an account, however surely it was verified: whoever has one signs in to it first, and connects it then.
import type { App } from "../app.ts";
import { conflict, forbidden, type Failure } from "../errors.ts";
import type { IdentityProvider, ProvenPerson } from "../providers/oauth.ts";
import { addActivity } from "../store/activity.ts";
import type { Db } from "../store/database.ts";
import {
  addIdentity,
  findIdentity,
  listIdentities,
  markIdentityUsed,
  removeIdentity,
  type Identity,
} from "../store/identities.ts";
import { listPasskeys } from "../store/passkeys.ts";
import { addUser, findUser, findUserById, type User } from "../store/users.ts";
import { acceptWithin, openInvitation } from "./invitations.ts";
import { inMail, sendSoon } from "./mail.ts";
import { noteSecurityChange } from "./security-notices.ts";
import { confirmSession, keepOnlySession, type Renewed, type Viewer } from "./sessions.ts";
import { checkAddress } from "./users.ts";

export type Proof = { provider: Pick<IdentityProvider, "title" | "name">; person: ProvenPerson };

/** `isNew`: the account begins with it. */
export type Opened = { user: User; next: string; isNew: boolean };

/**
 * The account that this identity opens, or one that begins by it; whoever has a second factor is still to be asked for
 * it. `next` may be an invitation. Fails as `forbidden`, with what to do.
 */
export async function openByIdentity(app: App, proof: Proof, next: string): Promise<Opened> {
  const { person } = proof;
  const identity = await findIdentity(app.db, person.issuer, person.subject);
  if (!identity) return begin(app, proof, next);
  const user = await findUserById(app.db, identity.user_id);
  if (!user || user.deleted_at !== null) throw refused(app, proof, { reason: "its account is gone" });
  await markIdentityUsed(app.db, identity.id, { login: person.login, now: app.now() });
  return { user, next, isNew: false };
}

/** Fails as `conflict` when it opens an account already, this one or another. */
export async function connectIdentity(app: App, viewer: Viewer, proof: Proof): Promise<Renewed> {
  const { provider, person } = proof;
  const { user } = viewer;
  if (person.addresses.length === 0) throw refused(app, proof, unverified(provider.title));
  const goOn = await app.db.transaction(async (db) => {
    if (!(await addIdentity(db, identityOf(proof, user, app.now())))) throw await takenBy(db, user, proof);
    await noteSecurityChange(app, db, user, {
      action: "identity.connected",
      words: `${provider.title} (${inMail(person.login)}) opens your account from now on.`,
    });
    return keepOnlySession(app, db, viewer);
  });
  await sendSoon(app);
  return goOn();
}

/** All other sessions end: one of them may have been opened by it. Fails as `conflict` for the last way in. */
export async function disconnectIdentity(app: App, viewer: Viewer, identity: Identity): Promise<Renewed> {
  const { user } = viewer;
  const goOn = await app.db.transaction(async (db) => {
    if (!(await hasOtherWayIn(app, db, user, identity)))
      throw conflict("This is the only way into your account.", {
        code: "last_way_in",
        remedy: "Set a password or add a passkey first.",
      });
    await removeIdentity(db, user.id, identity.id);
    await noteSecurityChange(app, db, user, {
      action: "identity.disconnected",
      words: `${titleOf(app, identity)} (${inMail(identity.login)}) does not open your account any more.`,
    });
    return keepOnlySession(app, db, viewer);
  });
  await sendSoon(app);
  return goOn();
}

/** Whoever is signed in, and has no password to give, has shown at the provider who is there. */
export async function confirmByIdentity(app: App, viewer: Viewer, proof: Proof): Promise<Renewed> {
  if (viewer.user.password_hash !== null) throw passwordInstead();
  const { issuer, subject, login } = proof.person;
  const identity = await findIdentity(app.db, issuer, subject);
  if (identity?.user_id !== viewer.user.id)
    throw refused(app, proof, {
      reason: "another account is signed in",
      message: `${proof.provider.title} says that you are ${login}, who does not open this account.`,
      remedy: "Sign in there as whom this account knows, and try again.",
    });
  return confirmSession(app, viewer);
}

/** A provider may let through whoever sits at a browser that is signed in there. */
export function passwordInstead(): Failure {
  return conflict("Your account has a password: give that.", { code: "password_instead" });
}

/** As people call the provider; its name is kept where it is not set up any more. */
export function titleOf(app: App, identity: Pick<Identity, "provider" | "issuer">): string {
  return providerOf(app, identity)?.title ?? identity.provider;
}

export function providerOf({ oauth }: App, { provider, issuer }: Pick<Identity, "provider" | "issuer">) {
  return oauth.identities.find((each) => each.name === provider && each.issuer === issuer) ?? null;
}

/** Those that open the account of this person. */
export async function providersOf(app: App, { id }: User): Promise<IdentityProvider[]> {
  return (await listIdentities(app.db, id)).flatMap((each) => providerOf(app, each) ?? []);
}

async function hasOtherWayIn(app: App, db: Db, user: User, without: Identity): Promise<boolean> {
  if (user.password_hash !== null || (await listPasskeys(db, user.id)).length > 0) return true;
  const others = (await listIdentities(db, user.id)).filter(({ id }) => id !== without.id);
  return others.some((each) => providerOf(app, each) !== null);
}

/** An account begins for whoever is invited, or for anybody where that is switched on. */
async function begin(app: App, proof: Proof, next: string): Promise<Opened> {
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
  return { user, next, isNew: true };
}

async function beginInvited(app: App, proof: Proof, secret: string): Promise<Opened> {
  const { invitation } = await openInvitation(app, secret);
  const { addresses } = proof.person;
  if (!addresses.includes(invitation.email))
    throw refused(app, proof, invitedOther(proof.provider.title, invitation.email));
  const made = await app.db.transaction(async (db) => {
    const user = await addPerson(app, db, proof, invitation.email);
    return { user, organization: await acceptWithin(app, db, { secret, user, id: invitation.id }) };
  });
  await sendSoon(app);
  return { user: made.user, next: `/organizations/${made.organization.slug}`, isNew: true };
}

async function addPerson(app: App, db: Db, proof: Proof, address: string): Promise<User> {
  const { provider, person } = proof;
  const now = app.now();
  const name =
    person.name
      .replace(/\p{C}+/gu, " ")
      .trim()
      .slice(0, 100) || person.login.slice(0, 100);
  const email = checkAddress(address);
  const user = await addUser(db, { email, name, passwordHash: null, isAdmin: false, verifiedAt: now, now });
  if (!(await addIdentity(db, identityOf(proof, user, now)))) throw await takenBy(db, user, proof);
  const told = { organizationId: null, actor: `user:${user.id}`, now };
  await addActivity(db, { ...told, action: "user.signed_up", subject: user.email });
  await noteSecurityChange(app, db, user, {
    action: "identity.connected",
    words: `An account was made for you, which ${provider.title} (${inMail(person.login)}) opens.`,
  });
  return user;
}

function identityOf({ provider, person }: Proof, user: User, now: number): Omit<Identity, "id"> {
  const { issuer, subject, login } = person;
  const who = { provider: provider.name, issuer, subject, login };
  return { user_id: user.id, ...who, created_at: now, last_used_at: null };
}

async function takenBy(db: Db, user: User, { provider: { title }, person }: Proof): Promise<Failure> {
  const known = await findIdentity(db, person.issuer, person.subject);
  const message =
    known === null
      ? `Your account is connected to another account at ${title}.`
      : known.user_id === user.id
        ? `${title} (${person.login}) opens your account already.`
        : `${title} (${person.login}) opens another account here.`;
  const remedy =
    known === null ? "Disconnect that one first." : "Sign in to that one and disconnect it first.";
  return conflict(message, {
    code: "identity_taken",
    remedy: known?.user_id === user.id ? undefined : remedy,
  });
}

type Reason = { reason: string; message?: string; remedy?: string };

function refused({ log }: App, { provider, person }: Proof, why: Reason): Failure {
  const { reason, message = `${provider.title} opens no account here.`, remedy } = why;
  log.warn("oauth.link_refused", { provider: provider.name, subject: person.subject, reason });
  return forbidden(message, { code: "oauth_link_refused", remedy });
}

function unverified(title: string): Reason {
  return {
    reason: "no verified address",
    message: `${title} has verified no address of yours.`,
    remedy: "Confirm your e-mail address there, and try again.",
  };
}

function knownAddress(title: string, address: string): Reason {
  return {
    reason: "its address has an account",
    message: `There is an account for ${address} already, and ${title} does not open it yet.`,
    remedy: `Sign in to it as ever; then connect ${title} in your account, under "Connected accounts".`,
  };
}

function invitedOther(title: string, invited: string): Reason {
  return {
    reason: "invited by another address",
    message: `The invitation is for ${invited}, which is not an address that ${title} has verified of you.`,
    remedy: "Add it there, or make an account with a password by the link of the invitation.",
  };
}

function closed(addresses: string[]): Reason {
  return {
    reason: "sign-up is closed",
    message: `There is no account for ${addresses[0]} here, and new ones begin by an invitation only.`,
    remedy: "Ask somebody of your organization to invite that address, and open the link that you get.",
  };
}
