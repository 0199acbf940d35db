// Why an identity opens no account, in the words of whoever tried, and what they can do about it.
import type { App } from "../../app.ts";
import { conflict, forbidden, type Failure } from "../../errors.ts";
import type { IdentityProvider, VerifiedIdentity } from "../../forges/oauth.ts";
import type { Db } from "../../store/engine/database.ts";
import { findIdentity } from "../../store/accounts/identities.ts";
import type { User } from "../../store/accounts/users.ts";

export type Proof = { provider: Pick<IdentityProvider, "title" | "name">; person: VerifiedIdentity };

export type Reason = { reason: string; message?: string; advice?: string };

/** Told to the log, too. */
export function refused({ log }: App, { provider, person }: Proof, why: Reason): Failure {
  const { reason, message = `${provider.title} opens no account here.`, advice } = why;
  log.warn("oauth.link_refused", { provider: provider.name, subject: person.subject, reason });
  return forbidden(message, { code: "oauth_link_refused", advice });
}

export function unverified(title: string): Reason {
  return {
    reason: "no verified address",
    message: `${title} has verified no address of yours.`,
    advice: "Confirm your e-mail address there, and try again.",
  };
}

export function knownAddress(title: string, address: string): Reason {
  return {
    reason: "its address has an account",
    message: `There is an account for ${address} already, and ${title} does not open it yet.`,
    advice: `Sign in to it as ever; then connect ${title} in your account, under "Connected accounts".`,
  };
}

export function invitedOther(title: string, invited: string): Reason {
  return {
    reason: "invited by another address",
    message: `The invitation is for ${invited}, which is not an address that ${title} has verified of you.`,
    advice: "Add it there, or make an account with a password by the link of the invitation.",
  };
}

export function closed(addresses: string[]): Reason {
  return {
    reason: "sign-up is closed",
    message: `There is no account for ${addresses[0]} here, and new ones begin by an invitation only.`,
    advice: "Ask somebody of your organization to invite that address, and open the link that you get.",
  };
}

/** It opens an account already, or the account has another of that provider. */
export async function takenBy(db: Db, user: User, { provider: { title }, person }: Proof): Promise<Failure> {
  const known = await findIdentity(db, person.issuer, person.subject);
  const message =
    known === null
      ? `Your account is connected to another account at ${title}.`
      : known.user_id === user.id
        ? `${title} (${person.login}) opens your account already.`
        : `${title} (${person.login}) opens another account here.`;
  const advice =
    known === null ? "Disconnect that one first." : "Sign in to that one and disconnect it first.";
  return conflict(message, {
    code: "identity_taken",
    advice: known?.user_id === user.id ? undefined : advice,
  });
}

/** A provider may let through whoever sits at a browser that is signed in there. */
export function passwordInstead(): Failure {
  return conflict("Your account has a password: give that.", { code: "password_instead" });
}
