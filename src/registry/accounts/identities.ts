// Signing in by a forge or an identity provider. An identity is issuer and subject; an address alone
// never signs in to an account, even a verified one: a user with an account signs in first, and then connects the
// identity.
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
import { confirmSession, endAllSessionsBut, type Renewed, type Viewer } from "./sessions.ts";
import { identityOf, signUpByIdentity } from "./sign-up-by-identity.ts";
import { isPasswordHash } from "./password-forms.ts";

/** `isNew`: the account was created with this identity. */
type Opened = { user: User; next: string; isNew: boolean };

/**
 * The account of this identity, or a new one; the caller must still ask for a second factor, if there is
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

/** Fails as `conflict` when the identity belongs to an account already. */
export async function connectIdentity(app: App, viewer: Viewer, proof: Proof): Promise<Renewed> {
  const { provider, person } = proof;
  const { user } = viewer;
  if (person.addresses.length === 0) throw refused(app, proof, unverified(provider.title));
  const goOn = await app.db.transaction(async (db) => {
    if (!(await addIdentity(db, identityOf(proof, user, app.now())))) throw await takenBy(db, user, proof);
    await noteSecurityChange(app, db, user, {
      action: "identity.connected",
      sentence: `${provider.title} (${inMail(person.login)}) can now sign in to your account.`,
    });
    return endAllSessionsBut(app, db, viewer);
  });
  await sendSoon(app);
  return goOn();
}

/** Ends all other sessions: the identity may have opened one. Fails as `conflict` for the last way to sign in. */
export async function disconnectIdentity(app: App, viewer: Viewer, identity: Identity): Promise<Renewed> {
  const { user } = viewer;
  const goOn = await app.db.transaction(async (db) => {
    if (!(await hasOtherWayIn(app, db, user, identity)))
      throw conflict("This is the only way to sign in to your account.", {
        code: "last_way_in",
        advice: "Set a password or add a passkey first.",
      });
    await removeIdentity(db, user.id, identity.id);
    await noteSecurityChange(app, db, user, {
      action: "identity.disconnected",
      sentence: `${titleOf(app, identity)} (${inMail(identity.login)}) can no longer sign in to your account.`,
    });
    return endAllSessionsBut(app, db, viewer);
  });
  await sendSoon(app);
  return goOn();
}

/** Confirms a signed-in user without a password, who has just signed in at the provider. */
export async function confirmByIdentity(app: App, viewer: Viewer, proof: Proof): Promise<Renewed> {
  if (isPasswordHash(viewer.user.password_hash)) throw passwordInstead();
  const { issuer, subject, login } = proof.person;
  const identity = await findIdentity(app.db, issuer, subject);
  if (identity?.user_id !== viewer.user.id)
    throw refused(app, proof, {
      reason: "another account is signed in",
      message: `You are signed in to ${proof.provider.title} as ${login}, which is not connected to this account.`,
      advice: "Sign in there with the connected account and try again.",
    });
  return confirmSession(app, viewer);
}

/** The provider's title; its name where it is not configured any more. */
export function titleOf(app: App, identity: Pick<Identity, "provider" | "issuer">): string {
  return identityProviderOf(app, identity)?.title ?? identity.provider;
}

export function identityProviderOf(
  { oauth }: App,
  { provider, issuer }: Pick<Identity, "provider" | "issuer">,
) {
  return oauth.identities.find((each) => each.name === provider && each.issuer === issuer) ?? null;
}

/** The identities of this user. */
export async function identityProvidersOf(app: App, { id }: User): Promise<IdentityProvider[]> {
  return (await listIdentities(app.db, id)).flatMap((each) => identityProviderOf(app, each) ?? []);
}

async function hasOtherWayIn(app: App, db: Db, user: User, without: Identity): Promise<boolean> {
  if (isPasswordHash(user.password_hash) || (await listPasskeys(db, user.id)).length > 0) return true;
  const others = (await listIdentities(db, user.id)).filter(({ id }) => id !== without.id);
  return others.some((each) => identityProviderOf(app, each) !== null);
}
