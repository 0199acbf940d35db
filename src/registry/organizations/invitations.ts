// Inviting people to an organization. An invitation has two links: one is mailed, the other is shown once to the person
// who invites, so that it works without a mail server. Both are bound to the invited address.
import type { App } from "../../app.ts";
import { conflict, forbidden, notFound } from "../../errors.ts";
import { actorOf, addActivity, type OrganizationAction } from "../../store/organizations/activity.ts";
import type { Db } from "../../store/engine/database.ts";
import {
  addInvitation,
  findInvitationByHash,
  findOpenInvitation,
  getInvitation,
  renewInvitation,
  revokeInvitation as revoke,
  consumeInvitation,
  type Invitation,
} from "../../store/organizations/invitations.ts";
import { findMembership, setMember } from "../../store/organizations/members.ts";
import { getOrganizationById, type Organization } from "../../store/organizations/organizations.ts";
import { findUser, findUserById, updateUser, type User } from "../../store/accounts/users.ts";
import { countMail, inMail, queueMail, sendSoon } from "../mail.ts";
import { givenRole, type GivenRole } from "./members.ts";
import { hashOfSecret, newSecret } from "../one-time-secrets.ts";
import { checkMailAddress } from "../names.ts";

const lastsDays = 7;
const lastsMs = lastsDays * 24 * 3_600_000;

type InvitationContext = { organization: Organization; by: User; client: string };

/** `link` is for the inviting person to pass on; it is returned once. */
export type Invited = { id: string; email: string; link: string };

export async function invite(
  app: App,
  context: InvitationContext,
  form: { email: string; role: string },
): Promise<Invited> {
  const role = givenRole(form.role);
  const email = checkMailAddress(form.email).toLowerCase();
  await refuseDouble(app.db, context.organization, email);
  await countMail(app, { to: email, client: context.client });
  const links = newLinks(app);
  const now = app.now();
  const { id } = await app.db.transaction(async (db) => {
    await refuseDouble(db, context.organization, email);
    const { id: organization_id } = context.organization;
    const sent = { invited_by: context.by.id, sent_at: now, expires_at: now + lastsMs };
    const added = await addInvitation(db, {
      organization_id,
      email,
      role,
      created_at: now,
      ...links.hashes,
      ...sent,
    });
    await recordAndMail(app, db, context, {
      email,
      role,
      mailLink: links.mailLink,
      action: "invitation.sent",
    });
    return added;
  });
  await sendSoon(app);
  return { id, email, link: links.link };
}

/** Sends new links, valid for seven more days; the old ones become void. */
export async function resendInvitation(app: App, context: InvitationContext, id: string): Promise<Invited> {
  const { email } = await getInvitation(app.db, context.organization.id, id);
  await countMail(app, { to: email, client: context.client });
  const links = newLinks(app);
  const now = app.now();
  await app.db.transaction(async (db) => {
    const { role } = await getInvitation(db, context.organization.id, id);
    const sent = { invited_by: context.by.id, sent_at: now, expires_at: now + lastsMs };
    await renewInvitation(db, id, { ...links.hashes, ...sent });
    await recordAndMail(app, db, context, {
      email,
      role: givenRole(role),
      mailLink: links.mailLink,
      action: "invitation.resent",
    });
  });
  await sendSoon(app);
  return { id, email, link: links.link };
}

export async function revokeInvitation(
  app: App,
  { organization, by }: Omit<InvitationContext, "client">,
  id: string,
): Promise<Invitation> {
  return app.db.transaction(async (db) => {
    const invitation = await getInvitation(db, organization.id, id);
    if (!(await revoke(db, id, app.now()))) throw notFound("There is no page at this address.");
    const entry = { organizationId: organization.id, actor: actorOf(by.id), now: app.now() };
    await addActivity(db, { ...entry, action: "invitation.revoked", subject: invitation.email });
    return invitation;
  });
}

export type Opened = {
  invitation: Invitation;
  organization: Organization;
  inviter: string | null;
  /** An account with the invited address, if there is one. */
  invited: User | null;
};

