// One repository's refs → versions: list, plan, fetch once, read newest first, record in batches, remove what
// is gone. It can be cut off anywhere: what was recorded is complete, and the next sync takes up the rest.
import type { App } from "../app.ts";
import { excerpt } from "../composer/text.ts";
import { Failure, invalid } from "../errors.ts";
import type { Mirror, RefList, Remote } from "../git/mirror.ts";
import { takeUpDeliveries } from "../store/deliveries.ts";
import { pinHostKey } from "../store/host-keys.ts";
import { getOrganizationById } from "../store/organizations.ts";
import { listRefs } from "../store/refs.ts";
import {
  findRepositoryById,
  markSyncAsked,
  updateRepository,
  type Repository,
} from "../store/repositories.ts";
import type { RefRow } from "../store/schema.ts";
import { abandonSyncs, addSync, updateSync } from "../store/syncs.ts";
import { findWebhook } from "../store/webhooks.ts";
import { expectedBy, keepHeard, unlessAborted } from "./being-heard.ts";
import { brake } from "./brake.ts";
import { isCancelled, settleCancelled } from "./cancel-sync.ts";
import { failSync } from "./fail-sync.ts";
import { finishSync } from "./finish-sync.ts";
import { lookAfterRefusal, rememberMove } from "./look-at-forge.ts";
import { planSync, type SyncPlan } from "./plan-sync.ts";
import { nameAt, readGroup, type GroupOutcome, type SyncContext } from "./read-group.ts";
import { recordBatch, type Recording } from "./record-batch.ts";
import { remoteAfter, remoteOf, sshHostOf } from "./remotes.ts";

/** What asks when nobody does: a push that came meanwhile is the better reason. */
const byItself = new Set(["poll", "resumed"]);

export type SyncRequest = { repositoryId: string; reason: string };

/** How many groups are read ahead of the one being recorded, and how large a transaction may grow. */
const readAhead = 4;
const batchGroups = 50;
const batchMs = 1000;

/**
 * Queues a sync durably; a second request joins the one that waits, a consent to removals stays with the repository.
 * When it cannot be queued it fails, and is queued later all the same.
 */
