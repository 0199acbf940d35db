// A queue may lose what it was given, and an enqueue may fail: what must happen is in the database, and is found there.
import type { App } from "../../app.ts";
import { type Repository } from "../../store/repositories/repositories.ts";
import { listRequestedSyncs, listPastDeadline } from "../../store/syncs/requests.ts";
import { deadlineAfter, heartbeatMs } from "./heartbeat.ts";
import { isCancelled, settleCancelled } from "./cancel.ts";
import { requestSync } from "./sync.ts";

/** Of one look; the next one finds the rest. */
const mostAtOnce = 1000;

/**
 * Asks again for every sync of which nothing was heard in time: its job was lost, or the process that ran it. Where the
 * job waits still, the new one joins it; a sync that makes itself heard is left alone.
 */
export async function reconcile(app: App): Promise<void> {
  const now = app.now();
  const unheardOf = await listPastDeadline(app.db, {
    now,
    farthest: deadlineAfter(now) + heartbeatMs,
    limit: mostAtOnce,
  });
  await resume(app, unheardOf);
}

/** At a start, without waiting until nothing was heard for long enough. */
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
