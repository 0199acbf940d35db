// Requesting a sync: it is recorded in the database, then given to the queue. There is no other way to start one.
import { messageOf } from "../errors.ts";
import type { App } from "../app.ts";
import type { Db } from "../store/engine/database.ts";
import { addActivity } from "../store/organizations/activity.ts";
import type { Repository } from "../store/repositories/repositories.ts";
import { markRequested } from "../store/syncs/requests.ts";

/** A sync that shows no sign of life for so long is requested again: longer than a process may be busy otherwise. */
export const heartbeatMs = 60_000;

export function deadlineAfter(now: number): number {
  return now + heartbeatMs;
}

/** A person who asks, or what else gave the reason; the history of syncs shows either. */
type SyncCause = { actor: string } | { reason: string };

type SyncTarget = Pick<Repository, "id" | "organization_id" | "name">;

/**
 * Requests a sync: of one repository one waits and one runs, however many are requested. A consent to removals is kept
 * with the repository, and a person's request is recorded as activity. When the queue fails, this fails; the sync is in
 * the database all the same and is queued later.
 */
export async function requestSync(
  app: App,
  repository: SyncTarget,
  { confirmRemovals = false, ...cause }: SyncCause & { confirmRemovals?: boolean },
): Promise<void> {
  await app.db.transaction(async (db) => {
    if ("actor" in cause)
      await addActivity(db, {
        organizationId: repository.organization_id,
        actor: cause.actor,
        action: confirmRemovals ? "repository.removals_confirmed" : "repository.sync_asked",
        subject: repository.name,
        now: app.now(),
      });
    await recordSyncRequest(app, db, repository.id, { reason: reasonOf(cause), confirmRemovals });
  });
  await enqueueSync(app, { repositoryId: repository.id, reason: reasonOf(cause) });
}

/** The first half, for a transaction that writes more than the request; `enqueueSync` follows when it is committed. */
export async function recordSyncRequest(
  app: App,
  db: Db,
  repositoryId: string,
  { reason, confirmRemovals = false }: { reason: string; confirmRemovals?: boolean },
): Promise<void> {
  const deadline = deadlineAfter(app.now());
  await markRequested(db, repositoryId, { deadline, confirmRemovals, isQuiet: reason === "poll" });
}

export type SyncJob = { repositoryId: string; reason: string };

/** The second half, for a request that is in the database already. */
export async function enqueueSync(app: App, { repositoryId, reason }: SyncJob): Promise<void> {
  await app.jobs.enqueue(
    "sync-repository",
    { repositoryId, reason },
    { key: keyOf(repositoryId), priority: isAutomatic(reason) ? 20 : 10 },
  );
}

const keyOf = (repositoryId: string) => `sync:${repositoryId}`;

/**
 * A failed sync is open until a later sync of the same repository succeeds: this one has. Best effort: the next
 * success does it again.
 */
export async function settleFailedSyncs(app: App, repositoryId: string): Promise<void> {
  await app.jobs.settle("sync-repository", keyOf(repositoryId)).catch((error: unknown) => {
    app.log.warn("sync.failures_not_settled", { repository: repositoryId, reason: messageOf(error) });
  });
}

const automaticReasons = new Set(["poll", "resumed"]);

/** Whether the timetable or a restart requested it, and no person and no push. */
export function isAutomatic(reason: string): boolean {
  return automaticReasons.has(reason);
}

function reasonOf(cause: SyncCause): string {
  return "actor" in cause ? cause.actor : cause.reason;
}