export async function requestSync(
  app: App,
  repository: Repository,
  { reason, confirmRemovals = false }: { reason: string; confirmRemovals?: boolean },
): Promise<void> {
  await markSyncAsked(app.db, repository.id, {
    expectedBy: expectedBy(app.now()),
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

/** Does it now. What goes wrong is kept with the sync and the repository; only a bug is thrown. */
export async function syncRepository(app: App, request: SyncRequest, signal: AbortSignal): Promise<void> {
  const repository = await findRepositoryById(app.db, request.repositoryId);
  if (!repository) return;
  if (isCancelled(repository)) return settleCancelled(app, repository);
  const now = app.now();
  const sync = await app.db.transaction(async (db) => {
    await abandonSyncs(db, repository.id, now);
    await updateRepository(db, repository.id, {
      state: "syncing",
      sync_asked: 0,
      expected_by: expectedBy(now),
    });
    const id = Bun.randomUUIDv7();
    const pushes = await takeUpDeliveries(db, { repositoryId: repository.id, syncId: id });
    return addSync(db, {
      id,
      organization_id: repository.organization_id,
      repository_id: repository.id,
      reason: pushes > 0 && byItself.has(request.reason) ? "webhook" : request.reason,
      started_at: now,
      refs_total: 0,
    });
  });
  const heard = keepHeard(app, repository.id);
  // A poll finds nothing nearly always; whoever asks has a reason.
  const prepared = sync.reason === "poll" ? null : app.git.prepare();
  try {
    const organization = await getOrganizationById(app.db, repository.organization_id);
    await mirror({ app, organization, repository, sync }, AbortSignal.any([signal, heard.cancelled]));
  } catch (error) {
    if (heard.cancelled.aborted) return await settleCancelled(app, repository);
    // The process stops, or another one has the job by now: the sync is not over.
    if (signal.aborted) throw error;
    await failSync({ app, repository, sync }, error);
    if (error instanceof Failure) await lookAfterRefusal(app, repository, error);
    if (!(error instanceof Failure)) throw error;
  } finally {
    heard.stop();
    prepared?.close();
  }
}

/** A token that another sync had renewed meanwhile is no reason to fail. */
async function mirror(recording: Recording, signal: AbortSignal): Promise<void> {
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

async function mirrorFrom(recording: Recording, remote: Remote, signal: AbortSignal): Promise<void> {
  const { app, repository, sync } = recording;
  const listing = unlessAborted(app.git.listRefs(remote), signal);
  const list = await listing.catch((error: unknown) => {
    throw withCommand(error, recording);
  });
  await pin(app, repository, list);
  await rememberMove(app, repository, list.movedTo);
  if (list.refs.length === 0)
    throw invalid("The repository has no branches and no tags. Nothing was removed.", {
      code: "source_empty",
    });
  const known = await listRefs(app.db, repository.id);
  const plan = planSync({ list, known, knownDefaultBranch: repository.default_branch });
  logBadRefs(recording, plan);
  await brake(recording, plan);
  const done =
    plan.groups.length === 0
      ? { plan, packageName: repository.package_name }
      : await readAndRecord(recording, { remote, list, known, plan, signal });
  await finishSync(recording, { ...done, list });
  if (sync.reason === "poll") await tellMissed(recording);
  app.log.info("sync.done", {
    repository: repository.name,
    sync: sync.id,
    added: sync.added,
    skipped: sync.skipped,
  });
}

/** A webhook that did not tell of it may have been told while nobody listened. */
async function tellMissed({ app, repository, sync }: Recording): Promise<void> {
  const { added, updated, removed } = sync;
  if (added + updated + removed === 0 || !(await findWebhook(app.db, repository.id))) return;
  const found = { added, updated, removed };
  app.log.warn("sync.reconcile_found", { repository: repository.name, sync: sync.id, ...found });
}

/** git does not know our commands. */
function withCommand(error: unknown, { organization, repository }: Recording): unknown {
  if (!(error instanceof Failure) || error.code !== "ssh_hostkey_changed") return error;
  const command = `pricore repo forget-host-key --org ${organization.slug} ${repository.name}`;
  const remedy = `If the server's owner confirms the new key, run: ${command}`;
  return new Failure(error.kind, error.message, { code: error.code, remedy });
}

type Reading = { remote: Remote; list: RefList; known: RefRow[]; plan: SyncPlan; signal: AbortSignal };

async function readAndRecord(
  recording: Recording,
  reading: Reading,
): Promise<{ plan: SyncPlan; packageName: string | null }> {
  const { app, repository, sync } = recording;
  const { mirror, plan, packageName } = await openPlanned(recording, reading);
  try {
    sync.refs_total = plan.groups.reduce((sum, group) => sum + group.candidates.length, 0);
    await updateSync(app.db, sync.id, { refs_total: sync.refs_total });
    const context = { app, repository, mirror, packageName, archives: new Map() };
    await recordInBatches(recording, { context, plan, signal: reading.signal });
    return { plan, packageName };
  } finally {
    await mirror.close();
  }
}

type Opened = { mirror: Mirror; plan: SyncPlan; packageName: string | null };

/** A new name on the default branch holds for every version: then everything is planned and fetched anew. */
async function openPlanned({ app, repository }: Recording, reading: Reading): Promise<Opened> {
  const { remote, list, known, plan } = reading;
  const { signal } = reading;
  const open = (plan: SyncPlan) => app.git.openMirror(remote, refsOf(plan), { signal });
  const main = plan.groups.flatMap((group) => group.candidates).find((each) => each.isDefaultBranch);
  const mirror = await open(plan);
  try {
    const said = main ? await nameAt(mirror, main.reference) : null;
    const packageName = said ?? repository.package_name;
    if (said === null || said === repository.package_name || known.length === 0)
      return { mirror, plan, packageName };
    const whole = planSync({ list, known, knownDefaultBranch: repository.default_branch, everything: true });
    await mirror.close();
    return { mirror: await open(whole), plan: whole, packageName };
  } catch (error) {
    await mirror.close();
    throw error;
  }
}

async function recordInBatches(
  recording: Recording,
  { context, plan, signal }: { context: SyncContext; plan: SyncPlan; signal: AbortSignal },
): Promise<void> {
  const { app, sync } = recording;
  const reading: Promise<GroupOutcome>[] = [];
  let batch: GroupOutcome[] = [];
  let since = performance.now();
  for (const [index, group] of plan.groups.entries()) {
    signal.throwIfAborted();
    while (reading.length < plan.groups.length && reading.length < index + readAhead) {
      const next = readGroup(context, plan.groups[reading.length] ?? group);
      next.catch(() => {}); // Awaited in its turn; until then a failure is not "unhandled".
      reading.push(next);
    }
    batch.push(await (reading[index] ?? readGroup(context, group)));
    const isLast = index === plan.groups.length - 1;
    if (!isLast && batch.length < batchGroups && performance.now() - since < batchMs) continue;
    // All is read: the process goes while the database is written. Whoever opened it closes it again, and waits.
    if (isLast) context.mirror.close().catch(() => {});
    await recordBatch(recording, batch);
    if (isLast) return;
    await updateSync(app.db, sync.id, { current_ref: plan.groups[index + 1]?.candidates[0]?.name ?? null });
    batch = [];
    since = performance.now();
  }
}

function refsOf(plan: SyncPlan) {
  return plan.groups.flatMap((group) => group.candidates);
}

/** One line for all of them: a server can name as many as it likes. */
function logBadRefs({ app, repository, sync }: Recording, { skipped }: SyncPlan): void {
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
