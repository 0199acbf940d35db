// The last transaction of a sync: what is gone leaves the documents, and the repository is proven fresh.
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
import { endSync } from "../../store/syncs/requests.ts";
import type { RefRow } from "../../store/schema.ts";
import { addSyncRefs, updateSync } from "../../store/syncs/syncs.ts";
import { removeVersions } from "../../store/packages/versions.ts";
import { deadlineAfter } from "./heartbeat.ts";
import { readingRules, type SkippedRef, type SyncPlan } from "./plan.ts";
import { nextDelayMs } from "./poll-interval.ts";
import { publishPackage, publishRoot } from "../packages/publish.ts";
import type { SyncContext } from "./record-batch.ts";

export type Finished = { plan: SyncPlan; list: RefList; packageName: string | null };

/**
 * Fails as `invalid` when no ref gives a version any more: what was published before is then kept until somebody
 * confirms.
 */
export async function finishSync(recording: SyncContext, finished: Finished): Promise<void> {
  const { app, organization, repository, sync } = recording;
  const { plan, list, packageName } = finished;
  const now = app.now();
  const removed = plan.removedVersionIds.length;
  const skipped = sync.skipped + plan.skipped.length;
  const isEmpty = await app.db.transaction(async (db) => {
    const polled = await nextPoll(recording, db, sync.added + sync.updated + removed > 0);
    await removeVersions(db, plan.removedVersionIds, now);
    await removeRefs(db, repository.id, plan.gone);
    await putRefs(
      db,
      plan.skipped.map((ref) => rowOf(recording, ref)),
    );
    await addSyncRefs(db, [
      ...plan.skipped.map((ref) => ({
        ...looked(recording, ref),
        outcome: "skipped" as const,
        reason: ref.reason,
        code: ref.code,
      })),
      ...plan.gone.map((ref) => ({
        ...looked(recording, ref),
        outcome: "removed" as const,
        reason: null,
        code: null,
      })),
    ]);
    let rootChanged = false;
    for (const pkg of await packagesToPublish(recording, db, finished))
      if (await publishPackage(app, db, { organization, pkg })) rootChanged = true;
    if (rootChanged) await publishRoot(app, db, organization);
    const told = { organizationId: organization.id, actor: "system", subject: repository.name, now };
    const changes = { added: sync.added, updated: sync.updated, removed };
    if (sync.added + sync.updated + removed > 0)
      await addActivity(db, { ...told, action: "repository.synced", details: changes });
    const changed = sync.added + sync.updated + removed + skipped > 0;
    const outcome = changed ? "changed" : "unchanged";
    if ((await countPublishedRefs(db, repository.id)) === 0) {
      if (removed > 0 && repository.removals_confirmed === 0) throw nothingLeft(recording);
      return true;
    }
    await updateSync(db, sync.id, {
      state: "done",
      outcome,
      removed,
      skipped,
      left_out: await countLeftOut(db, repository.id),
      current_ref: null,
      finished_at: now,
    });
    await endSync(db, repository.id, {
      ...remembered(repository, { list, packageName, now }),
      ...consumed(repository),
      state: "fresh",
      expectedBy: deadlineAfter(now),
      error: null,
      error_code: null,
      failures: 0,
      last_synced_at: now,
      last_proven_fresh_at: now,
      ...polled,
    });
    return false;
  });
  sync.removed = removed;
  sync.skipped = skipped;
  if (!isEmpty) return;
  await updateSync(app.db, sync.id, { removed, skipped });
  await updateRepository(app.db, repository.id, remembered(repository, { list, packageName, now }));
  throw invalid(await nothingPublished(recording), { code: "nothing_published" });
}

/** Soon where people push without being told of it; never in the pause that the server has asked for meanwhile. */
async function nextPoll({ app, repository, sync }: SyncContext, db: Db, isChanged: boolean) {
  const now = app.now();
  const row = await findRepositoryById(db, repository.id);
  const isFound = isChanged && sync.reason !== "webhook";
  const activeAt = isFound ? now : (row?.active_at ?? null);
  const pace = { intervalMs: app.config.syncIntervalMs, now };
  const delayMs = await nextDelayMs(db, { id: repository.id, activeAt }, pace);
  return { active_at: activeAt, next_poll_at: Math.max(now + delayMs, row?.rests_until ?? 0) };
}

/** A consent to removals is for one sync: the one that found it when it began. */
export function consumed(repository: Repository): Partial<Repository> {
  return repository.removals_confirmed === 1 ? { removals_confirmed: 0 } : {};
}

type Read = { list: RefList; packageName: string | null; now: number };

function remembered({ first_read_at }: Repository, { list, packageName, now }: Read) {
  return {
    default_branch: list.defaultBranch,
    package_name: packageName,
    first_read_at: first_read_at ?? now,
    reading: readingRules,
  };
}

/** Those that lost a version, and those that were renamed by this sync. */
async function packagesToPublish(
  { repository }: SyncContext,
  db: Db,
  { plan, packageName }: Finished,
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
  return invalid("No tag or branch gives a version any more. Everything that was published was kept.", {
    code: "removals_unconfirmed",
    remedy: `Mend composer.json; or, if that is meant, run: pricore sync --org ${organization.slug} ${repository.name} --confirm-removals`,
  });
}

/** The most telling reason of all its refs. */
async function nothingPublished({ app, repository }: SyncContext): Promise<string> {
  const refs = await listRefs(app.db, repository.id);
  const held = refs.find((ref) => ref.code === "held");
  const reason = held?.reason ?? refs.find((ref) => ref.reason)?.reason;
  const head = held
    ? "Nothing was published, because another repository has the name."
    : "No valid composer.json was found in any branch or tag.";
  return reason ? `${head} ${reason}` : head;
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

function looked({ sync }: SyncContext, { kind, name }: Pick<RefRow, "kind" | "name">) {
  return { sync_id: sync.id, kind, name };
}
