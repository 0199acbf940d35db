// The first page of an organization.
import { Elysia } from "elysia";
import { OverviewPage } from "../../../templates/overview.tsx";
import { lateNow } from "../../registry/syncs/late.ts";
import { firstStepsOf, overviewOf } from "../../registry/organizations/overview.ts";
import { updateMember } from "../../store/members.ts";
import { countOfOrganization } from "../../store/organizations.ts";
import { accessFor } from "../access.ts";
import { seeOther } from "../answers.ts";
import { page, type Inside, type Site } from "../site.ts";

export function overviewPages(site: Site) {
  return new Elysia({ name: "overview" })
    .use(accessFor(site.app))
    .get("/organizations/:slug", ({ query, ...asked }) => show(site, asked, query["view"] === "table"), {
      member: "member",
    })
    .post("/organizations/:slug/first-steps/dismiss", (asked) => dismiss(site, asked), { member: "member" });
}

async function show(site: Site, seen: Inside, withNumbers: boolean): Promise<Response> {
  const { app } = site;
  const { organization, member } = seen.membership;
  const [overview, late] = await Promise.all([overviewOf(app, organization), lateNow(app, organization.id)]);
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

/** For this person alone. */
async function dismiss({ app }: Site, { viewer, membership }: Inside): Promise<Response> {
  const { id, slug } = membership.organization;
  await updateMember(app.db, id, {
    userId: viewer.user.id,
    change: { onboarding_dismissed_at: app.now() },
  });
  return seeOther(`/organizations/${slug}`);
}
