// Who may use a route. Each route declares it; for people the declaration also checks it, and a test walks every
// route as everybody to prove it.
import { paths } from "../../templates/paths.ts";
import { Elysia } from "elysia";
import type { App } from "../app.ts";
import { Failure, forbidden, notFound, unauthenticated } from "../errors.ts";
import { mayOperate } from "../registry/jobs/operators.ts";
import { findChallenge } from "../registry/accounts/challenge.ts";
import { findViewer, isConfirmed, type Viewer } from "../registry/accounts/sessions.ts";
import { findMovedSlug } from "../store/organizations/former-slugs.ts";
import { findMembership, type Membership } from "../store/organizations/members.ts";
import { Elsewhere, wantsPart } from "./answers.ts";
import { browserOf, contextOf, type RequestContext } from "./request/context.ts";
import { pageContextOf, type OrganizationPage, type PageContext } from "./page.ts";
import { mustComeFromUs } from "./request/origin.ts";
import { sessionSecretIn } from "./cookies/session.ts";
import { challengeSecretIn } from "./cookies/sign-in.ts";

/**
 * `token`: a token for the organization in the address. `signature`: the body is signed with what only the sender and
 * Pricore know. `loopback`: this machine itself, or a token of the operator. `anyone`: no credential is looked at.
 */
export type Access = "token" | "signature" | "loopback" | "anyone";
/**
 * `confirmed`: who has given the password a short while ago. `administrator`: of the whole instance. `operator`: such a
 * one, or somebody of HORIZON_ALLOWED_EMAILS.
 */
export type Person = "signed-in" | "confirmed" | "administrator" | "operator";
/** At least that role in the organization of the address. Others get 404, a member with a lower role 403. */
export type AtLeast = "member" | "admin" | "owner";

/**
 * `access` says that no person is meant. `visitor` gives the viewer, or null. `person` and `member` let in whom they
 * say and give the page's `context`, of it `viewer` and `membership`, and the `actor` under whom changes are recorded.
 * `confirmed` beside `member` asks for the password again.
 */
export function accessFor(app: App) {
  return new Elysia({ name: "access" }).macro({
    access: (access: Access) => ({
      ...declare(`access ${access}`),
      resolve: ({ request }: Incoming) => ({ context: contextOf(request) }),
    }),
    visitor: (_on: true) => ({
      ...declare("visitor"),
      resolve: async ({ request }: Incoming) => {
        const context = contextOf(request);
        mustComeFromUs(app, context);
        return { context, viewer: await viewerOf(app, context) };
      },
    }),
    person: (person: Person) => ({
      ...declare(`person ${person}`),
      resolve: async ({ request }: Incoming) => {
        const context = await signedIn(app, contextOf(request));
        mustBe(app, person, context);
        return { context, viewer: context.viewer, actor: context.actor };
      },
    }),
    member: (least: AtLeast) => ({
      ...declare(`member ${least}`),
      resolve: async ({ request, params }: Incoming) => {
        const person = await signedIn(app, contextOf(request));
        const membership = await membershipOf(app, person, params["slug"] ?? "");
        if (rank[membership.member.role] < rank[least]) throw new RoleTooLow(membership, least);
        const context: OrganizationPage = { ...person, membership };
        return { context, viewer: person.viewer, membership, actor: person.actor };
      },
    }),
    /** Somebody who gave the password in this browser and not yet the second factor; nobody is signed in. */
    challenge: (_on: true) => ({
      ...declare("challenge"),
      resolve: async ({ request }: Incoming) => {
        const context = contextOf(request);
        mustComeFromUs(app, context);
        const secret = challengeSecretIn(app, request);
        const challenge = await findChallenge(app, secret);
        if (secret === null || challenge === null)
          throw unauthenticated("Start again with your password.", { code: "sign_in" });
        return { context, challenge, challengeSecret: secret };
      },
    }),
    confirmed: (_on: true) => ({
      ...declare("confirmed"),
      resolve: async ({ request }: Incoming) => {
        const { viewer } = await signedIn(app, contextOf(request));
        mustBeConfirmed(app, viewer);
        return {};
      },
    }),
  });
}

/** The routes of one part of the product: each declares who may use it. Every path begins with `prefix`. */
export function routesOf<const Prefix extends string = "">(app: App, name: string, prefix = "" as Prefix) {
  return new Elysia({ name, prefix }).use(accessFor(app));
}

/** A member requested something that only owners, or owners and admins, may do. */
export class RoleTooLow extends Failure {
  constructor(
    readonly membership: Membership,
    readonly needs: AtLeast,
  ) {
    const who = needs === "owner" ? "Only owners" : "Only owners and admins";
    super("forbidden", `${who} can do this.`, { code: "role_too_low" });
  }
}

/** Stores the declaration with the route, where `declaredBy` finds it. */
function declare(what: string): { detail: { tags: string[] } } {
  return { detail: { tags: [what] } };
}

/** What a route declares about who may use it, such as `member admin` and `confirmed`; may be empty. */
export function declaredBy({ hooks }: { hooks: unknown }): string[] {
  return (hooks as { detail?: { tags?: string[] } }).detail?.tags ?? [];
}

type Incoming = { request: Request; params: Record<string, string> };

const rank = { member: 0, admin: 1, owner: 2 };

export function viewerOf(app: App, context: RequestContext): Promise<Viewer | null> {
  const secret = sessionSecretIn(app, context.request);
  if (secret === null) return Promise.resolve(null);
  return (context.viewerLookup ??= findViewer(app, secret, browserOf(context)));
}

async function signedIn(app: App, context: RequestContext): Promise<PageContext> {
  mustComeFromUs(app, context);
  const viewer = await viewerOf(app, context);
  if (!viewer) throw unauthenticated("Sign in to see this page.", { code: "sign_in" });
  return pageContextOf(context, viewer);
}

function mustBe(app: App, person: Person, { viewer }: PageContext): void {
  if (person === "confirmed") mustBeConfirmed(app, viewer);
  const isMissing =
    (person === "administrator" && viewer.user.is_admin === 0) ||
    (person === "operator" && !mayOperate(app, viewer.user));
  if (isMissing) throw notFound("There is no page at this address.");
}

async function membershipOf(
  app: App,
  { request, viewer: { user } }: PageContext,
  slug: string,
): Promise<Membership> {
  const membership = await findMembership(app.db, slug, user.id);
  if (membership) return membership;
  const isVisit = request.method === "GET" && !wantsPart(request);
  const moved = isVisit ? await findMovedSlug(app.db, { slug, userId: user.id, now: app.now() }) : null;
  if (moved === null) throw notFound("There is no page at this address.");
  const { pathname, search } = new URL(request.url);
  throw new Elsewhere(pathname.replace(paths.organization(slug), paths.organization(moved)) + search);
}

/** For a form that needs this only with a secret in it. Fails as `forbidden`, which leads to the password page. */
export function mustBeConfirmed(app: App, viewer: Viewer): void {
  if (!isConfirmed(app, viewer))
    throw forbidden("Enter your password again to continue.", { code: "confirmation_needed" });
}
