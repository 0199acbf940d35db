// Agreeing to what the last sync would have removed, and did not.
import { RemovalsPage } from "../../../../templates/repositories/edit.tsx";
import { notFound } from "../../../errors.ts";
import { requestSync } from "../../../registry/sync-requests.ts";
import { listLatestSyncs } from "../../../store/syncs/syncs.ts";
import { routesOf } from "../../access.ts";
import { seeOther } from "../../answers.ts";
import { toastCookie } from "../../cookies/session.ts";
import { page, type PageSetup } from "../../page.ts";
import { foundIn, repositoryRoute, syncRefsOf } from "./find.ts";
import { lossOf } from "./loss.ts";

export function removalPages(setup: PageSetup) {
  const { app } = setup;
  return routesOf(app, "repository-removals", repositoryRoute)
    .get(
      "/removals",
      async ({ context, membership, params, query }) => {
        const { repository, base } = await foundIn(app, membership, params);
        const [last] = await listLatestSyncs(app.db, repository.id, { limit: 1 });
        if (last?.outcome !== "stopped") throw notFound("There are no removals to confirm anymore.");
        const refs = await syncRefsOf(
          app,
          { repository, syncId: last.id, slug: params.slug, base: `${base}/removals` },
          query,
        );
        const { downloads } = await lossOf(app, repository);
        const message = last.error ?? "";
        const { name } = repository;
        return page(setup, context, {
          render: (shell) =>
            RemovalsPage({ shell, base, name, message, refs: { ...refs, wouldBe: true }, downloads }),
        });
      },
      { member: "admin" },
    )
    .post(
      "/removals",
      async ({ membership, params, actor }) => {
        const { repository, base } = await foundIn(app, membership, params);
        await requestSync(app, repository, { actor, confirmRemovals: true });
        return seeOther(base, [toastCookie(app, "Sync started. It removes the versions that are gone.")]);
      },
      { member: "admin", confirmed: true },
    );
}
