// Cancelling a sync: one that waits is dropped, one that runs is stopped where it is. What it has recorded until then
// is complete, and stays.
import type { App } from "../../app.ts";
import { conflict } from "../../errors.ts";
import { addActivity } from "../../store/organizations/activity.ts";
import { type Repository } from "../../store/repositories/repositories.ts";
import { markCancelled, markFinished } from "../../store/syncs/requests.ts";
import { endCancelled } from "../../store/syncs/syncs.ts";
import { deadlineAfter } from "../sync-requests.ts";
import { calmDelayMs } from "./poll-interval.ts";

/** A running sync notices it within seconds. Fails as `conflict` when nothing waits or runs. */
export async function cancelSync(app: App, repository: Repository, actor: string): Promise<void> {
  const entry = { organizationId: repository.organization_id, actor, now: app.now() };
  await app.db.transaction(async (db) => {
    if (!(await markCancelled(db, repository.id, { by: actor, rested: restedOf(app, repository) })))
      throw conflict("No sync is waiting or running.", { code: "no_sync" });
    await addActivity(db, { ...entry, action: "repository.sync_cancelled", subject: repository.name });
  });
}

/** Whether the sync was cancelled, and no other one was requested since. */
export function isCancelled({ cancelled_by, sync_requested }: Repository): boolean {
  return cancelled_by !== null && sync_requested === 0;
}

/** Ends a cancelled sync: the process that ran it does this, or the one that was to run it. */
export async function settleCancelled(app: App, repository: Repository): Promise<void> {
  const now = app.now();
  await app.db.transaction(async (db) => {
    await endCancelled(db, repository.id, now);
    await markFinished(db, repository.id, { ...restedOf(app, repository), deadline: deadlineAfter(now) });
  });
  app.log.info("sync.cancelled", { repository: repository.name });
}

/** The state before the sync; the next poll is a whole interval away. */
function restedOf(
  app: App,
  { failures, last_proven_fresh_at }: Repository,
): Pick<Repository, "state" | "next_poll_at"> {
  const state = failures > 0 ? "failed" : last_proven_fresh_at === null ? "waiting" : "fresh";
  return { state, next_poll_at: app.now() + calmDelayMs(app.config.syncIntervalMs) };
}
