// The end of an organization.
import { DangerZonePage, DeleteOrganizationPage } from "../../../../templates/organizations/danger-zone.tsx";
import { Failure } from "../../../errors.ts";
import { deleteOrganization, lossOf } from "../../../registry/organizations/delete.ts";
import { routesOf } from "../../access.ts";
import { seeOther, statusOf } from "../../answers.ts";
import { fields, orFailure, problemOf } from "../../forms.ts";
import { toastCookie } from "../../cookies/session.ts";
import { page, type OrganizationPage, type PageSetup } from "../../page.ts";

const zone = "/organizations/:slug/settings/danger-zone";

export function dangerZonePages(setup: PageSetup) {
  return routesOf(setup.app, "danger-zone")
    .get(zone, ({ context }) => show(setup, context), { member: "owner" })
    .get(`${zone}/delete`, ({ context }) => confirmPage(setup, context), { member: "owner", confirmed: true })
    .post(`${zone}/delete`, ({ context, body }) => end(setup, context, body), {
      member: "owner",
      confirmed: true,
    });
}

async function show(setup: PageSetup, context: OrganizationPage): Promise<Response> {
  const { organization } = context.membership;
  const loss = await lossOf(setup.app, organization);
  return page(setup, context, {
    render: (shell) => DangerZonePage({ shell, slug: organization.slug, loss }),
  });
}

async function confirmPage(
  setup: PageSetup,
  context: OrganizationPage,
  failure?: Failure,
): Promise<Response> {
  const { organization } = context.membership;
  const loss = await lossOf(setup.app, organization);
  const problem = failure ? problemOf(failure) : null;
  return page(setup, context, {
    ...(failure ? { status: statusOf[failure.kind] } : {}),
    render: (shell) => DeleteOrganizationPage({ shell, slug: organization.slug, loss, problem }),
  });
}

async function end(setup: PageSetup, context: OrganizationPage, body: unknown): Promise<Response> {
  const { app } = setup;
  const { organization } = context.membership;
  const { confirm } = fields(body, ["confirm"]);
  const actor = context.actor;
  const failure = await orFailure(() => deleteOrganization(app, organization, { typed: confirm, actor }));
  if (failure instanceof Failure) return confirmPage(setup, context, failure);
  return seeOther("/organizations", [toastCookie(app, `${organization.name} was deleted.`)]);
}
