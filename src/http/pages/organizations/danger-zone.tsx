// The end of an organization.
import { Elysia } from "elysia";
import { DangerZonePage, DeleteOrganizationPage } from "../../../../templates/organizations/danger-zone.tsx";
import { Failure } from "../../../errors.ts";
import { deleteOrganization, lossOf } from "../../../registry/organizations/delete.ts";
import { accessFor } from "../../access.ts";
import { seeOther, statusOf } from "../../answers.ts";
import { fields, orFailure, problemOf } from "../../forms.ts";
import { toastCookie } from "../../cookies/session.ts";
import { page, type OrganizationPage, type PageSetup } from "../../page.ts";

const zone = "/organizations/:slug/settings/danger-zone";

export function dangerZonePages(site: PageSetup) {
  return new Elysia({ name: "danger-zone" })
    .use(accessFor(site.app))
    .get(zone, (asked) => show(site, asked), { member: "owner" })
    .get(`${zone}/delete`, (asked) => ask(site, asked), { member: "owner", confirmed: true })
    .post(`${zone}/delete`, ({ body, ...asked }) => end(site, asked, body), {
      member: "owner",
      confirmed: true,
    });
}

async function show(site: PageSetup, seen: OrganizationPage): Promise<Response> {
  const { organization } = seen.membership;
  const loss = await lossOf(site.app, organization);
  return page(site, seen, { render: (shell) => DangerZonePage({ shell, slug: organization.slug, loss }) });
}

async function ask(site: PageSetup, seen: OrganizationPage, failure?: Failure): Promise<Response> {
  const { organization } = seen.membership;
  const loss = await lossOf(site.app, organization);
  const problem = failure ? problemOf(failure) : null;
  return page(site, seen, {
    ...(failure ? { status: statusOf[failure.kind] } : {}),
    render: (shell) => DeleteOrganizationPage({ shell, slug: organization.slug, loss, problem }),
  });
}

async function end(site: PageSetup, seen: OrganizationPage, body: unknown): Promise<Response> {
  const { app } = site;
  const { organization } = seen.membership;
  const { confirm } = fields(body, ["confirm"]);
  const actor = `user:${seen.viewer.user.id}`;
  const failure = await orFailure(() => deleteOrganization(app, organization, { typed: confirm, actor }));
  if (failure instanceof Failure) return ask(site, seen, failure);
  return seeOther("/organizations", [toastCookie(app, `${organization.name} is deleted.`)]);
}
