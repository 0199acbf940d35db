// The syncs of a repository: asking for one, cancelling it, and what came of each.
import { SyncPage, SyncsPage } from "../../../../templates/repositories/syncs.tsx";
import { Failure, notFound } from "../../../errors.ts";
import { requestSync } from "../../../registry/sync-requests.ts";
import { cancelSync } from "../../../registry/syncs/cancel.ts";
import { countSyncs, findSync, listLatestSyncs } from "../../../store/syncs/syncs.ts";
import { routesOf } from "../../access.ts";
import { seeOther } from "../../answers.ts";
import { toastCookie } from "../../cookies/session.ts";
import { orFailure } from "../../forms.ts";
import { page, type PageSetup } from "../../page.ts";
import { pageIn } from "../list-query.ts";
import { foundIn, repositoryRoute, syncRefsOf } from "./find.ts";
import { foldRepeats, namesOf, syncLineOf, ticksOf } from "./view.ts";

const historyPageSize = 25;
const ticksShown = 18;

export function syncPages(setup: PageSetup) {
  const { app } = setup;
  return routesOf(app, "repository-syncs", repositoryRoute)
    .post(
      "/syncs",
      async ({ membership, params, actor }) => {
        const { repository, base } = await foundIn(app, membership, params);
        await requestSync(app, repository, { actor });
        return seeOther(base, [toastCookie(app, "Sync started.")]);
      },
      { member: "admin" },
    )
    .post(
      "/cancel",
      async ({ membership, params, actor }) => {
        const { repository, base } = await foundIn(app, membership, params);
        const cancelled = await orFailure(() => cancelSync(app, repository, actor));
        // The sync has ended meanwhile: the page says how.
        if (cancelled instanceof Failure) return seeOther(base);
        return seeOther(base, [toastCookie(app, "Sync canceled.")]);
      },
      { member: "admin" },
    )
    .get(
      "/syncs",
      async ({ context, membership, params, query }) => {
        const { repository, base } = await foundIn(app, membership, params);
        const total = await countSyncs(app.db, repository.id);
        const at = pageIn(query, Math.ceil(total / historyPageSize));
        const range = { limit: historyPageSize, offset: (at - 1) * historyPageSize };
        const syncs = await listLatestSyncs(app.db, repository.id, range);
        const marks = await listLatestSyncs(app.db, repository.id, { limit: ticksShown });
        const names = await namesOf(app, syncs);
        return page(setup, context, {
          render: (shell) =>
            SyncsPage({
              shell,
              base,
              name: repository.name,
              syncs: foldRepeats(syncs.map((sync) => syncLineOf(sync, names))),
              ticks: ticksOf(marks.toReversed()),
              now: app.now(),
              page: at,
              pageSize: historyPageSize,
              total,
            }),
        });
      },
      { member: "member" },
    )
    .get(
      "/syncs/:id",
      async ({ context, membership, params, query }) => {
        const { repository, base } = await foundIn(app, membership, params);
        const sync = await findSync(app.db, repository.id, params.id);
        if (!sync) throw notFound("This sync does not exist, or it is older than 90 days.");
        const refs = await syncRefsOf(
          app,
          { repository, syncId: sync.id, slug: params.slug, base: `${base}/syncs/${sync.id}` },
          query,
        );
        const names = await namesOf(app, [sync]);
        return page(setup, context, {
          render: (shell) =>
            SyncPage({
              shell,
              base,
              name: repository.name,
              sync: syncLineOf(sync, names),
              skipped: sync.skipped,
              refs: { ...refs, wouldBe: sync.outcome === "stopped" },
              now: app.now(),
            }),
        });
      },
      { member: "member" },
    );
}
