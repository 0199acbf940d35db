// Accounts that a forge or an identity provider opens. Who somebody is there is issuer and subject; an address alone
// never opens an account, however surely it was verified: whoever has one signs in to it first, and connects it then.
import type { App } from "../../app.ts";
import { conflict } from "../../errors.ts";
import type { IdentityProvider } from "../../forges/oauth.ts";
import type { Db } from "../../store/engine/database.ts";
import {
  addIdentity,
  findIdentity,
  listIdentities,
  markIdentityUsed,
  removeIdentity,
  type Identity,
} from "../../store/accounts/identities.ts";
import { listPasskeys } from "../../store/accounts/passkeys.ts";
import { findUserById, type User } from "../../store/accounts/users.ts";
import { passwordInstead, refused, takenBy, unverified, type Proof } from "./identity-failures.ts";
import { inMail, sendSoon } from "../mail.ts";
import { noteSecurityChange } from "./security-notices.ts";
import { confirmSession, keepOneSession, type Renewed, type Viewer } from "./sessions.ts";
import { identityOf, signUpByIdentity } from "./sign-up-by-identity.ts";
import { isPasswordHash } from "./password-forms.ts";

/** `isNew`: the account begins with it. */
export type Opened = { user: User; next: string; isNew: boolean };

/**
 * The account that this identity opens, or one that begins by it; whoever has a second factor is still to be asked for
 * it. `next` may be an invitation. Fails as `forbidden`, with what to do.
 */
export async function openByIdentity(app: App, proof: Proof, next: string): Promise<Opened> {
  const { person } = proof;
  const identity = await findIdentity(app.db, person.issuer, person.subject);
  if (!identity) return { ...(await signUpByIdentity(app, proof, next)), isNew: true };
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
    return keepOneSession(app, db, viewer);
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
        advice: "Set a password or add a passkey first.",
      });
    await removeIdentity(db, user.id, identity.id);
    await noteSecurityChange(app, db, user, {
      action: "identity.disconnected",
      words: `${titleOf(app, identity)} (${inMail(identity.login)}) does not open your account any more.`,
    });
    return keepOneSession(app, db, viewer);
  });
  await sendSoon(app);
  return goOn();
}

/** Whoever is signed in, and has no password to give, has shown at the provider who is there. */
export async function confirmByIdentity(app: App, viewer: Viewer, proof: Proof): Promise<Renewed> {
  if (isPasswordHash(viewer.user.password_hash)) throw passwordInstead();
  const { issuer, subject, login } = proof.person;
  const identity = await findIdentity(app.db, issuer, subject);
  if (identity?.user_id !== viewer.user.id)
    throw refused(app, proof, {
      reason: "another account is signed in",
      message: `${proof.provider.title} says that you are ${login}, who does not open this account.`,
      advice: "Sign in there as whom this account knows, and try again.",
    });
  return confirmSession(app, viewer);
}

/** As people call the provider; its name is kept where it is not set up any more. */
export function titleOf(app: App, identity: Pick<Identity, "provider" | "issuer">): string {
  return identityProviderOf(app, identity)?.title ?? identity.provider;
}

export function identityProviderOf(
  { oauth }: App,
  { provider, issuer }: Pick<Identity, "provider" | "issuer">,
) {
  return oauth.identities.find((each) => each.name === provider && each.issuer === issuer) ?? null;
}

/** Those that open the account of this person. */
export async function identityProvidersOf(app: App, { id }: User): Promise<IdentityProvider[]> {
  return (await listIdentities(app.db, id)).flatMap((each) => identityProviderOf(app, each) ?? []);
}

async function hasOtherWayIn(app: App, db: Db, user: User, without: Identity): Promise<boolean> {
  if (isPasswordHash(user.password_hash) || (await listPasskeys(db, user.id)).length > 0) return true;
  const others = (await listIdentities(db, user.id)).filter(({ id }) => id !== without.id);
  return others.some((each) => identityProviderOf(app, each) !== null);
}
