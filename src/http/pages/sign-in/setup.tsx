// From the link in the terminal to the first `composer require`: account, organization, repository, install.
import { paths } from "../../../../templates/paths.ts";
import { SetupAccountPage, SetupOrganizationPage } from "../../../../templates/sign-in/setup.tsx";
import { Failure } from "../../../errors.ts";
import { createOrganization } from "../../../registry/organizations/organizations.ts";
import { adoptedBySetup, setUp } from "../../../registry/accounts/setup.ts";
import { listMemberships } from "../../../store/organizations/members.ts";
import { routesOf } from "../../access.ts";
import { html, seeOther, statusOf } from "../../answers.ts";
import { fields, orFailure, problemOf } from "../../forms.ts";
import { signedInAnswer } from "./signed-in.ts";
import type { PageSetup } from "../../page.ts";

export function setupPages({ app, asset }: PageSetup) {
  const { appName, appUrl } = app.config;
  const outside = { appName, appUrl, asset };
  return routesOf(app, "setup")
    .get(
      "/setup/:secret",
      async ({ params }) => {
        const adopted = await adoptedBySetup(app, params.secret);
        const form = { name: "", email: "" };
        const props = { outside, secret: params.secret, adopted, form, problem: null };
        return html(SetupAccountPage(props).html);
      },
      { visitor: true },
    )
    .post(
      "/setup/:secret",
      async ({ context, params: { secret }, body }) => {
        const form = fields(body, ["name", "email", "password"]);
        const user = await orFailure(() => setUp(app, { ...form, secret }));
        if (user instanceof Failure) {
          const adopted = await adoptedBySetup(app, secret);
          const props = { outside, secret, adopted, form, problem: problemOf(user) };
          return html(SetupAccountPage(props).html, statusOf[user.kind]);
        }
        return signedInAnswer(app, context, { user, isRemembered: false, next: "/setup" });
      },
      { visitor: true },
    )
    .get(
      "/setup",
      async ({ viewer: { user } }) => {
        const [own] = await listMemberships(app.db, user.id);
        if (own) return seeOther(paths.start(own.slug));
        const form = { name: "", slug: "" };
        return html(SetupOrganizationPage({ outside, email: user.email, form, problem: null }).html);
      },
      { person: "administrator" },
    )
    .post(
      "/setup",
      async ({ viewer: { user }, actor, body }) => {
        const form = fields(body, ["name", "slug"]);
        const made = await orFailure(() => createOrganization(app, { ...form, owner: user.email, actor }));
        if (made instanceof Failure) {
          const props = { outside, email: user.email, form, problem: problemOf(made) };
          return html(SetupOrganizationPage(props).html, statusOf[made.kind]);
        }
        return seeOther(paths.start(made.slug));
      },
      { person: "administrator" },
    );
}
