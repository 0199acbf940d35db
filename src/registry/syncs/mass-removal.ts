// Stops a sync that would remove many versions, until a person confirms it.
import { invalid } from "../../errors.ts";
import { addSyncRefs } from "../../store/syncs/syncs.ts";
import { countVersionsOfRepository } from "../../store/packages/versions.ts";
import { isMassRemoval, type SyncPlan } from "./plan.ts";
import type { SyncContext } from "./context.ts";

/**
 * Fails as `invalid` (`removals_unconfirmed`); the sync then lists the refs that are gone, for the person who decides.
 */
export async function refuseMassRemoval(
  { app, organization, repository, sync }: SyncContext,
  plan: SyncPlan,
): Promise<void> {
  const removed = plan.removedVersionIds.length;
  if (repository.removals_confirmed === 1 || removed === 0) return;
  const live = await countVersionsOfRepository(app.db, repository.id);
  if (!isMassRemoval(removed, live)) return;
  await addSyncRefs(
    app.db,
    plan.gone.map(({ kind, name }) => ({
      sync_id: sync.id,
      kind,
      name,
      outcome: "removed",
      reason: null,
      code: null,
    })),
  );
  throw invalid(
    `${removed} of ${live} versions would be removed, because their tags and branches are gone. Nothing was changed.`,
    {
      code: "removals_unconfirmed",
      remedy: { do: "confirm-removals", organization: organization.slug, repository: repository.name },
    },
  );
}
