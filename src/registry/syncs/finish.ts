// The last transaction of a sync: versions that are gone leave the documents, and the repository is up to date.
import { refReason } from "../../composer/refs.ts";
import { invalid, type Failure } from "../../errors.ts";
import type { RefList } from "../../git/mirror.ts";
import { addActivity } from "../../store/organizations/activity.ts";
import type { Db } from "../../store/engine/database.ts";
import {
  countLeftOut,
  listPackagesOfRepository,
  updatePackage,
  type Package,
} from "../../store/packages/packages.ts";
import { countPublishedRefs, listRefs, putRefs, removeRefs } from "../../store/syncs/refs.ts";
import {
  findRepositoryById,
  updateRepository,
  type Repository,
} from "../../store/repositories/repositories.ts";
import { markFinished } from "../../store/syncs/requests.ts";
import type { RefRow } from "../../store/schema.ts";
import { addSyncRefs, updateSync, type Sync } from "../../store/syncs/syncs.ts";
import { removeVersions } from "../../store/packages/versions.ts";
import { deadlineAfter } from "../sync-requests.ts";
import { readingRules, type SkippedRef, type SyncPlan } from "./plan.ts";
import { nextDelayMs } from "./poll-interval.ts";
import { publishPackage, publishRoot } from "../packages/publish.ts";
import type { SyncContext } from "./context.ts";

type ReadResult = { plan: SyncPlan; list: RefList; packageName: string | null };
export type SyncCounts = Pick<Sync, "added" | "updated" | "removed" | "skipped">;

type Ending = ReadResult & { counts: SyncCounts; now: number };

/**
 * Returns what the sync has changed. Fails as `invalid` when no ref gives a version any more: what was published before
 * is then kept until somebody confirms.
 */
export async function finishSync(context: SyncContext, result: ReadResult): Promise<SyncCounts> {
  const { app, repository, sync } = context;
  const { plan } = result;
  const removed = plan.removedVersionIds.length;
  const skipped = sync.skipped + plan.skipped.length;
  const counts = { added: sync.added, updated: sync.updated, removed, skipped };
  const ending = { ...result, counts, now: app.now() };
  const outcome = await app.db.transaction(async (db) => {
    await closeRefs(context, db, ending);
    await publishChanged(context, db, ending);
    return settle(context, db, ending);
  });
  if (outcome === "finished") return counts;
  await updateSync(app.db, sync.id, { removed, skipped });
  await updateRepository(app.db, repository.id, readState(repository, ending));
  throw invalid(await nothingPublished(context), { code: "nothing_published" });
}

/** Removes the refs and versions that are gone, and records the refs whose name alone gives no version. */
async function closeRefs(context: SyncContext, db: Db, { plan, now }: Ending): Promise<void> {
  await removeVersions(db, plan.removedVersionIds, now);
  await removeRefs(db, context.repository.id, plan.gone);
  await putRefs(
    db,
    plan.skipped.map((ref) => rowOf(context, ref)),
  );
  await addSyncRefs(db, [
    ...plan.skipped.map((ref) => ({
      ...syncRefOf(context, ref),
      outcome: "skipped" as const,
      reason: ref.reason,
      code: ref.code,
    })),
    ...plan.gone.map((ref) => ({
      ...syncRefOf(context, ref),
      outcome: "removed" as const,
      reason: null,
      code: null,
    })),
  ]);
}

/** Writes the documents of the packages that lost a version or were renamed, and the activity. */
async function publishChanged(context: SyncContext, db: Db, ending: Ending): Promise<void> {
  const { app, organization, repository } = context;
  let rootChanged = false;
  for (const pkg of await packagesToPublish(context, db, ending))
    if (await publishPackage(app, db, { organization, pkg })) rootChanged = true;
  if (rootChanged) await publishRoot(app, db, organization);
  if (!hasChanges(ending.counts)) return;
  const { added, updated, removed } = ending.counts;
  await addActivity(db, {
    organizationId: organization.id,
    actor: "system",
    action: "repository.synced",
    subject: repository.name,
    details: { added, updated, removed },
    now: ending.now,
  });
}

