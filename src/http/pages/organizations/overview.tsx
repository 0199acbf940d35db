// The first page of an organization.
import { paths } from "../../../../templates/paths.ts";
import { OverviewPage } from "../../../../templates/organizations/overview.tsx";
import { confirmRestore, unconfirmedRestore } from "../../../registry/backups/restored.ts";
import { overdueRepositories } from "../../../registry/syncs/overdue.ts";
import { firstStepsOf, overviewOf } from "../../../registry/organizations/overview.ts";
import { updateMember } from "../../../store/organizations/members.ts";
import { countOfOrganization } from "../../../store/organizations/organizations.ts";
import { routesOf } from "../../access.ts";
import { html, seeOther, wantsPart } from "../../answers.ts";
import { page, frameDataOf, type OrganizationPage, type PageSetup } from "../../page.ts";
import { RailTabs } from "../../../../templates/frame/rail.tsx";
import { sections } from "../../../../templates/frame/shell.ts";

export function overviewPages(setup: PageSetup) {
  return routesOf(setup.app, "overview")
    .get("/organizations/:slug", ({ context, query }) => show(setup, context, query["view"] === "table"), {
      member: "member",
    })
    .get("/organizations/:slug/rail", ({ context, query }) => rail(setup, context, query["section"]), {
      member: "member",
    })
    .post(
      "/operations/confirm-restore",
      async () => {
        await confirmRestore(setup.app);
        return seeOther("/");
      },
      { person: "administrator" },
    )
    .post("/organizations/:slug/first-steps/dismiss", ({ context }) => dismiss(setup, context), {
      member: "member",
    });
}

async function show(setup: PageSetup, context: OrganizationPage, withNumbers: boolean): Promise<Response> {
  const { app } = setup;
  const { organization, member } = context.membership;
  const isAdmin = context.viewer.user.is_admin === 1;
  const [overview, overdue, restored] = await Promise.all([
    overviewOf(app, organization),
    overdueRepositories(app, organization.id),
    isAdmin ? unconfirmedRestore(app) : null,
  ]);
  const { states } = overview;
  const { packages } = await countOfOrganization(app.db, organization.id);
  const repositories = states.failed + states.waiting + states.stale + states.fresh;
  const steps = await firstStepsOf(app, context.membership, { packages, repositories });
  const canEdit = member.role !== "member";
  const { slug } = organization;
  return page(setup, context, {
    render: (shell) =>
      OverviewPage({
        shell,
        slug,
        ...overview,
        overdue,
        restored,
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
async function rail(
  setup: PageSetup,
  context: OrganizationPage,
  section: string | undefined,
): Promise<Response> {
  if (!wantsPart(context.request)) return seeOther(paths.organization(context.membership.organization.slug));
  const shell = await frameDataOf(setup, context, null);
  return html(RailTabs({ shell, section: sections.find((each) => each === section) ?? null }).html);
}

/** For this person alone. */
async function dismiss({ app }: PageSetup, { viewer, membership }: OrganizationPage): Promise<Response> {
  const { id, slug } = membership.organization;
  await updateMember(app.db, id, {
    userId: viewer.user.id,
    change: { onboarding_dismissed_at: app.now() },
  });
  return seeOther(paths.organization(slug));
}
