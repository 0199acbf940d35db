// The members of an organization and whom it has invited, for owners and admins.
import { InvitePage, RemoveMemberPage } from "../../../../templates/organizations/invitations.tsx";
import { MembersPage, membersPath } from "../../../../templates/organizations/members.tsx";
import { TransferOwnershipPage } from "../../../../templates/organizations/transfer-ownership.tsx";
import { conflict, Failure } from "../../../errors.ts";
import {
  invite,
  resendInvitation,
  revokeInvitation,
  type Invited,
} from "../../../registry/organizations/invitations.ts";
import {
  changeRole,
  givenRole,
  removeMember,
  transferOwnership,
} from "../../../registry/organizations/members.ts";
import { listInvitations } from "../../../store/organizations/invitations.ts";
import { getMember, listMembers, type ListedMember } from "../../../store/organizations/members.ts";
import { routesOf } from "../../access.ts";
import { seeOther, statusOf } from "../../answers.ts";
import { fields, orFailure, problemOf, type Problem } from "../../forms.ts";
import { toastCookie } from "../../cookies/session.ts";
import { onceCookie, onceIn, shownOnceCookie } from "../../cookies/once.ts";
import { pageIn, termsOf, type Query } from "../list-query.ts";
import { page, sendsMail, type OrganizationPage, type PageSetup } from "../../page.ts";

const pageSize = 50;
const path = "/organizations/:slug/settings/members";
// An object for each route: Elysia writes into the one it is given.
const admin = () => ({ member: "admin" }) as const;
const confirmedAdmin = () => ({ member: "admin", confirmed: true }) as const;
const confirmedOwner = () => ({ member: "owner", confirmed: true }) as const;

export function memberPages(setup: PageSetup) {
  const { app } = setup;
  const done = ({ membership }: OrganizationPage, message: string) =>
    seeOther(membersPath(membership.organization.slug), [toastCookie(app, message)]);
  /** A user who gave up their own role can no longer open this page. */
  const changed = (context: OrganizationPage, id: string, message: string) =>
    id === context.viewer.user.id ? seeOther("/organizations") : done(context, message);
  return routesOf(app, "members")
    .get(path, ({ query, context }) => list(setup, context, query), admin())
    .get(`${path}/invite`, ({ context }) => invitation(setup, context), confirmedAdmin())
    .post(
      `${path}/invitations`,
      async ({ body, context }) => {
        const form = fields(body, ["email", "role"]);
        const invited = await orFailure(() => invite(app, invitingIn(context), form));
        if (invited instanceof Failure) return invitation(setup, context, form, invited);
        return shownOnce(setup, context, invited);
      },
      confirmedAdmin(),
    )
    .post(
      `${path}/invitations/:id/resend`,
      async ({ body, params: { id }, context }) => {
        fields(body, []);
        return shownOnce(setup, context, await resendInvitation(app, invitingIn(context), id));
      },
      confirmedAdmin(),
    )
    .post(
      `${path}/invitations/:id/revoke`,
      async ({ body, params: { id }, context }) => {
        fields(body, []);
        const { email } = await revokeInvitation(app, invitingIn(context), id);
        return done(context, `The invitation of ${email} was canceled.`);
      },
      admin(),
    )
    .post(
      `${path}/:user/role`,
      async ({ body, params: { user: id }, context }) => {
        const role = givenRole(fields(body, ["role"]).role);
        const { name } = await getMember(app.db, context.membership.organization.id, id);
        await changeRole(app, { ...actingIn(context), userId: id, role });
        return changed(context, id, `${name} is now ${role === "admin" ? "an admin" : "a member"}.`);
      },
      confirmedAdmin(),
    )
    .get(
      `${path}/:user/remove`,
      ({ params: { user: id }, context }) => askRemoval(setup, context, id),
      confirmedAdmin(),
    )
    .post(
      `${path}/:user/remove`,
      async ({ body, params: { user: id }, context }) => {
        fields(body, []);
        const { name } = await getMember(app.db, context.membership.organization.id, id);
        await removeMember(app, { ...actingIn(context), userId: id });
        return changed(context, id, `${name} is no longer a member.`);
      },
      confirmedAdmin(),
    )
    .get(`${path}/transfer`, ({ context }) => transfer(setup, context), confirmedOwner())
    .post(
      `${path}/transfer`,
      async ({ body, context }) => {
        const form = fields(body, ["user", "confirm"]);
        const successor = { userId: form.user, typed: form.confirm };
        const handedOn = await orFailure(() => transferOwnership(app, context.membership, successor));
        if (handedOn instanceof Failure) return transfer(setup, context, form, handedOn);
        return done(context, `${context.membership.organization.name} has a new owner.`);
      },
      confirmedOwner(),
    );
}

