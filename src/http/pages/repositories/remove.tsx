// Removing a repository with everything that came from it.
import { paths } from "../../../../templates/paths.ts";
import { RemoveRepositoryPage } from "../../../../templates/repositories/edit.tsx";
import { vendorOf } from "../../../composer/name.ts";
import { invalid, type Failure } from "../../../errors.ts";
import { removeRepository } from "../../../registry/repositories/repositories.ts";
import type { Repository } from "../../../store/repositories/repositories.ts";
import { routesOf } from "../../access.ts";
import { seeOther, statusOf } from "../../answers.ts";
import { toastCookie } from "../../cookies/session.ts";
import { fields, problemOf } from "../../forms.ts";
import { page, type OrganizationPage, type PageSetup } from "../../page.ts";
import { foundIn, repositoryRoute } from "./find.ts";
import { lossOf } from "./loss.ts";

export function removeRepositoryPages(setup: PageSetup) {
  const { app } = setup;
  return routesOf(app, "repository-remove", repositoryRoute)
    .get(
      "/remove",
      async ({ context, membership, params }) => {
        const { repository } = await foundIn(app, membership, params);
        return removePage(setup, context, { repository });
      },
      { member: "admin", confirmed: true },
    )
    .post(
      "/remove",
      async ({ context, membership, params, body, actor }) => {
        const { repository } = await foundIn(app, membership, params);
        const { organization } = membership;
        const { name } = repository;
        const { confirm } = fields(body, ["confirm"]);
        if (confirm.trim() !== name) {
          const failure = invalid(`Type ${name} to remove it.`, { field: "confirm" });
          return removePage(setup, context, { repository, failure });
        }
        await removeRepository(app, { organization, repository, actor });
        return seeOther(paths.repositories(organization.slug), [toastCookie(app, `${name} was removed.`)]);
      },
      { member: "admin", confirmed: true },
    );
}

async function removePage(
  setup: PageSetup,
  context: OrganizationPage,
  { repository, failure }: { repository: Repository; failure?: Failure },
): Promise<Response> {
  const loss = await lossOf(setup.app, repository);
  const vendors = [...new Set(loss.packages.map(vendorOf))];
  return page(setup, context, {
    status: failure ? statusOf[failure.kind] : 200,
    render: (shell) =>
      RemoveRepositoryPage({
        shell,
        base: paths.repository(context.membership.organization.slug, repository.name),
        name: repository.name,
        loss: { ...loss, vendors },
        problem: failure ? problemOf(failure) : null,
      }),
  });
}
