// The page of a package: each tab has its own address.
import { PackageDownloadsPage } from "../../../../templates/packages/downloads.tsx";
import { PackageDependenciesPage, PackageDependentsPage } from "../../../../templates/packages/links.tsx";
import { PackageOverviewPage } from "../../../../templates/packages/overview.tsx";
import { Why, WhyPage } from "../../../../templates/packages/why.tsx";
import { listDependents } from "../../../store/packages/dependencies.ts";
import { addVisit } from "../../../store/organizations/visits.ts";
import { ifWritable } from "../if-writable.ts";
import { routesOf } from "../../access.ts";
import { html, wantsPart } from "../../answers.ts";
import { page, type PageSetup } from "../../page.ts";
import { downloadsOf, versionDownloadsOf } from "./downloads.ts";
import { linkGroups } from "./links.ts";
import { pageIn } from "../list-query.ts";
import { overviewOf } from "./overview.ts";
import { packagePageOf } from "./package-page.ts";
import { whyOf } from "./why.ts";

const path = "/organizations/:slug/packages/:vendor/:name";
const pageSize = 50;

export function packagePages(setup: PageSetup) {
  const { app } = setup;
  return routesOf(app, "package")
    .get(
      path,
      async ({ context, viewer, membership, params }) => {
        const subject = await packagePageOf(app, membership, params);
        const visit = { userId: viewer.user.id, packageId: subject.pkg.id, now: app.now() };
        await ifWritable(app, () => addVisit(app.db, visit));
        const props = await overviewOf(app, membership, subject);
        return page(setup, context, { render: (shell) => PackageOverviewPage({ shell, ...props }) });
      },
      { member: "member" },
    )
    .get(
      `${path}/dependencies`,
      async ({ context, membership, params }) => {
        const { head, manifest } = await packagePageOf(app, membership, params);
        const groups = await linkGroups(app, { membership, manifest, types: ["require", "require-dev"] });
        return page(setup, context, { render: (shell) => PackageDependenciesPage({ shell, head, groups }) });
      },
      { member: "member" },
    )
    .get(
      `${path}/dependents`,
      async ({ context, membership, params, query }) => {
        const { organization } = membership;
        const { head } = await packagePageOf(app, membership, params);
        const pageNumber = pageIn(query);
        const dependents = await listDependents(app.db, organization.id, {
          requires: head.name,
          limit: pageSize,
          offset: (pageNumber - 1) * pageSize,
        });
        const of = {
          organization: organization.name,
          total: head.counts.dependents,
          page: pageNumber,
          pageSize,
        };
        return page(setup, context, {
          render: (shell) => PackageDependentsPage({ shell, head, dependents, ...of }),
        });
      },
      { member: "member" },
    )
    .get(
      `${path}/downloads`,
      async ({ context, membership, params, query }) => {
        const subject = await packagePageOf(app, membership, params);
        const { head } = subject;
        const period = query["days"] === "90" ? 90 : 30;
        const downloadsQuery = { organizationId: membership.organization.id, name: head.name, period };
        const downloads = await downloadsOf(app, downloadsQuery);
        const versions = await versionDownloadsOf(app, { ...downloadsQuery, live: subject.versions });
        return page(setup, context, {
          render: (shell) => PackageDownloadsPage({ shell, head, downloads, period, ...versions }),
        });
      },
      { member: "member" },
    )
    .get(
      `${path}/why`,
      async ({ context, request, viewer, membership, params, query }) => {
        const { head } = await packagePageOf(app, membership, params);
        const props = await whyOf(app, { viewer, membership, head }, query);
        if (wantsPart(request)) return html(Why(props).html);
        return page(setup, context, { render: (shell) => WhyPage({ shell, ...props }) });
      },
      { member: "member" },
    );
}