/** Ends the sync, unless the repository is empty now. Throws where that must also undo the transaction. */
async function settle(context: SyncContext, db: Db, ending: Ending): Promise<"finished" | "empty"> {
  const { repository, sync } = context;
  const { counts, now } = ending;
  const { removed, skipped } = counts;
  if ((await countPublishedRefs(db, repository.id)) === 0) {
    if (removed > 0 && repository.removals_confirmed === 0) throw nothingLeft(context);
    return "empty";
  }
  await updateSync(db, sync.id, {
    state: "done",
    outcome: hasChanges(counts) || skipped > 0 ? "changed" : "unchanged",
    removed,
    skipped,
    left_out: await countLeftOut(db, repository.id),
    current_ref: null,
    finished_at: now,
  });
  await markFinished(db, repository.id, {
    ...readState(repository, ending),
    ...consumed(repository),
    state: "fresh",
    deadline: deadlineAfter(now),
    error: null,
    error_code: null,
    failures: 0,
    last_synced_at: now,
    last_proven_fresh_at: now,
    ...(await nextPoll(context, db, hasChanges(counts))),
  });
  return "finished";
}

function hasChanges({ added, updated, removed }: SyncCounts): boolean {
  return added + updated + removed > 0;
}

/** Early where people push and no webhook says so; never within the pause that the server has requested meanwhile. */
async function nextPoll({ app, repository, sync }: SyncContext, db: Db, hasChanged: boolean) {
  const now = app.now();
  const row = await findRepositoryById(db, repository.id);
  const isUnannounced = hasChanged && sync.reason !== "webhook";
  const activeAt = isUnannounced ? now : (row?.active_at ?? null);
  const pace = { intervalMs: app.config.syncIntervalMs, now };
  const delayMs = await nextDelayMs(db, { id: repository.id, activeAt }, pace);
  return { active_at: activeAt, next_poll_at: Math.max(now + delayMs, row?.rests_until ?? 0) };
}

/** A consent to removals is for one sync: the one that found it at its start. */
export function consumed(repository: Repository): Partial<Repository> {
  return repository.removals_confirmed === 1 ? { removals_confirmed: 0 } : {};
}

/** What the next sync has to know about this reading. */
function readState({ first_read_at }: Repository, { list, packageName, now }: Ending) {
  return {
    default_branch: list.defaultBranch,
    package_name: packageName,
    first_read_at: first_read_at ?? now,
    reading: readingRules,
  };
}

/** The packages that lost a version, and those that this sync has renamed. */
async function packagesToPublish(
  { repository }: SyncContext,
  db: Db,
  { plan, packageName }: Ending,
): Promise<Package[]> {
  const held = await listPackagesOfRepository(db, repository.id);
  const renamed = held.filter((pkg) => isRenamed(pkg, { packageName, before: repository.package_name }));
  for (const pkg of renamed) {
    await updatePackage(db, pkg.id, { renamed_to: packageName });
    pkg.renamed_to = packageName;
  }
  return plan.removedVersionIds.length > 0 ? held : renamed;
}

function isRenamed(pkg: Package, names: { packageName: string | null; before: string | null }): boolean {
  if (names.packageName === null || names.packageName === names.before) return false;
  return pkg.name !== names.packageName && pkg.renamed_to !== names.packageName;
}

function nothingLeft({ organization, repository }: SyncContext): Failure {
  return invalid("No tag or branch contains a valid version any more. Everything published was kept.", {
    code: "removals_unconfirmed",
    advice: "Fix composer.json, or confirm the removal.",
    remedy: { do: "confirm-removals", organization: organization.slug, repository: repository.name },
  });
}

/** The most helpful reason among all refs. */
async function nothingPublished({ app, repository }: SyncContext): Promise<string> {
  const refs = await listRefs(app.db, repository.id);
  const held = refs.find((ref) => ref.code === "held");
  const telling = held ?? refs.find((ref) => ref.reason);
  const head = held
    ? "Nothing was published because another repository uses the package name."
    : "No valid composer.json was found in any branch or tag.";
  return telling?.reason ? `${head} ${refReason(telling, telling.reason)}` : head;
}

function rowOf({ app, repository }: SyncContext, ref: SkippedRef): RefRow {
  return {
    repository_id: repository.id,
    kind: ref.kind,
    name: ref.name,
    reference: ref.reference ?? "",
    outcome: "skipped",
    reason: ref.reason,
    code: ref.code,
    package_name: null,
    version_id: null,
    updated_at: app.now(),
  };
}

function syncRefOf({ sync }: SyncContext, { kind, name }: Pick<RefRow, "kind" | "name">) {
  return { sync_id: sync.id, kind, name };
}
