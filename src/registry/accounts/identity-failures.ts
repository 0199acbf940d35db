// Why a sign-in with an identity fails, and what the user can do about it.
import type { App } from "../../app.ts";
import { conflict, forbidden, type Failure } from "../../errors.ts";
import type { IdentityProvider, VerifiedIdentity } from "../../forges/oauth.ts";
import type { Db } from "../../store/engine/database.ts";
import { findIdentity } from "../../store/accounts/identities.ts";
import type { User } from "../../store/accounts/users.ts";

export type Proof = { provider: Pick<IdentityProvider, "title" | "name">; person: VerifiedIdentity };

type Reason = { reason: string; message?: string; advice?: string };

/** Also logs the failure. */
export function refused({ log }: App, { provider, person }: Proof, why: Reason): Failure {
  const { reason, message = `You can't sign in with ${provider.title} here.`, advice } = why;
  log.warn("oauth.link_refused", { provider: provider.name, subject: person.subject, reason });
  return forbidden(message, { code: "oauth_link_refused", advice });
}

export function unverified(title: string): Reason {
  return {
    reason: "no verified address",
    message: `${title} has no verified email address for you.`,
    advice: "Confirm your email address there and try again.",
  };
}

export function knownAddress(title: string, address: string): Reason {
  return {
    reason: "its address has an account",
    message: `${address} already has an account, which is not connected to ${title} yet.`,
    advice: `Sign in as usual, then connect ${title} in your account under "Connected accounts".`,
  };
}

export function invitedOther(title: string, invited: string): Reason {
  return {
    reason: "invited by another address",
    message: `The invitation is for ${invited}, which is not one of your verified addresses at ${title}.`,
    advice: "Add it there, or use the invitation link to create an account with a password.",
  };
}

export function closed(addresses: string[]): Reason {
  return {
    reason: "sign-up is closed",
    message: `${addresses[0]} has no account here, and new accounts need an invitation.`,
    advice: "Ask someone in your organization to invite that address, then open the link you get.",
  };
}

/** The identity belongs to an account already, or the account has another identity of that provider. */
export async function takenBy(db: Db, user: User, { provider: { title }, person }: Proof): Promise<Failure> {
  const known = await findIdentity(db, person.issuer, person.subject);
  const message =
    known === null
      ? `Your account is connected to another account at ${title}.`
      : known.user_id === user.id
        ? `${title} (${person.login}) is already connected to your account.`
        : `${title} (${person.login}) is connected to another account here.`;
  const advice =
    known === null ? "Disconnect that one first." : "Sign in to that one and disconnect it first.";
  return conflict(message, {
    code: "identity_taken",
    advice: known?.user_id === user.id ? undefined : advice,
  });
}

/** A provider may not ask again in a browser that is signed in there. */
export function passwordInstead(): Failure {
  return conflict("Enter the password of your account.", { code: "password_instead" });
}
