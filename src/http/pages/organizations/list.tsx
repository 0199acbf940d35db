// The organizations of whoever is signed in, and new ones.
import { Elysia } from "elysia";
import { NewOrganizationPage, OrganizationsPage } from "../../../../templates/organizations/list.tsx";
import { Failure } from "../../../errors.ts";
import { createOrganization } from "../../../registry/organizations/organizations.ts";
import { listMemberships } from "../../../store/organizations/members.ts";
import { accessFor } from "../../access.ts";
import { seeOther, statusOf } from "../../answers.ts";
import { fields, orFailure, problemOf } from "../../forms.ts";
import { toastCookie } from "../../cookies/session.ts";
import { lastVisited, page, type PageSetup } from "../../page.ts";

export function organizationPages(site: PageSetup) {
  const { app } = site;
  return new Elysia({ name: "organizations" })
    .use(accessFor(app))
    .get(
      "/",
      async ({ viewer }) => {
        const memberships = await listMemberships(app.db, viewer.user.id);
        const last = lastVisited(memberships);
        return seeOther(last ? `/organizations/${last.slug}` : "/organizations");
      },
      { person: "signed-in" },
    )
    .get(
      "/organizations",
      async ({ request, viewer }) => {
        const memberships = await listMemberships(app.db, viewer.user.id);
        return page(
          site,
          { request, viewer },
          { render: (shell) => OrganizationsPage({ shell, memberships }) },
        );
      },
      { person: "signed-in" },
    )
    .get(
      "/organizations/new",
      ({ request, viewer }) =>
        page(
          site,
          { request, viewer },
          { render: (shell) => NewOrganizationPage({ shell, form: { name: "", slug: "" }, problem: null }) },
        ),
      { person: "signed-in" },
    )
    .post(
      "/organizations",
      async ({ request, viewer, body }) => {
        const form = fields(body, ["name", "slug"]);
        const { user } = viewer;
        const asked = { ...form, owner: user.email, actor: `user:${user.id}` };
        const made = await orFailure(() => createOrganization(app, asked));
        if (made instanceof Failure)
          return page(
            site,
            { request, viewer },
            {
              status: statusOf[made.kind],
              render: (shell) => NewOrganizationPage({ shell, form, problem: problemOf(made) }),
            },
          );
        return seeOther(`/organizations/${made.slug}`, [toastCookie(app, `${made.name} is ready.`)]);
      },
      { person: "signed-in" },
    );
}
