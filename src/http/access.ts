// Who may ask a route. It is said beside the route; for people it is also what lets them in, and a test walks every
// route as everybody to hold it.
import { Elysia } from "elysia";
import type { App } from "../app.ts";
import { Failure, forbidden, notFound, unauthenticated } from "../errors.ts";
import { mayOperate } from "../registry/jobs/operators.ts";
import { findChallenge } from "../registry/accounts/challenge.ts";
import { findViewer, isConfirmed, type Viewer } from "../registry/accounts/sessions.ts";
import { findMovedSlug } from "../store/organizations/former-slugs.ts";
import { findMembership, type Membership } from "../store/organizations/members.ts";
import { Elsewhere, wantsPart } from "./answers.ts";
import { browserOf } from "./request/client.ts";
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
/** At least that role in the organization of the address. Others learn nothing of it; too low a role is told so. */
export type AtLeast = "member" | "admin" | "owner";

/**
 * `access` says that no person is meant. `visitor` gives the viewer, or null. `person` and `member` let in whom they
 * say and give `viewer` and `membership`; `confirmed` beside `member` asks for the password again.
 */
export function accessFor(app: App) {
  return new Elysia({ name: "access" }).macro({
    access: (said: Access) => declare(`access ${said}`),
    visitor: (_said: true) => ({
      ...declare("visitor"),
      resolve: async ({ request }: Asked) => {
        mustComeFromUs(app, request);
        return { viewer: await viewerOf(app, request) };
      },
    }),
    person: (said: Person) => ({
      ...declare(`person ${said}`),
      resolve: async ({ request }: Asked) => {
        const viewer = await signedIn(app, request);
        if (said === "confirmed") mustBeConfirmed(app, viewer);
        if (said === "administrator" && viewer.user.is_admin === 0)
          throw notFound("There is nothing at this address.");
        if (said === "operator" && !mayOperate(app, viewer.user))
          throw notFound("There is nothing at this address.");
        return { viewer };
      },
    }),
    member: (said: AtLeast) => ({
      ...declare(`member ${said}`),
      resolve: async ({ request, params }: Asked) => {
        const viewer = await signedIn(app, request);
        const membership = await membershipOf(app, viewer, { request, slug: params["slug"] ?? "" });
        if (rank[membership.member.role] < rank[said]) throw new RoleTooLow(membership, said);
        return { viewer, membership };
      },
    }),
    /** Who has given the password in this browser and not yet the second factor: nobody is signed in. */
    pending: (_said: true) => ({
      ...declare("pending"),
      resolve: async ({ request }: Asked) => {
        mustComeFromUs(app, request);
        const secret = challengeSecretIn(app, request);
        const pending = await findChallenge(app, secret);
        if (secret === null || pending === null)
          throw unauthenticated("Start again with your password.", { code: "sign_in" });
        return { pending, pendingSecret: secret };
      },
    }),
    confirmed: (_said: true) => ({
      ...declare("confirmed"),
      resolve: async ({ request }: Asked) => {
        mustBeConfirmed(app, await signedIn(app, request));
        return {};
      },
    }),
  });
}

/** A member asked for what only owners, or owners and admins, may do. */
export class RoleTooLow extends Failure {
  constructor(
    readonly membership: Membership,
    readonly needs: AtLeast,
  ) {
    const who = needs === "owner" ? "Only owners" : "Only owners and admins";
    super("forbidden", `${who} can do this.`, { code: "role_too_low" });
  }
}

/** Kept with the route, for whoever looks at the routes. */
function declare(what: string): { detail: { tags: string[] } } {
  return { detail: { tags: [what] } };
}

/** What a route declares of who may ask it: `member admin` and `confirmed`, say; empty when it says nothing. */
export function declaredBy({ hooks }: { hooks: unknown }): string[] {
  return (hooks as { detail?: { tags?: string[] } }).detail?.tags ?? [];
}

type Asked = { request: Request; params: Record<string, string> };

const rank = { member: 0, admin: 1, owner: 2 };
const viewers = new WeakMap<Request, Promise<Viewer | null>>();

/** Looked up once a request. */
export function viewerOf(app: App, request: Request): Promise<Viewer | null> {
  const known = viewers.get(request);
  if (known) return known;
  const secret = sessionSecretIn(app, request);
  const found = secret === null ? Promise.resolve(null) : findViewer(app, secret, browserOf(request));
  viewers.set(request, found);
  return found;
}

async function signedIn(app: App, request: Request): Promise<Viewer> {
  mustComeFromUs(app, request);
  const viewer = await viewerOf(app, request);
  if (!viewer) throw unauthenticated("Sign in to see this page.", { code: "sign_in" });
  return viewer;
}

async function membershipOf(
  app: App,
  { user }: Viewer,
  { request, slug }: { request: Request; slug: string },
): Promise<Membership> {
  const membership = await findMembership(app.db, slug, user.id);
  if (membership) return membership;
  const isVisit = request.method === "GET" && !wantsPart(request);
  const moved = isVisit ? await findMovedSlug(app.db, { slug, userId: user.id, now: app.now() }) : null;
  if (moved === null) throw notFound("There is nothing at this address.");
  const { pathname, search } = new URL(request.url);
  throw new Elsewhere(pathname.replace(`/organizations/${slug}`, `/organizations/${moved}`) + search);
}

/** For a form that asks only when it brings a secret. Fails as `forbidden`, which leads to the password. */
export function mustBeConfirmed(app: App, viewer: Viewer): void {
  if (!isConfirmed(app, viewer))
    throw forbidden("Give your password again to go on.", { code: "confirmation_needed" });
}
