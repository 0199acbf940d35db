// The repository that an address names, and the refs that one of its syncs looked at.
import { paths } from "../../../../templates/paths.ts";
import type { App } from "../../../app.ts";
import { notFound } from "../../../errors.ts";
import type { Membership } from "../../../store/organizations/members.ts";
import { listPackagesOfRepository } from "../../../store/packages/packages.ts";
import { findRepository, type Repository } from "../../../store/repositories/repositories.ts";
import { countSyncRefs, listSyncRefs } from "../../../store/syncs/ref-lists.ts";
import { pageIn, type Query } from "../list-query.ts";
import { forgeHrefs } from "./forge-links.ts";
import { needsAttention, restoreHrefOf } from "./refs.ts";
import { outcomeIn, refCount, refsPageSize } from "./view.ts";

/** Below this are the routes of one repository. */
export const repositoryRoute = "/organizations/:slug/repositories/:name";

/** The repository that the address names. */
export async function foundIn(
  app: App,
  { organization }: Membership,
  { name }: { name: string },
): Promise<{ repository: Repository; base: string }> {
  const repository = await findRepository(app.db, organization.id, name);
  if (!repository) throw notFound(`There is no repository "${name}" in ${organization.name}.`);
  return { repository, base: paths.repository(organization.slug, name) };
}

/** The refs that one sync looked at, as the address filters them. */
export async function syncRefsOf(
  app: App,
  { repository, syncId, slug, base }: { repository: Repository; syncId: string; slug: string; base: string },
  query: Query,
) {
  const outcome = outcomeIn(query);
  const hrefs = forgeHrefs(app, repository);
  const counts = await countSyncRefs(app.db, syncId);
  const at = pageIn(query, Math.ceil(refCount(counts, outcome) / refsPageSize));
  const range = { limit: refsPageSize, offset: (at - 1) * refsPageSize };
  const rows = await listSyncRefs(app.db, syncId, { outcome, ...range });
  const hasDeleted = rows.some(({ code }) => code === "deleted");
  const packages = hasDeleted ? await listPackagesOfRepository(app.db, repository.id) : [];
  const restoreHref = restoreHrefOf(repository, packages, slug);
  return {
    here: base,
    base,
    counts,
    outcome,
    page: at,
    pageSize: refsPageSize,
    refs: rows.map((row) => ({
      ...row,
      needsALook: needsAttention(row),
      version: null,
      reference: null,
      href: row.outcome === "removed" ? null : hrefs.ref(row.kind, row.name),
      ...(row.code === "deleted" ? { restoreHref } : {}),
    })),
  };
}