async function list(setup: PageSetup, context: OrganizationPage, query: Query): Promise<Response> {
  const { app } = setup;
  const { organization, member } = context.membership;
  const filter = { q: (query["q"] ?? "").slice(0, 100), role: roleIn(query["role"]) };
  const everybody = await listMembers(app.db, organization.id, { terms: [], role: null });
  const terms = termsOf(filter.q);
  const found =
    terms.length === 0 && filter.role === ""
      ? everybody
      : await listMembers(app.db, organization.id, { terms, role: filter.role || null });
  const pageNumber = pageIn(query, Math.ceil(found.length / pageSize));
  const invitations = await listInvitations(app.db, organization.id);
  const made =
    query["invited"] === undefined ? undefined : invitations.find(({ id }) => id === query["invited"]);
  const link = made ? onceIn(app, context.request, { viewer: context.viewer, id: made.id }) : null;
  return page(setup, context, {
    cookies: link === null ? [] : [shownOnceCookie(app)],
    hasSecret: link !== null,
    render: (shell) =>
      MembersPage({
        shell,
        slug: organization.slug,
        members: found
          .slice((pageNumber - 1) * pageSize, pageNumber * pageSize)
          .map((each) => lineOf(each, context.viewer.user.id)),
        found: found.length,
        total: everybody.length,
        filter,
        page: pageNumber,
        pageSize,
        invitations: invitations.map((each) => ({
          id: each.id,
          email: each.email,
          role: each.role,
          sentAt: each.sent_at,
          inviter: each.inviter,
          expiresAt: each.expires_at,
        })),
        invited: made ? { email: made.email, link } : null,
        sendsMail: sendsMail(app),
        isOwner: member.role === "owner",
        now: app.now(),
      }),
  });
}

function lineOf(each: ListedMember, viewerId: string) {
  const { id, name, email, role } = each;
  return { id, name, email, role, since: each.created_at, seenAt: each.seen_at, isSelf: id === viewerId };
}

function roleIn(text: string | undefined): "owner" | "admin" | "member" | "" {
  return text === "owner" || text === "admin" || text === "member" ? text : "";
}

/** The next page shows the link, once. */
async function shownOnce(
  { app }: PageSetup,
  context: OrganizationPage,
  { id, link }: Invited,
): Promise<Response> {
  const address = `${membersPath(context.membership.organization.slug)}?invited=${id}`;
  return seeOther(address, [onceCookie(app, context.viewer, { id, secret: link })]);
}

function invitation(
  setup: PageSetup,
  context: OrganizationPage,
  form = { email: "", role: "member" },
  failure?: Failure,
) {
  const base = membersPath(context.membership.organization.slug);
  return page(setup, context, {
    ...shownFor(failure),
    render: (shell) =>
      InvitePage({ shell, base, form, sendsMail: sendsMail(setup.app), problem: problemIn(failure) }),
  });
}

async function askRemoval(setup: PageSetup, context: OrganizationPage, id: string): Promise<Response> {
  const { organization } = context.membership;
  const member = await getMember(setup.app.db, organization.id, id);
  if (member.role === "owner")
    throw conflict(`${member.name} owns ${organization.name}. Transfer the ownership first.`);
  const base = membersPath(organization.slug);
  return page(setup, context, { render: (shell) => RemoveMemberPage({ shell, base, member }) });
}

async function transfer(
  setup: PageSetup,
  context: OrganizationPage,
  form = { user: "", confirm: "" },
  failure?: Failure,
) {
  const { organization } = context.membership;
  const everybody = await listMembers(setup.app.db, organization.id, { terms: [], role: null });
  const others = everybody.filter(({ role }) => role !== "owner");
  return page(setup, context, {
    ...shownFor(failure),
    render: (shell) =>
      TransferOwnershipPage({ shell, slug: organization.slug, others, form, problem: problemIn(failure) }),
  });
}

function invitingIn({ membership, viewer, address }: OrganizationPage) {
  return { organization: membership.organization, by: viewer.user, client: address };
}

function actingIn({ membership, actor }: OrganizationPage) {
  return { organization: membership.organization, actor };
}

function shownFor(failure: Failure | undefined): { status?: number } {
  return failure ? { status: statusOf[failure.kind] } : {};
}

function problemIn(failure: Failure | undefined): Problem | null {
  return failure ? problemOf(failure) : null;
}
