// The members of an organization and whom it has invited, for owners and admins.
import { Elysia } from "elysia";
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
import {
  getMember,
  listMembers,
  type ListedMember,
  type Membership,
} from "../../../store/organizations/members.ts";
import { accessFor } from "../../access.ts";
import { seeOther, statusOf } from "../../answers.ts";
import { browserOf } from "../../request/client.ts";
import { fields, orFailure, problemOf, type Problem } from "../../forms.ts";
import { toastCookie } from "../../cookies/session.ts";
import { onceCookie, onceIn, shownOnceCookie } from "../../cookies/once.ts";
import { page, sendsMail, type PageContext, type PageSetup } from "../../page.ts";

const pageSize = 50;
const path = "/organizations/:slug/settings/members";
// An object for each route: Elysia writes into the one it is given.
const admin = () => ({ member: "admin" }) as const;
const confirmedAdmin = () => ({ member: "admin", confirmed: true }) as const;
const confirmedOwner = () => ({ member: "owner", confirmed: true }) as const;

type Inside = PageContext & { membership: Membership };

export function memberPages(site: PageSetup) {
  const { app } = site;
  const done = ({ membership }: Inside, words: string) =>
    seeOther(membersPath(membership.organization.slug), [toastCookie(app, words)]);
  /** Whoever gave up the own role can no longer open this page. */
  const changed = (seen: Inside, id: string, words: string) =>
    id === seen.viewer.user.id ? seeOther("/organizations") : done(seen, words);
  return new Elysia({ name: "members" })
    .use(accessFor(app))
    .get(path, ({ query, ...seen }) => list(site, seen, query), admin())
    .get(`${path}/invite`, (seen) => invitation(site, seen), confirmedAdmin())
    .post(
      `${path}/invitations`,
      async ({ body, ...seen }) => {
        const form = fields(body, ["email", "role"]);
        const invited = await orFailure(() => invite(app, invitingIn(seen), form));
        if (invited instanceof Failure) return invitation(site, seen, form, invited);
        return shownOnce(site, seen, invited);
      },
      confirmedAdmin(),
    )
    .post(
      `${path}/invitations/:id/resend`,
      async ({ body, params: { id }, ...seen }) => {
        fields(body, []);
        return shownOnce(site, seen, await resendInvitation(app, invitingIn(seen), id));
      },
      confirmedAdmin(),
    )
    .post(
      `${path}/invitations/:id/revoke`,
      async ({ body, params: { id }, ...seen }) => {
        fields(body, []);
        const { email } = await revokeInvitation(app, invitingIn(seen), id);
        return done(seen, `The invitation of ${email} is void.`);
      },
      admin(),
    )
    .post(
      `${path}/:user/role`,
      async ({ body, params: { user: id }, ...seen }) => {
        const role = givenRole(fields(body, ["role"]).role);
        const { name } = await getMember(app.db, seen.membership.organization.id, id);
        await changeRole(app, { ...actingIn(seen), userId: id, role });
        return changed(seen, id, `${name} is ${role === "admin" ? "an admin" : "a member"} now.`);
      },
      confirmedAdmin(),
    )
    .get(
      `${path}/:user/remove`,
      ({ params: { user: id }, ...seen }) => askRemoval(site, seen, id),
      confirmedAdmin(),
    )
    .post(
      `${path}/:user/remove`,
      async ({ body, params: { user: id }, ...seen }) => {
        fields(body, []);
        const { name } = await getMember(app.db, seen.membership.organization.id, id);
        await removeMember(app, { ...actingIn(seen), userId: id });
        return changed(seen, id, `${name} is no longer a member.`);
      },
      confirmedAdmin(),
    )
    .get(`${path}/transfer`, (seen) => transfer(site, seen), confirmedOwner())
    .post(
      `${path}/transfer`,
      async ({ body, ...seen }) => {
        const form = fields(body, ["user", "confirm"]);
        const asked = { userId: form.user, typed: form.confirm };
        const handedOn = await orFailure(() => transferOwnership(app, seen.membership, asked));
        if (handedOn instanceof Failure) return transfer(site, seen, form, handedOn);
        return done(seen, `${seen.membership.organization.name} has a new owner.`);
      },
      confirmedOwner(),
    );
}

