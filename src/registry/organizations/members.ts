// Who belongs to an organization, and as what. There is one owner, who can be neither removed nor demoted, but may hand
// the organization on; admins deal with everybody else.
import type { App } from "../../app.ts";
import { conflict, invalid } from "../../errors.ts";
import { actorOf, addActivity, type OrganizationAction } from "../../store/organizations/activity.ts";
import type { Db } from "../../store/engine/database.ts";
import { revokeInvitationsBy } from "../../store/organizations/invitations.ts";
import {
  changeMemberRole,
  getMember,
  removeMember as remove,
  type Membership,
} from "../../store/organizations/members.ts";
import type { Organization } from "../../store/organizations/organizations.ts";
import type { Role } from "../../store/schema.ts";
import { listMailRecipients } from "../../store/accounts/users.ts";
import { inMail, queueMail, sendSoon } from "../mail.ts";

/** Only `transferOwnership` gives the role `owner`. */
export type GivenRole = Exclude<Role, "owner">;

/** Fails as `invalid` for anything but admin and member. */
export function givenRole(text: string): GivenRole {
  if (text === "admin" || text === "member") return text;
  throw invalid("Choose admin or member. To change the owner, transfer the ownership.", { field: "role" });
}

type Acting = { organization: Organization; userId: string; actor: string };

/** Changes the role between admin and member. Invitations that a new member had sent as an admin become void. */
export async function changeRole(app: App, { role, ...acting }: Acting & { role: GivenRole }): Promise<void> {
  const { organization, userId, actor } = acting;
  const now = app.now();
  await app.db.transaction(async (db) => {
    const member = await notTheOwner(db, acting);
    if (member.role === role) return;
    const change = { userId, from: member.role, to: role };
    if (!(await changeMemberRole(db, organization.id, change))) throw changedMeanwhile();
    if (role === "member") await revokeInvitationsBy(db, { userId, organizationId: organization.id, now });
    const entry = { organizationId: organization.id, actor, now, subject: member.email };
    await addActivity(db, {
      ...entry,
      action: "member.role_changed",
      details: { from: member.role, to: role },
    });
  });
}

/** Removes the member: pages and personal tokens are refused from the next request on. */
export function removeMember(app: App, acting: Acting): Promise<void> {
  return endMembership(app, acting, "member.removed");
}

/** Removes oneself. Fails as `conflict` for the owner. */
export function leaveOrganization(app: App, { organization, member }: Membership): Promise<void> {
  const acting = { organization, userId: member.user_id, actor: actorOf(member.user_id) };
  return endMembership(app, acting, "member.left");
}

async function endMembership(app: App, acting: Acting, action: OrganizationAction): Promise<void> {
  const { organization, userId, actor } = acting;
  const now = app.now();
  await app.db.transaction(async (db) => {
    const { email } = await notTheOwner(db, acting);
    if (!(await remove(db, organization.id, userId))) throw changedMeanwhile();
    await revokeInvitationsBy(db, { userId, organizationId: organization.id, now });
    await addActivity(db, { organizationId: organization.id, actor, now, action, subject: email });
  });
}

/**
 * The owner becomes an admin and the other member the owner, both or neither. `typed` is the organization's address, to
 * be sure.
 */
export async function transferOwnership(
  app: App,
  { organization, member }: Membership,
  { userId, typed }: { userId: string; typed: string },
): Promise<void> {
  if (typed !== organization.slug)
    throw invalid(`Type ${organization.slug} to confirm.`, { code: "not_confirmed", field: "confirm" });
  if (userId === "") throw invalid("Choose the new owner.", { field: "user" });
  await app.db.transaction(async (db) => {
    const next = await getMember(db, organization.id, userId);
    if (next.role === "owner")
      throw conflict(`${next.name} owns ${organization.name} already.`, { field: "user" });
    const promoted = { userId, from: next.role, to: "owner" } as const;
    const demoted = { userId: member.user_id, from: "owner", to: "admin" } as const;
    const isDone =
      (await changeMemberRole(db, organization.id, promoted)) &&
      (await changeMemberRole(db, organization.id, demoted));
    if (!isDone) throw changedMeanwhile();
    const entry = { organizationId: organization.id, actor: actorOf(member.user_id), now: app.now() };
    await addActivity(db, { ...entry, action: "ownership.transferred", subject: next.email });
    const page = `${app.config.appUrl}/organizations/${organization.slug}/settings/members`;
    const name = inMail(organization.name);
    const subject = `${name} has a new owner`;
    for (const { email } of await listMailRecipients(db, [userId, member.user_id]))
      await queueMail(app, db, {
        to: email,
        subject,
        text: `${inMail(next.name)} now owns ${name}.\n\n${page}\n`,
      });
  });
  await sendSoon(app);
}

async function notTheOwner(db: Db, { organization, userId, actor }: Acting) {
  const member = await getMember(db, organization.id, userId);
  if (member.role !== "owner") return member;
  const isSelf = actor === actorOf(userId);
  throw conflict(
    isSelf
      ? `You are the owner of ${organization.name}.`
      : `${member.name} is the owner of ${organization.name} and must transfer it first.`,
    {
      code: "last_owner",
      ...(isSelf ? { advice: "Transfer the ownership first, or delete the organization." } : {}),
    },
  );
}

function changedMeanwhile() {
  return conflict("Someone else changed this member in the meantime. Check and try again.", {
    code: "changed_meanwhile",
  });
}
