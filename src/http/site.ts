// What every page is made with: the frame around it, and the answer.
import type { Outside } from "../../templates/bare.tsx";
import type { WayIn } from "../../templates/ways-in.tsx";
import type { Shell } from "../../templates/shell.ts";
import type { Markup } from "../../templates/jsx/jsx-runtime.ts";
import type { Assets } from "../../templates/layout.tsx";
import packageJson from "../../package.json" with { type: "json" };
import type { App } from "../app.ts";
import { mayOperate } from "../registry/jobs/operators.ts";
import type { Viewer } from "../registry/people/sessions.ts";
import { listMemberships, type Membership } from "../store/members.ts";
import { countOfOrganization } from "../store/organizations.ts";
import { html } from "./answers.ts";
import { shownToastCookie, toastIn } from "./session-cookie.ts";

export type Site = { app: App; asset: Assets };

/** What a page needs that is shown to whoever is not signed in. */
export function outsideOf({ app, asset }: Site): Outside {
  const { appName, appUrl } = app.config;
  return { appName, appUrl, asset, version: packageJson.version };
}

/** False where mail waits in the outbox, for an administrator to pass its links on: no page may promise any. */
export function sendsMail({ config }: Pick<App, "config">): boolean {
  return config.mail.kind === "smtp";
}

/** The providers that open accounts here: what leads to each, and how people call it. */
export function waysIn({ oauth }: App): WayIn[] {
  return oauth.identities.map(({ name, title }) => ({ name, title }));
}

/** Who looks, and at which organization. */
export type Seen = { request: Request; viewer: Viewer; membership?: Membership };

/** On a page of an organization. */
export type Inside = Seen & { membership: Membership };

/** A page within the frame; `render` puts its own content and title in. */
export async function page(
  { app, asset }: Site,
  seen: Seen,
  {
    status = 200,
    cookies = [],
    render,
  }: { status?: number; cookies?: string[]; render: (shell: Shell) => Markup },
): Promise<Response> {
  const toast = toastIn(app, seen.request);
  const shell = await shellOf({ app, asset }, seen, toast);
  return html(render(shell).html, status, [...cookies, ...(toast === null ? [] : [shownToastCookie(app)])]);
}

export async function shellOf(
  { app, asset }: Site,
  { viewer, membership }: Seen,
  toast: string | null,
): Promise<Shell> {
  const { appName, appUrl } = app.config;
  const { user } = viewer;
  const memberships = await listMemberships(app.db, user.id);
  const counts = membership ? await countOfOrganization(app.db, membership.organization.id) : null;
  return {
    appName,
    appUrl,
    version: packageJson.version,
    asset,
    toast,
    viewer: {
      name: user.name,
      email: user.email,
      isAdmin: user.is_admin === 1,
      theme: user.theme ?? "system",
      ...(mayOperate(app, user) ? { jobs: `/${app.config.horizon.path}` } : {}),
    },
    organization:
      membership && counts
        ? {
            slug: membership.organization.slug,
            name: membership.organization.name,
            role: membership.member.role,
            advisories: 0,
            ...counts,
          }
        : null,
    organizations: memberships.map(({ slug, name }) => ({ slug, name })),
  };
}