/** The invitation of the link. Fails as `notFound` when the link is not valid any more. */
export async function openInvitation(app: App, secret: string): Promise<Opened> {
  const invitation = await findInvitationByHash(app.db, hashOfSecret(secret));
  const isOpen =
    invitation && !invitation.accepted_at && !invitation.revoked_at && invitation.expires_at > app.now();
  if (!isOpen) throw opensNothing();
  const organization = await getOrganizationById(app.db, invitation.organization_id);
  const inviter = invitation.invited_by ? await findUserById(app.db, invitation.invited_by) : null;
  const invited = await findUser(app.db, invitation.email);
  return { invitation, organization, inviter: inviter?.name ?? null, invited };
}

/** Adds the user with the invitation's current role. Fails as `forbidden` for somebody else's invitation. */
export async function acceptInvitation(app: App, secret: string, user: User): Promise<Organization> {
  const { invitation } = await openInvitation(app, secret);
  return app.db.transaction((db) => acceptWithin(app, db, { secret, user, id: invitation.id }));
}

/**
 * Belongs in the caller's transaction, which may have created the user. The mailed link proves that the user
 * reads the mail of that address, so that the address counts as verified, if a mail server has sent it.
 */
export async function acceptWithin(
  app: App,
  db: Db,
  { secret, user, id }: { secret: string; user: User; id: string },
): Promise<Organization> {
  const hash = hashOfSecret(secret);
  const now = app.now();
  const isTaken = await consumeInvitation(db, { id, hash, now });
  const invitation = await findInvitationByHash(db, hash);
  if (!isTaken || !invitation) throw opensNothing();
  if (invitation.email !== user.email)
    throw forbidden(`This invitation is for ${invitation.email}, but you are signed in as ${user.email}.`, {
      code: "invited_other",
    });
  const organization = await getOrganizationById(db, invitation.organization_id);
  const { role } = invitation;
  if (!(await findMembership(db, organization.slug, user.id)))
    await setMember(db, organization.id, { userId: user.id, role: givenRole(role), now });
  if (invitation.mail_hash === hash && app.config.mail.kind === "smtp" && user.email_verified_at === null)
    await updateUser(db, user.id, { email_verified_at: now });
  const entry = { organizationId: organization.id, actor: actorOf(user.id), now };
  await addActivity(db, { ...entry, action: "invitation.accepted", subject: user.email, details: { role } });
  return organization;
}

async function refuseDouble(db: Db, { id, slug, name }: Organization, email: string): Promise<void> {
  const user = await findUser(db, email);
  if (user && (await findMembership(db, slug, user.id)))
    throw conflict(`${email} is already a member of ${name}.`, { code: "member_already", field: "email" });
  if (await findOpenInvitation(db, id, email))
    throw conflict(`${email} was already invited.`, {
      code: "invited_already",
      field: "email",
      advice: "Resend the invitation from the list below. The old link then stops working.",
    });
}

type InvitationMail = { email: string; role: GivenRole; mailLink: string; action: OrganizationAction };

async function recordAndMail(
  app: App,
  db: Db,
  { organization, by }: InvitationContext,
  { email, role, mailLink, action }: InvitationMail,
): Promise<void> {
  const entry = { organizationId: organization.id, actor: actorOf(by.id), now: app.now() };
  await addActivity(db, { ...entry, action, subject: email, details: { role } });
  const { appName } = app.config;
  const article = role === "admin" ? "an admin" : "a member";
  await queueMail(app, db, {
    to: email,
    subject: `Join ${inMail(organization.name)} on ${inMail(appName)}`,
    text: [
      `${inMail(by.name)} invites you to ${inMail(organization.name)}, as ${article}.`,
      `Open this link within ${lastsDays} days:`,
      mailLink,
      `It works once and only for ${email}. If you didn't expect it, ignore this email.`,
    ].join("\n\n"),
  });
}

function newLinks(app: App) {
  const [shown, mailed] = [newSecret(), newSecret()];
  const address = (secret: string) => `${app.config.appUrl}/invitations/${secret}`;
  return {
    link: address(shown),
    mailLink: address(mailed),
    hashes: { hash: hashOfSecret(shown), mail_hash: hashOfSecret(mailed) },
  };
}

function opensNothing() {
  return notFound(
    "This invitation is no longer valid. It was accepted, canceled or resent, or it is older than seven days.",
    {
      code: "invitation_void",
      advice: "Ask the person who invited you to resend it.",
    },
  );
}
