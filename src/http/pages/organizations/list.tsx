// The viewer's organizations, and creating one.
import { paths } from "../../../../templates/paths.ts";
import { NewOrganizationPage, OrganizationsPage } from "../../../../templates/organizations/list.tsx";
import { Failure } from "../../../errors.ts";
import { createOrganization } from "../../../registry/organizations/organizations.ts";
import { listMemberships } from "../../../store/organizations/members.ts";
import { routesOf } from "../../access.ts";
import { seeOther, statusOf } from "../../answers.ts";
import { fields, orFailure, problemOf } from "../../forms.ts";
import { toastCookie } from "../../cookies/session.ts";
import { lastVisited, page, type PageSetup } from "../../page.ts";

export function organizationPages(setup: PageSetup) {
  const { app } = setup;
  return routesOf(app, "organizations")
    .get(
      "/",
      async ({ viewer }) => {
        const memberships = await listMemberships(app.db, viewer.user.id);
        const last = lastVisited(memberships);
        return seeOther(last ? paths.organization(last.slug) : "/organizations");
      },
      { person: "signed-in" },
    )
    .get(
      "/organizations",
      async ({ context, viewer }) => {
        const memberships = await listMemberships(app.db, viewer.user.id);
        return page(setup, context, { render: (shell) => OrganizationsPage({ shell, memberships }) });
      },
      { person: "signed-in" },
    )
    .get(
      "/organizations/new",
      ({ context }) =>
        page(setup, context, {
          render: (shell) => NewOrganizationPage({ shell, form: { name: "", slug: "" }, problem: null }),
        }),
      { person: "signed-in" },
    )
    .post(
      "/organizations",
      async ({ context, viewer, actor, body }) => {
        const form = fields(body, ["name", "slug"]);
        const owner = viewer.user.email;
        const made = await orFailure(() => createOrganization(app, { ...form, owner, actor }));
        if (made instanceof Failure)
          return page(setup, context, {
            status: statusOf[made.kind],
            render: (shell) => NewOrganizationPage({ shell, form, problem: problemOf(made) }),
          });
        return seeOther(paths.organization(made.slug), [toastCookie(app, `${made.name} is ready.`)]);
      },
      { person: "signed-in" },
    );
}
