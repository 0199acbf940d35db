// A sync that somebody does not want: the one that waits is dropped, the one that runs is stopped where it is. What it
// has recorded until then is complete, and stays.
import type { App } from "../../app.ts";
import { conflict } from "../../errors.ts";
import { addActivity } from "../../store/organizations/activity.ts";
import { type Repository } from "../../store/repositories/repositories.ts";
import { endSync, markSyncCancelled } from "../../store/syncs/requests.ts";
import { cancelSyncs } from "../../store/syncs/syncs.ts";
import { deadlineAfter } from "./heartbeat.ts";
import { calmDelayMs } from "./poll-interval.ts";

/** Whoever runs it hears of it within seconds. Fails as `conflict` when nothing waits or runs. */
export async function cancelSync(app: App, repository: Repository, actor: string): Promise<void> {
  const told = { organizationId: repository.organization_id, actor, now: app.now() };
  await app.db.transaction(async (db) => {
    if (!(await markSyncCancelled(db, repository.id, { by: actor, rested: restedOf(app, repository) })))
      throw conflict("No sync of it is waiting or running any more.", { code: "no_sync" });
    await addActivity(db, { ...told, action: "repository.sync_cancelled", subject: repository.name });
  });
}

/** Whether the job that comes now is for a sync that nobody wants any more. */
export function isCancelled({ cancelled_by, sync_asked }: Repository): boolean {
  return cancelled_by !== null && sync_asked === 0;
}

/** For whoever ran it, or was to. */
export async function settleCancelled(app: App, repository: Repository): Promise<void> {
  const now = app.now();
  await app.db.transaction(async (db) => {
    await cancelSyncs(db, repository.id, now);
    await endSync(db, repository.id, { ...restedOf(app, repository), expectedBy: deadlineAfter(now) });
  });
  app.log.info("sync.cancelled", { repository: repository.name });
}

/** As it stood before; the timetable asks again after a whole interval. */
function restedOf(
  app: App,
  { failures, last_proven_fresh_at }: Repository,
): Pick<Repository, "state" | "next_poll_at"> {
  const state = failures > 0 ? "failed" : last_proven_fresh_at === null ? "waiting" : "fresh";
  return { state, next_poll_at: app.now() + calmDelayMs(app.config.syncIntervalMs) };
}