async function list(
  site: PageSetup,
  seen: Inside,
  query: Record<string, string | undefined>,
): Promise<Response> {
  const { app } = site;
  const { organization, member } = seen.membership;
  const filter = { q: (query["q"] ?? "").slice(0, 100), role: roleIn(query["role"]) };
  const everybody = await listMembers(app.db, organization.id, { words: [], role: null });
  const words = filter.q.split(/\s+/).filter(Boolean);
  const found =
    words.length === 0 && filter.role === ""
      ? everybody
      : await listMembers(app.db, organization.id, { words, role: filter.role || null });
  const pageNumber = Math.max(
    1,
    Math.min(Number(query["page"]) || 1, Math.ceil(found.length / pageSize) || 1),
  );
  const invitations = await listInvitations(app.db, organization.id);
  const made =
    query["invited"] === undefined ? undefined : invitations.find(({ id }) => id === query["invited"]);
  const link = made ? onceIn(app, seen.request, { viewer: seen.viewer, id: made.id }) : null;
  return page(site, seen, {
    cookies: link === null ? [] : [shownOnceCookie(app)],
    hasSecret: link !== null,
    render: (shell) =>
      MembersPage({
        shell,
        slug: organization.slug,
        members: found
          .slice((pageNumber - 1) * pageSize, pageNumber * pageSize)
          .map((each) => lineOf(each, seen.viewer.user.id)),
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
async function shownOnce({ app }: PageSetup, seen: Inside, { id, link }: Invited): Promise<Response> {
  const address = `${membersPath(seen.membership.organization.slug)}?invited=${id}`;
  return seeOther(address, [onceCookie(app, seen.viewer, { id, secret: link })]);
}

function invitation(site: PageSetup, seen: Inside, form = { email: "", role: "member" }, refused?: Failure) {
  const base = membersPath(seen.membership.organization.slug);
  return page(site, seen, {
    ...shownFor(refused),
    render: (shell) =>
      InvitePage({ shell, base, form, sendsMail: sendsMail(site.app), problem: problemIn(refused) }),
  });
}

async function askRemoval(site: PageSetup, seen: Inside, id: string): Promise<Response> {
  const { organization } = seen.membership;
  const member = await getMember(site.app.db, organization.id, id);
  if (member.role === "owner")
    throw conflict(`${member.name} owns ${organization.name} and can only transfer it.`);
  const base = membersPath(organization.slug);
  return page(site, seen, { render: (shell) => RemoveMemberPage({ shell, base, member }) });
}

async function transfer(site: PageSetup, seen: Inside, form = { user: "", confirm: "" }, refused?: Failure) {
  const { organization } = seen.membership;
  const everybody = await listMembers(site.app.db, organization.id, { words: [], role: null });
  const others = everybody.filter(({ role }) => role !== "owner");
  return page(site, seen, {
    ...shownFor(refused),
    render: (shell) =>
      TransferOwnershipPage({ shell, slug: organization.slug, others, form, problem: problemIn(refused) }),
  });
}

function invitingIn({ membership, viewer, request }: Inside) {
  return { organization: membership.organization, by: viewer.user, client: browserOf(request).address };
}

function actingIn({ membership, viewer }: Inside) {
  return { organization: membership.organization, actor: `user:${viewer.user.id}` };
}

function shownFor(refused: Failure | undefined): { status?: number } {
  return refused ? { status: statusOf[refused.kind] } : {};
}

function problemIn(refused: Failure | undefined): Problem | null {
  return refused ? problemOf(refused) : null;
}
