// What every page needs: the context of its request, the frame around it, and the answer.
import type { PublicFrame } from "../../templates/frame/bare.tsx";
import type { SignInProvider } from "../../templates/sign-in/provider-links.tsx";
import type { FrameData } from "../../templates/frame/shell.ts";
import type { Markup } from "../../templates/jsx/jsx-runtime.ts";
import type { Assets } from "../../templates/frame/layout.tsx";
import packageJson from "../../package.json" with { type: "json" };
import type { App } from "../app.ts";
import { countFailed } from "../registry/operations/findings.ts";
import { mayOperate } from "../registry/jobs/operators.ts";
import type { Viewer } from "../registry/accounts/sessions.ts";
import { listMemberships, updateMember, type Membership } from "../store/organizations/members.ts";
import { countOfOrganization } from "../store/organizations/organizations.ts";
import { html, wantsPart } from "./answers.ts";
import type { RequestContext } from "./request/context.ts";
import { ifWritable } from "./pages/if-writable.ts";
import { shownToastCookie, toastIn } from "./cookies/session.ts";
import { actorOf } from "../store/organizations/activity.ts";

/** `docs` is where the documentation is, `operations` where administrators see how the server is. */
export type PageSetup = { app: App; asset: Assets; docs: Promise<string>; operations: Promise<string> };

/** The frame of a page for somebody who is not signed in. */
export function publicFrameOf({ app, asset }: Omit<PageSetup, "docs" | "operations">): PublicFrame {
  const { appName, appUrl } = app.config;
  return { appName, appUrl, asset, version: packageJson.version };
}

/** False where mail waits in the outbox, for an administrator to pass its links on: no page may promise any. */
export function sendsMail({ config }: Pick<App, "config">): boolean {
  return config.mail.kind === "smtp";
}

/** The identity providers that people can sign in with. */
export function signInProviders({ oauth }: App): SignInProvider[] {
  return oauth.identities.map(({ name, title }) => ({ name, title }));
}

/** Who opens the page, and of which organization; `actor` is how activity entries name the viewer. */
export type PageContext = RequestContext & { viewer: Viewer; actor: string; membership?: Membership };

export function pageContextOf(context: RequestContext, viewer: Viewer): PageContext {
  return { ...context, viewer, actor: actorOf(viewer.user.id) };
}

/** The context of a page of an organization. */
export type OrganizationPage = PageContext & { membership: Membership };

type PageOptions = {
  status?: number;
  cookies?: string[];
  /** The page shows a secret: no proxy may change it, and it is not compressed. */
  hasSecret?: boolean;
  render: (shell: FrameData) => Markup;
};

/** Answers with a page in the frame; `render` fills in its content and title. */
export async function page(
  setup: PageSetup,
  context: PageContext,
  { status = 200, cookies = [], hasSecret = false, render }: PageOptions,
): Promise<Response> {
  const { app } = setup;
  const toast = toastIn(app, context.request);
  const shell = await frameDataOf(setup, context, toast);
  const all = [...cookies, ...(toast === null ? [] : [shownToastCookie(app)])];
  const answer = html(render(shell).html, status, all);
  if (hasSecret) answer.headers.set("Cache-Control", "no-store, no-transform");
  return answer;
}

export async function frameDataOf(
  { app, asset, docs, operations }: PageSetup,
  { request, viewer, membership }: PageContext,
  toast: string | null,
): Promise<FrameData> {
  const { appName, appUrl } = app.config;
  const { user } = viewer;
  const memberships = await listMemberships(app.db, user.id);
  if (membership && request.method === "GET" && !wantsPart(request))
    await saveVisit(app, membership, memberships);
  const current = membership
    ? { ...membership.organization, role: membership.member.role }
    : lastVisited(memberships);
  const counts = current ? await countOfOrganization(app.db, current.id) : null;
  return {
    appName,
    appUrl,
    version: packageJson.version,
    asset,
    docs: await docs,
    toast,
    viewer: {
      name: user.name,
      email: user.email,
      isAdmin: user.is_admin === 1,
      theme: user.theme ?? "system",
      ...(user.is_admin === 1
        ? { operations: { href: await operations, failed: await countFailed(app) } }
        : {}),
      ...(mayOperate(app, user) ? { jobs: `/${app.config.horizon.path}` } : {}),
    },
    organization:
      current && counts ? { slug: current.slug, name: current.name, role: current.role, ...counts } : null,
    ...(membership ? {} : { isOutside: true }),
    organizations: memberships.map(({ slug, name }) => ({ slug, name })),
  };
}

type Listed = Awaited<ReturnType<typeof listMemberships>>;

/** The organization that the start page leads to, and that the rail shows on pages of no organization. */
export function lastVisited(memberships: Listed): Listed[number] | undefined {
  return memberships.toSorted((a, b) => (b.seen_at ?? 0) - (a.seen_at ?? 0))[0];
}

const visitEveryMs = 60_000;

/** Writes at most once a minute, but at once when another organization was visited last. */
async function saveVisit(app: App, { organization, member }: Membership, all: Listed): Promise<void> {
  const now = app.now();
  const seenAt = member.seen_at ?? 0;
  const isLast = all.every((each) => each.id === organization.id || (each.seen_at ?? 0) < seenAt);
  if (isLast && seenAt + visitEveryMs > now) return;
  const change = { seen_at: now };
  await ifWritable(app, () => updateMember(app.db, organization.id, { userId: member.user_id, change }));
}
