// One repository: its page, its syncs, and asking for one.
import { Elysia } from "elysia";
import { RepositoryChanges, RepositoryPage } from "../../../../templates/repositories/show.tsx";
import { SyncPage, SyncsPage } from "../../../../templates/repositories/syncs.tsx";
import type { App } from "../../../app.ts";
import { Failure, notFound } from "../../../errors.ts";
import { cancelSync } from "../../../registry/syncs/cancel.ts";
import { askForSync } from "../../../registry/repositories/change.ts";
import type { Membership } from "../../../store/organizations/members.ts";
import { countSyncRefs, listSyncRefs } from "../../../store/syncs/ref-lists.ts";
import { listPackagesOfRepository } from "../../../store/packages/packages.ts";
import { findRepository, type Repository } from "../../../store/repositories/repositories.ts";
import { countSyncs, findSync, listLatestSyncs } from "../../../store/syncs/syncs.ts";
import { accessFor } from "../../access.ts";
import { html, seeOther, wantsPart } from "../../answers.ts";
import { orFailure } from "../../forms.ts";
import { toastCookie } from "../../cookies/session.ts";
import { page, frameDataOf, type PageSetup } from "../../page.ts";
import { forgeHrefs } from "./forge-links.ts";
import { needsAttention, restoreHrefOf } from "./refs.ts";
import { pageIn } from "./list.tsx";
import {
  namesOf,
  outcomeIn,
  refCount,
  refsPageSize,
  repositoryBase,
  foldPolls,
  syncLineOf,
  ticksOf,
  viewOf,
} from "./view.ts";

const historyPageSize = 25;
const ticksShown = 18;

export function repositoryPage(site: PageSetup) {
  const { app } = site;
  return new Elysia({ name: "repository" })
    .use(accessFor(app))
    .get(
      "/organizations/:slug/repositories/:name",
      async ({ request, viewer, membership, params, query }) => {
        const { repository, base } = await foundIn(app, membership, params);
        const asked = { outcome: outcomeIn(query), page: pageIn(query, Number.MAX_SAFE_INTEGER) };
        const view = await viewOf(app, repository, { base, asked });
        const canEdit = membership.member.role !== "member";
        const props = { base, repository: view, now: app.now(), canEdit };
        const seen = { request, viewer, membership };
        if (wantsPart(request))
          return html(RepositoryChanges({ ...props, shell: await frameDataOf(site, seen, null) }).html);
        return page(site, seen, { render: (shell) => RepositoryPage({ ...props, shell }) });
      },
      { member: "member" },
    )
    .post(
      "/organizations/:slug/repositories/:name/syncs",
      async ({ viewer, membership, params }) => {
        const { repository, base } = await foundIn(app, membership, params);
        await askForSync(app, repository, { actor: `user:${viewer.user.id}` });
        return seeOther(base, [toastCookie(app, `A sync of ${repository.name} was asked for.`)]);
      },
      { member: "admin" },
    )
    .post(
      "/organizations/:slug/repositories/:name/cancel",
      async ({ viewer, membership, params }) => {
        const { repository, base } = await foundIn(app, membership, params);
        const cancelled = await orFailure(() => cancelSync(app, repository, `user:${viewer.user.id}`));
        // It has ended meanwhile: the page says how.
        if (cancelled instanceof Failure) return seeOther(base);
        return seeOther(base, [toastCookie(app, `The sync of ${repository.name} was cancelled.`)]);
      },
      { member: "admin" },
    )
    .get(
      "/organizations/:slug/repositories/:name/syncs",
      async ({ request, viewer, membership, params, query }) => {
        const { repository, base } = await foundIn(app, membership, params);
        const total = await countSyncs(app.db, repository.id);
        const at = pageIn(query, Math.ceil(total / historyPageSize));
        const range = { limit: historyPageSize, offset: (at - 1) * historyPageSize };
        const syncs = await listLatestSyncs(app.db, repository.id, range);
        const marks = await listLatestSyncs(app.db, repository.id, { limit: ticksShown });
        const names = await namesOf(app, syncs);
        return page(
          site,
          { request, viewer, membership },
          {
            render: (shell) =>
              SyncsPage({
                shell,
                base,
                name: repository.name,
                syncs: foldPolls(syncs.map((sync) => syncLineOf(sync, names))),
                ticks: ticksOf(marks.toReversed()),
                now: app.now(),
                page: at,
                pageSize: historyPageSize,
                total,
              }),
          },
        );
      },
      { member: "member" },
    )
    .get(
      "/organizations/:slug/repositories/:name/syncs/:id",
      async ({ request, viewer, membership, params, query }) => {
        const { repository, base } = await foundIn(app, membership, params);
        const sync = await findSync(app.db, repository.id, params.id);
        if (!sync) throw notFound("There is no such sync, or it is older than 90 days.");
        const refs = await syncRefsOf(
          app,
          { repository, syncId: sync.id, base: `${base}/syncs/${sync.id}` },
          query,
        );
        const names = await namesOf(app, [sync]);
        return page(
          site,
          { request, viewer, membership },
          {
            render: (shell) =>
              SyncPage({
                shell,
                base,
                name: repository.name,
                sync: syncLineOf(sync, names),
                skipped: Number(sync.skipped),
                refs: { ...refs, wouldBe: sync.outcome === "stopped" },
                now: app.now(),
              }),
          },
        );
      },
      { member: "member" },
    );
}

/** The repository of the address; its absence tells nothing. */
export async function foundIn(
  app: App,
  { organization }: Membership,
  { name }: { name: string },
): Promise<{ repository: Repository; base: string }> {
  const repository = await findRepository(app.db, organization.id, name);
  if (!repository) throw notFound(`There is no repository "${name}" in ${organization.name}.`);
  return { repository, base: repositoryBase(organization.slug, name) };
}

/** The refs that one sync looked at, as the address filters them. */
export async function syncRefsOf(
  app: App,
  { repository, syncId, base }: { repository: Repository; syncId: string; base: string },
  query: Record<string, string | undefined>,
) {
  const outcome = outcomeIn(query);
  const hrefs = forgeHrefs(app, repository);
  const counts = await countSyncRefs(app.db, syncId);
  const at = pageIn(query, Math.ceil(refCount(counts, outcome) / refsPageSize));
  const range = { limit: refsPageSize, offset: (at - 1) * refsPageSize };
  const rows = await listSyncRefs(app.db, syncId, { outcome, ...range });
  const hasDeleted = rows.some(({ code }) => code === "deleted");
  const packages = hasDeleted ? await listPackagesOfRepository(app.db, repository.id) : [];
  const restoreHref = restoreHrefOf(repository, packages, base);
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
