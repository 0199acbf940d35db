// One repository's refs → versions: list, plan, fetch once, read newest first, record in batches, remove what
// is gone. It can be cut off anywhere: what was recorded is complete, and the next sync takes up the rest.
import type { App } from "../../app.ts";
import { excerpt } from "../../composer/text.ts";
import { Failure, invalid } from "../../errors.ts";
import type { WorkFailure } from "../../jobs/queue.ts";
import type { RefList, Remote } from "../../git/mirror.ts";
import { claimDeliveries } from "../../store/webhooks/deliveries.ts";
import { pinHostKey } from "../../store/repositories/host-keys.ts";
import { getOrganizationById } from "../../store/organizations/organizations.ts";
import { listRefs } from "../../store/syncs/refs.ts";
import {
  findRepositoryById,
  updateRepository,
  type Repository,
} from "../../store/repositories/repositories.ts";
import { abandonSyncs, addSync } from "../../store/syncs/syncs.ts";
import { markSyncRequested } from "../../store/syncs/requests.ts";
import { findWebhook } from "../../store/webhooks/webhooks.ts";
import { deadlineAfter, startHeartbeat, unlessAborted } from "./heartbeat.ts";
import { refuseMassRemoval } from "./mass-removal.ts";
import { isCancelled, settleCancelled } from "./cancel.ts";
import { failSync } from "./fail.ts";
import { finishSync } from "./finish.ts";
import { checkAfterRefusal, rememberMove } from "../forges/renames.ts";
import { planSync, readingRules, type SyncPlan } from "./plan.ts";
import { readAndRecord } from "./read-and-record.ts";
import type { SyncContext } from "./record-batch.ts";
import { remoteAfter, remoteOf, sshHostOf } from "../repositories/remotes.ts";

/** What asks when nobody does: a push that came meanwhile is the better reason. */
const byItself = new Set(["poll", "resumed"]);

export type SyncRequest = { repositoryId: string; reason: string };

/**
 * Queues a sync durably; a second request joins the one that waits, a consent to removals stays with the repository.
 * When it cannot be queued it fails, and is queued later all the same.
 */
export async function requestSync(
  app: App,
  repository: Repository,
  { reason, confirmRemovals = false }: { reason: string; confirmRemovals?: boolean },
): Promise<void> {
  await markSyncRequested(app.db, repository.id, {
    expectedBy: deadlineAfter(app.now()),
    confirmRemovals,
    isQuiet: reason === "poll",
  });
  await enqueueSync(app, { repositoryId: repository.id, reason });
}

/** For what stands in the database already: of one repository one waits and one runs, however many ask. */
export async function enqueueSync(app: App, { repositoryId, reason }: SyncRequest): Promise<void> {
  const priority = byItself.has(reason) ? 20 : 10;
  await app.jobs.enqueue(
    "sync-repository",
    { repositoryId, reason },
    { key: `sync:${repositoryId}`, priority },
  );
}

/** Does it now. What goes wrong is kept with the sync and the repository, and answered; only a bug is thrown. */
export async function syncRepository(
  app: App,
  request: SyncRequest,
  signal: AbortSignal,
): Promise<WorkFailure | void> {
  const repository = await findRepositoryById(app.db, request.repositoryId);
  if (!repository) return;
  if (isCancelled(repository)) return settleCancelled(app, repository);
  const now = app.now();
  const sync = await app.db.transaction(async (db) => {
    await abandonSyncs(db, repository.id, now);
    await updateRepository(db, repository.id, {
      state: "syncing",
      sync_asked: 0,
      expected_by: deadlineAfter(now),
    });
    const id = Bun.randomUUIDv7();
    const pushes = await claimDeliveries(db, { repositoryId: repository.id, syncId: id });
    return addSync(db, {
      id,
      organization_id: repository.organization_id,
      repository_id: repository.id,
      reason: pushes > 0 && byItself.has(request.reason) ? "webhook" : request.reason,
      started_at: now,
      refs_total: 0,
    });
  });
  const heard = startHeartbeat(app, repository.id);
  // A poll finds nothing nearly always; whoever asks has a reason.
  const prepared = sync.reason === "poll" ? null : app.git.prepare();
  try {
    const organization = await getOrganizationById(app.db, repository.organization_id);
    await mirror({ app, organization, repository, sync }, AbortSignal.any([signal, heard.cancelled]));
  } catch (error) {
    if (heard.cancelled.aborted) return await settleCancelled(app, repository);
    // The process stops, or another one has the job by now: the sync is not over.
    if (signal.aborted) throw error;
    const reason = await failSync({ app, repository, sync }, error);
    if (!(error instanceof Failure)) throw error;
    await checkAfterRefusal(app, repository, error);
    return { failed: reason };
  } finally {
    heard.stop();
    prepared?.close();
  }
}

/** A token that another sync had renewed meanwhile is no reason to fail. */
async function mirror(recording: SyncContext, signal: AbortSignal): Promise<void> {
  const { app, repository } = recording;
  const remote = await remoteOf(app, repository);
  try {
    await mirrorFrom(recording, remote, signal);
  } catch (error) {
    const renewed = await remoteAfter(app, repository, { remote, error });
    if (renewed === null) throw error;
    await mirrorFrom(recording, renewed, signal);
  }
}

async function mirrorFrom(recording: SyncContext, remote: Remote, signal: AbortSignal): Promise<void> {
  const { app, repository, sync } = recording;
  const listing = unlessAborted(app.git.listRefs(remote), signal);
  const list = await listing.catch((error: unknown) => {
    throw withCommand(error, recording);
  });
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
  const known = await listRefs(app.db, repository.id);
  const plan = planSync({
    list,
    known,
    knownDefaultBranch: repository.default_branch,
    everything: repository.reading !== readingRules,
  });
  logBadRefs(recording, plan);
  await refuseMassRemoval(recording, plan);
  const done =
    plan.groups.length === 0
      ? { plan, packageName: repository.package_name }
      : await readAndRecord(recording, { remote, list, known, plan, signal });
  await finishSync(recording, { ...done, list });
  if (sync.reason === "poll") await tellMissed(recording);
  // A registry polls every minute where people push: what found nothing would fill the log.
  const level = sync.reason === "poll" && !hasChanged(sync) ? "debug" : "info";
  const { added, skipped } = sync;
  app.log[level]("sync.done", { repository: repository.name, sync: sync.id, added, skipped });
}

function hasChanged({ added, updated, removed }: SyncContext["sync"]): boolean {
  return added + updated + removed > 0;
}

/** A webhook that did not tell of it may have been told while nobody listened. */
async function tellMissed({ app, repository, sync }: SyncContext): Promise<void> {
  const { added, updated, removed } = sync;
  if (!hasChanged(sync) || !(await findWebhook(app.db, repository.id))) return;
  const found = { added, updated, removed };
  app.log.warn("sync.reconcile_found", { repository: repository.name, sync: sync.id, ...found });
}

/** git does not know our commands. */
function withCommand(error: unknown, { organization, repository }: SyncContext): unknown {
  if (!(error instanceof Failure) || error.code !== "ssh_hostkey_changed") return error;
  const command = `pricore repo forget-host-key --org ${organization.slug} ${repository.name}`;
  const remedy = `If the server's owner confirms the new key, run: ${command}`;
  return new Failure(error.kind, error.message, { code: error.code, remedy });
}

/** One line for all of them: a server can name as many as it likes. */
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
