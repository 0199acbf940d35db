// The viewer's organizations, and leaving one.
import { LeavePage, OwnOrganizationsPage } from "../../../../templates/accounts/organizations.tsx";
import { Failure, textOf } from "../../../errors.ts";
import { leaveOrganization } from "../../../registry/organizations/members.ts";
import { listMemberships, type Membership } from "../../../store/organizations/members.ts";
import { routesOf } from "../../access.ts";
import { seeOther, statusOf } from "../../answers.ts";
import { fields, orFailure } from "../../forms.ts";
import { toastCookie } from "../../cookies/session.ts";
import { page, type PageContext, type PageSetup } from "../../page.ts";

export function ownOrganizationPages(setup: PageSetup) {
  const { app } = setup;
  return routesOf(app, "own-organizations")
    .get(
      "/account/organizations",
      async ({ context }) => {
        const organizations = await listMemberships(app.db, context.viewer.user.id);
        return page(setup, context, { render: (shell) => OwnOrganizationsPage({ shell, organizations }) });
      },
      { person: "signed-in" },
    )
    .get(
      "/account/organizations/:slug/leave",
      ({ context, membership }) => confirmPage(setup, context, membership),
      {
        member: "member",
      },
    )
    .post(
      "/account/organizations/:slug/leave",
      async ({ context, membership, body }) => {
        fields(body, []);
        const left = await orFailure(() => leaveOrganization(app, membership));
        if (left instanceof Failure) return confirmPage(setup, context, membership, left);
        const message = `You left ${membership.organization.name}.`;
        return seeOther("/account/organizations", [toastCookie(app, message)]);
      },
      { member: "member" },
    );
}

function confirmPage(
  setup: PageSetup,
  context: PageContext,
  { organization, member }: Membership,
  refused?: Failure,
) {
  const { slug, name } = organization;
  return page(setup, context, {
    ...(refused ? { status: statusOf[refused.kind] } : {}),
    render: (shell) =>
      LeavePage({
        shell,
        organization: { slug, name, role: member.role },
        problem: refused ? textOf(refused) : null,
      }),
  });
}
