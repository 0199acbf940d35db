// The page of a repository.
import { RepositoryChanges, RepositoryPage } from "../../../../templates/repositories/show.tsx";
import { routesOf } from "../../access.ts";
import { html, wantsPart } from "../../answers.ts";
import { frameDataOf, page, type PageSetup } from "../../page.ts";
import { pageIn } from "../list-query.ts";
import { foundIn, repositoryRoute } from "./find.ts";
import { outcomeIn, viewOf } from "./view.ts";

export function repositoryPage(setup: PageSetup) {
  const { app } = setup;
  return routesOf(app, "repository", repositoryRoute).get(
    "",
    async ({ context, request, membership, params, query }) => {
      const { repository, base } = await foundIn(app, membership, params);
      const refsQuery = { outcome: outcomeIn(query), page: pageIn(query) };
      const view = await viewOf(app, repository, { slug: params.slug, query: refsQuery });
      const canEdit = membership.member.role !== "member";
      const props = { base, repository: view, now: app.now(), canEdit };
      if (wantsPart(request))
        return html(RepositoryChanges({ ...props, shell: await frameDataOf(setup, context, null) }).html);
      return page(setup, context, { render: (shell) => RepositoryPage({ ...props, shell }) });
    },
    { member: "member" },
  );
}
