// The first page of an organization.
import { Elysia } from "elysia";
import { OverviewPage } from "../../../../templates/organizations/overview.tsx";
import { overdueRepositories } from "../../../registry/syncs/freshness-alerts.ts";
import { firstStepsOf, overviewOf } from "../../../registry/organizations/overview.ts";
import { updateMember } from "../../../store/organizations/members.ts";
import { countOfOrganization } from "../../../store/organizations/organizations.ts";
import { accessFor } from "../../access.ts";
import { html, seeOther, wantsPart } from "../../answers.ts";
import { page, frameDataOf, type OrganizationPage, type PageSetup } from "../../page.ts";
import { RailTabs } from "../../../../templates/frame/rail.tsx";
import { sections } from "../../../../templates/frame/shell.ts";

export function overviewPages(site: PageSetup) {
  return new Elysia({ name: "overview" })
    .use(accessFor(site.app))
    .get("/organizations/:slug", ({ query, ...asked }) => show(site, asked, query["view"] === "table"), {
      member: "member",
    })
    .get("/organizations/:slug/rail", ({ query, ...asked }) => rail(site, asked, query["section"]), {
      member: "member",
    })
    .post("/organizations/:slug/first-steps/dismiss", (asked) => dismiss(site, asked), { member: "member" });
}

async function show(site: PageSetup, seen: OrganizationPage, withNumbers: boolean): Promise<Response> {
  const { app } = site;
  const { organization, member } = seen.membership;
  const [overview, late] = await Promise.all([
    overviewOf(app, organization),
    overdueRepositories(app, organization.id),
  ]);
  const { states } = overview;
  const { packages } = await countOfOrganization(app.db, organization.id);
  const repositories = states.failed + states.waiting + states.stale + states.fresh;
  const steps = await firstStepsOf(app, seen.membership, { packages, repositories });
  const canEdit = member.role !== "member";
  const { slug } = organization;
  return page(site, seen, {
    render: (shell) =>
      OverviewPage({
        shell,
        slug,
        ...overview,
        late,
        packages,
        repositories,
        steps,
        canEdit,
        withNumbers,
        now: app.now(),
      }),
  });
}

/** A part of every page; it is no page of its own. */
async function rail(site: PageSetup, seen: OrganizationPage, asked: string | undefined): Promise<Response> {
  if (!wantsPart(seen.request)) return seeOther(`/organizations/${seen.membership.organization.slug}`);
  const shell = await frameDataOf(site, seen, null);
  return html(RailTabs({ shell, section: sections.find((each) => each === asked) ?? null }).html);
}

/** For this person alone. */
async function dismiss({ app }: PageSetup, { viewer, membership }: OrganizationPage): Promise<Response> {
  const { id, slug } = membership.organization;
  await updateMember(app.db, id, {
    userId: viewer.user.id,
    change: { onboarding_dismissed_at: app.now() },
  });
  return seeOther(`/organizations/${slug}`);
}
