// One repository's refs → versions: list, plan, fetch once, read newest first, record in batches, remove what
// is gone. A sync can be cut off anywhere: what was recorded is complete, and the next sync does the rest.
import type { App } from "../../app.ts";
import { excerpt } from "../../composer/text.ts";
import { Failure, invalid } from "../../errors.ts";
import type { WorkFailure } from "../../jobs/queue.ts";
import type { RefList, Remote } from "../../git/mirror.ts";
import { claimDeliveries } from "../../store/webhooks/deliveries.ts";
import { pinHostKey } from "../../store/repositories/host-keys.ts";
import { getOrganizationById } from "../../store/organizations/organizations.ts";
import { listRefs } from "../../store/syncs/refs.ts";
import { findRepositoryById, type Repository } from "../../store/repositories/repositories.ts";
import { addSync, endAbandoned, type Sync } from "../../store/syncs/syncs.ts";
import { markRunning } from "../../store/syncs/requests.ts";
import { findWebhook } from "../../store/webhooks/webhooks.ts";
import { startHeartbeat, unlessAborted } from "./heartbeat.ts";
import { refuseMassRemoval } from "./mass-removal.ts";
import { isCancelled, settleCancelled } from "./cancel.ts";
import { failSync } from "./fail.ts";
import { finishSync, type SyncCounts } from "./finish.ts";
import { checkAfterRefusal, rememberMove } from "../forges/renames.ts";
import { planSync, readingRules, type SyncPlan } from "./plan.ts";
import { readAndRecord } from "./read-and-record.ts";
import type { SyncContext } from "./context.ts";
import { remoteAfter, remoteOf, sshHostOf } from "../credentials/remotes.ts";
import { deadlineAfter, isAutomatic, settleFailedSyncs, type SyncJob } from "../sync-requests.ts";

/**
 * Runs the sync now. A failure is saved with the sync and the repository, and returned; only a bug is thrown.
 */
export async function runSync(app: App, job: SyncJob, signal: AbortSignal): Promise<WorkFailure | void> {
  const repository = await findRepositoryById(app.db, job.repositoryId);
  if (!repository) return;
  if (isCancelled(repository)) return settleCancelled(app, repository);
  const sync = await startSync(app, repository, job.reason);
  const heartbeat = startHeartbeat(app, repository.id);
  // A poll nearly always finds nothing new, and then needs no git process.
  const prepared = sync.reason === "poll" ? null : app.git.prepare();
  try {
    const organization = await getOrganizationById(app.db, repository.organization_id);
    const context = { app, organization, repository, sync };
    await readWithFreshToken(context, AbortSignal.any([signal, heartbeat.cancelled]));
  } catch (error) {
    if (heartbeat.cancelled.aborted) return await settleCancelled(app, repository);
    // This process stops, or another one has the job by now: the sync is not over.
    if (signal.aborted) throw error;
    const reason = await failSync({ app, repository, sync }, error);
    if (!(error instanceof Failure)) throw error;
    await checkAfterRefusal(app, repository, error);
    return { failed: reason };
  } finally {
    heartbeat.stop();
    prepared?.close();
  }
  await settleFailedSyncs(app, repository.id);
}

/** Opens the sync's row. A push that came meanwhile is a better reason than a poll. */
function startSync(app: App, repository: Repository, reason: string): Promise<Sync> {
  const now = app.now();
  return app.db.transaction(async (db) => {
    await endAbandoned(db, repository.id, now);
    await markRunning(db, repository.id, deadlineAfter(now));
    const id = Bun.randomUUIDv7();
    const pushes = await claimDeliveries(db, { repositoryId: repository.id, syncId: id });
    return addSync(db, {
      id,
      organization_id: repository.organization_id,
      repository_id: repository.id,
      reason: pushes > 0 && isAutomatic(reason) ? "webhook" : reason,
      started_at: now,
      refs_total: 0,
    });
  });
}

/** Reads again with the new token when another sync has renewed it meanwhile, and git was refused with the old one. */
async function readWithFreshToken(context: SyncContext, signal: AbortSignal): Promise<void> {
  const { app, repository } = context;
  const remote = await remoteOf(app, repository);
  try {
    await syncFrom(context, remote, signal);
  } catch (error) {
    const renewed = await remoteAfter(app, repository, { remote, error });
    if (renewed === null) throw error;
    await syncFrom(context, renewed, signal);
  }
}

async function syncFrom(context: SyncContext, remote: Remote, signal: AbortSignal): Promise<void> {
  const { app, repository } = context;
  const list = await listRemoteRefs(context, remote, signal);
  const known = await listRefs(app.db, repository.id);
  const plan = await planSync({
    list,
    known,
    knownDefaultBranch: repository.default_branch,
    everything: repository.reading !== readingRules,
  });
  logBadRefs(context, plan);
  await refuseMassRemoval(context, plan);
  const result =
    plan.groups.length === 0
      ? { plan, packageName: repository.package_name }
      : await readAndRecord(context, { remote, list, known, plan, signal });
  const counts = await finishSync(context, { ...result, list });
  await logFinished(context, counts);
}

/** Fails as `invalid` for a repository without a usable ref, so that nothing is removed. */
async function listRemoteRefs(context: SyncContext, remote: Remote, signal: AbortSignal): Promise<RefList> {
  const { app, repository } = context;
  const list = await unlessAborted(app.git.listRefs(remote), signal);
  await pin(app, repository, list);
  await rememberMove(app, repository, list.movedTo);
  const [unusable] = list.unusable;
  if (list.refs.length === 0 && unusable)
    throw invalid(
      `None of the ${list.unusable.length} tags and branches can be used, the first because ${unusable.reason}. Nothing was removed.`,
      { code: "source_unusable" },
    );
  if (list.refs.length === 0)
    throw invalid("The repository has no branches and no tags. Nothing was removed.", {
      code: "source_empty",
    });
  return list;
}

async function logFinished({ app, repository, sync }: SyncContext, counts: SyncCounts): Promise<void> {
  const { added, updated, removed, skipped } = counts;
  const fields = { repository: repository.name, sync: sync.id };
  const isPoll = sync.reason === "poll";
  const hasChanges = added + updated + removed > 0;
  // Its webhook should have brought these changes.
  if (isPoll && hasChanges && (await findWebhook(app.db, repository.id)))
    app.log.warn("sync.reconcile_found", { ...fields, added, updated, removed });
  // With a poll every minute, those that found nothing would fill the log.
  app.log[isPoll && !hasChanges ? "debug" : "info"]("sync.done", { ...fields, added, skipped });
}

/** Writes one line for all of them: a server can name as many as it likes. */
function logBadRefs({ app, repository, sync }: SyncContext, { skipped }: SyncPlan): void {
  const bad = skipped.filter(({ reference }) => reference === null);
  const [first] = bad;
  if (!first) return;
  const fields = { repository: repository.name, sync: sync.id, count: bad.length };
  app.log.info("git.bad_ref", { ...fields, ref: excerpt(first.name), reason: first.reason });
}

async function pin(app: App, repository: Repository, list: RefList): Promise<void> {
  const host = sshHostOf(repository.url);
  if (host === null || list.hostKey === null) return;
  await pinHostKey(app.db, repository.organization_id, { host, hostKey: list.hostKey, now: app.now() });
}
