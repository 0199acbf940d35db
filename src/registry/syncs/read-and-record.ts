// The middle of a sync: one fetch of what is new, each ref read newest first, and recorded in batches.
import { publishedName } from "../../composer/package-name.ts";
import { Failure } from "../../errors.ts";
import type { RefList, Remote } from "../../git/mirror.ts";
import type { Mirror } from "../../reading/mirror.ts";
import type { RefRow } from "../../store/schema.ts";
import { updateSync } from "../../store/syncs/syncs.ts";
import { planSync, type SyncPlan } from "./plan.ts";
import { readGroup, type GroupOutcome, type ReadContext } from "./read-group.ts";
import type { SyncContext } from "./context.ts";
import { recordBatch } from "./record-batch.ts";

/** How many groups are read ahead of the one being recorded. */
const readAhead = 4;
/** A transaction is written for so many groups, or after so long. */
const batchGroups = 50;
const batchMs = 1000;
/**
 * Each transaction writes all documents of the package, so the next one comes later the longer the last one took: of a
 * large package most of the time goes into reading. A batch in memory may grow until then, up to so many bytes.
 */
const pauseFactor = 4;
const maxBatchBytes = 64 * 1024 * 1024;

type Reading = { remote: Remote; list: RefList; known: RefRow[]; plan: SyncPlan; signal: AbortSignal };

export async function readAndRecord(
  context: SyncContext,
  reading: Reading,
): Promise<{ plan: SyncPlan; packageName: string | null }> {
  const { app, repository, sync } = context;
  const { mirror, plan, packageName } = await openPlanned(context, reading);
  try {
    sync.refs_total = plan.groups.reduce((sum, group) => sum + group.candidates.length, 0);
    await updateSync(app.db, sync.id, { refs_total: sync.refs_total });
    const isFirstRead = repository.first_read_at === null;
    const readContext = { app, repository, mirror, packageName, isFirstRead, archives: new Map() };
    await recordInBatches(context, { readContext, plan, signal: reading.signal });
    return { plan, packageName };
  } finally {
    await mirror.close();
  }
}

type Opened = { mirror: Mirror; plan: SyncPlan; packageName: string | null };

/** A new name on the default branch applies to every version: everything is then planned and fetched anew. */
async function openPlanned({ app, repository }: SyncContext, reading: Reading): Promise<Opened> {
  const { remote, list, known, plan, signal } = reading;
  const open = (plan: SyncPlan) => app.git.openMirror(remote, refsOf(plan), { signal });
  const main = plan.groups.flatMap((group) => group.candidates).find((each) => each.isDefaultBranch);
  const mirror = await open(plan);
  try {
    const declaredName = main ? await nameAt(mirror, main.reference) : null;
    const packageName = declaredName ?? repository.package_name;
    if (declaredName === null || declaredName === repository.package_name || known.length === 0)
      return { mirror, plan, packageName };
    const whole = await planSync({
      list,
      known,
      knownDefaultBranch: repository.default_branch,
      everything: true,
    });
    await mirror.close();
    return { mirror: await open(whole), plan: whole, packageName };
  } catch (error) {
    await mirror.close();
    throw error;
  }
}

/** What the default branch's composer.json calls the package; null when it cannot be read or has no name. */
async function nameAt(mirror: Mirror, reference: string): Promise<string | null> {
  try {
    const { composerJson } = await mirror.snapshot(reference);
    const declaredName = composerJson && "manifest" in composerJson ? composerJson.manifest.name : null;
    const published = declaredName === null ? null : publishedName(declaredName);
    return published && "name" in published ? published.name : null;
  } catch (error) {
    if (error instanceof Failure && error.kind === "invalid") return null;
    throw error;
  }
}

async function recordInBatches(
  context: SyncContext,
  { readContext, plan, signal }: { readContext: ReadContext; plan: SyncPlan; signal: AbortSignal },
): Promise<void> {
  const { app, sync } = context;
  const reading: Promise<GroupOutcome>[] = [];
  let batch: GroupOutcome[] = [];
  let since = performance.now();
  let lastMs = 0;
  let bytes = 0;
  for (const [index, group] of plan.groups.entries()) {
    signal.throwIfAborted();
    while (reading.length < plan.groups.length && reading.length < index + readAhead) {
      const next = readGroup(readContext, plan.groups[reading.length] ?? group);
      next.catch(() => {}); // Awaited in its turn; until then a failure is not "unhandled".
      reading.push(next);
    }
    const outcome = await (reading[index] ?? readGroup(readContext, group));
    delete reading[index];
    batch.push(outcome);
    bytes += outcome.accepted?.sizeBytes ?? 0;
    const isLast = index === plan.groups.length - 1;
    const waitedMs = performance.now() - since;
    const isFull = (batch.length >= batchGroups || waitedMs >= batchMs) && waitedMs >= pauseFactor * lastMs;
    if (!isLast && !isFull && bytes < maxBatchBytes) continue;
    // All is read: the git process can end while the database is written. readAndRecord closes it again, and waits.
    if (isLast) readContext.mirror.close().catch(() => {});
    const recordedFrom = performance.now();
    await recordBatch(context, batch);
    lastMs = performance.now() - recordedFrom;
    if (isLast) return;
    await updateSync(app.db, sync.id, { current_ref: plan.groups[index + 1]?.candidates[0]?.name ?? null });
    batch = [];
    bytes = 0;
    since = performance.now();
  }
}

function refsOf(plan: SyncPlan) {
  return plan.groups.flatMap((group) => group.candidates);
}
