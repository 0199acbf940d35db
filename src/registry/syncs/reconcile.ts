// A queue may lose its jobs, and adding one may fail: the database says which syncs must run, and they are found here.
import type { App } from "../../app.ts";
import { type Repository } from "../../store/repositories/repositories.ts";
import { listRequestedSyncs, listPastDeadline } from "../../store/syncs/requests.ts";
import { deadlineAfter, heartbeatMs, requestSync } from "../sync-requests.ts";
import { isCancelled, settleCancelled } from "./cancel.ts";

/** Per run; the next one finds the rest. */
const maxAtOnce = 1000;

/**
 * Requests every sync again that missed its deadline, because its job or the process that ran it was lost. Where the
 * job still waits, the new one joins it; a sync with a heartbeat is left alone.
 */
export async function reconcile(app: App): Promise<void> {
  const now = app.now();
  const overdue = await listPastDeadline(app.db, {
    now,
    farthest: deadlineAfter(now) + heartbeatMs,
    limit: maxAtOnce,
  });
  await resume(app, overdue);
}

/** At a start: those that wait are resumed before their deadline, too. */
export async function resumeSyncs(app: App): Promise<void> {
  await resume(app, await listRequestedSyncs(app.db));
  await reconcile(app);
}

async function resume(app: App, repositories: Repository[]): Promise<void> {
  for (const repository of repositories) {
    if (isCancelled(repository)) await settleCancelled(app, repository);
    else await requestSync(app, repository, { reason: "resumed" });
    app.log.debug("sync.resumed", { repository: repository.name, state: repository.state });
  }
}
