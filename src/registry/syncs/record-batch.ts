// One transaction of a sync: versions, archives' rows, refs with their outcome, activity, and the documents.
import { refReason } from "../../composer/refs.ts";
import { fieldOf } from "../../composer/manifest.ts";
import { vendorOf } from "../../composer/name.ts";
import { manifestText } from "../../composer/stored-manifest.ts";
import { conflict } from "../../errors.ts";
import type { Db } from "../../store/engine/database.ts";
import { addDist } from "../../store/packages/dists.ts";
import type { Organization } from "../../store/organizations/organizations.ts";
import { addPackage, findPackage, updatePackage, type Package } from "../../store/packages/packages.ts";
import { addReadme } from "../../store/packages/readmes.ts";
import { putRefs } from "../../store/syncs/refs.ts";
import type { Repository } from "../../store/repositories/repositories.ts";
import type { RefRow, SyncRefRow } from "../../store/schema.ts";
import { addSyncRefs, updateSync, type Sync } from "../../store/syncs/syncs.ts";
import { addVendor } from "../../store/organizations/vendors.ts";
import { findVersion, findVersionById, putVersion } from "../../store/packages/versions.ts";
import { notesSummary, storedNotes } from "../packages/notes.ts";
import { publishPackage, publishRoot } from "../packages/publish.ts";
import { recordMovedTags } from "./moved-tags.ts";
import type { AcceptedVersion, GroupOutcome, SkippedCandidate } from "./read-group.ts";
import type { SyncContext } from "./context.ts";

/** Adds to the counts of `context.sync`. */
export async function recordBatch(context: SyncContext, outcomes: GroupOutcome[]): Promise<void> {
  const { app, organization, sync } = context;
  const counts = { ...sync };
  await app.db.transaction(async (db) => {
    Object.assign(counts, sync);
    const touched = new Map<string, Package>();
    const refs: RefRow[] = [];
    const syncRefs: SyncRefRow[] = [];
    let rootChanged = false;
    for (const { accepted, skipped } of outcomes) {
      if (accepted) {
        const { pkg, ref, outcome, claimed } = await recordVersion(context, db, accepted);
        touched.set(pkg.id, pkg);
        refs.push(ref);
        syncRefs.push({ ...syncRefOf(sync, ref), outcome, reason: ref.reason, code: null });
        rootChanged ||= claimed;
        if (outcome !== "unchanged") counts[outcome] += 1;
      }
      for (const each of skipped) {
        const ref = skippedRow(context, each);
        refs.push(ref);
        syncRefs.push({ ...syncRefOf(sync, ref), outcome: "skipped", reason: each.reason, code: each.code });
      }
      counts.refs_done += skipped.length + (accepted ? 1 : 0);
      counts.skipped += skipped.length;
    }
    await recordMovedTags(
      context,
      db,
      outcomes.flatMap(({ skipped }) => skipped),
    );
    await putRefs(db, refs);
    await addSyncRefs(db, syncRefs);
    for (const pkg of touched.values())
      if (await publishPackage(app, db, { organization, pkg })) rootChanged = true;
    if (rootChanged) await publishRoot(app, db, organization);
    const { added, updated, refs_done, skipped } = counts;
    await updateSync(db, sync.id, { added, updated, refs_done, skipped });
  });
  Object.assign(sync, counts);
  logBlocked(context, outcomes);
}

const blocked = { held: "package.squat_blocked", moved: "version.reuse_blocked" } as const;

/** Logs one line for each kind: a repository may have a thousand such tags. */
function logBlocked({ app, organization, repository }: SyncContext, outcomes: GroupOutcome[]): void {
  const skipped = outcomes.flatMap((outcome) => outcome.skipped);
  for (const code of ["held", "moved"] as const) {
    const refs = skipped.filter((each) => each.code === code);
    const where = { organization: organization.slug, repository: repository.name };
    if (refs[0])
      app.log.warn(blocked[code], {
        ...where,
        refs: refs.length,
        reason: refReason(refs[0].candidate, refs[0].reason),
      });
  }
}

type Recorded = { pkg: Package; ref: RefRow; outcome: "added" | "updated" | "unchanged"; claimed: boolean };

async function recordVersion(
  { app, organization, repository }: SyncContext,
  db: Db,
  accepted: AcceptedVersion,
): Promise<Recorded> {
  const now = app.now();
  const { pkg, isNew } = await holdPackage(db, { organization, repository, accepted, now });
  const claimed = isNew && (await addVendor(db, organization.id, { vendor: vendorOf(accepted.name), now }));
  const dist = accepted.dist === null ? null : await addDist(db, accepted.dist);
  if (accepted.readme) await addReadme(db, accepted.readme);
  const { candidate } = accepted;
  const before = await findVersion(db, pkg.id, accepted.versionNormalized);
  if (pkg.deleted_at !== null || (before && before.deleted_at !== null))
    throw conflict(
      `${accepted.name} ${accepted.version} was deleted in the meantime. The next sync leaves it out.`,
    );
  const isSame = before !== null && before.removed_at === null && before.reference === candidate.reference;
  const id = before?.id ?? Bun.randomUUIDv7();
  await putVersion(db, {
    id,
    package_id: pkg.id,
    version: accepted.version,
    version_normalized: accepted.versionNormalized,
    stability: accepted.stability,
    is_default_branch: candidate.isDefaultBranch ? 1 : 0,
    ref_kind: candidate.kind,
    reference: candidate.reference,
    dist_id: dist?.id ?? null,
    manifest: manifestText(accepted.manifest),
    notes: storedNotes(accepted.notes),
    readme_hash: accepted.readme?.hash ?? null,
    released_at: accepted.releasedAt,
    created_at: before?.created_at ?? now,
    published_at: before?.published_at ?? (await publishedAt(db, accepted, now)),
    updated_at: isSame ? before.updated_at : now,
    removed_at: null,
    deleted_at: null,
    deleted_by: null,
  });
  const ref: RefRow = {
    repository_id: repository.id,
    kind: candidate.kind,
    name: candidate.name,
    reference: candidate.reference,
    outcome: "published",
    reason: notesSummary(accepted.notes),
    code: null,
    package_name: accepted.name,
    version_id: id,
    updated_at: now,
  };
  return { pkg, ref, claimed, outcome: isSame ? "unchanged" : before ? "updated" : "added" };
}

/**
 * What Composer's cooldown counts from: set once, and never in the future. Of what the first read of a repository met
 * it is what git says, or an import would hold back years of releases; later that could be written by an attacker, and
 * the time counts at which the version came here. A renamed package keeps the times of its versions.
 */
async function publishedAt(
  db: Db,
  { formerVersionId, datedAt }: AcceptedVersion,
  now: number,
): Promise<number> {
  const former = formerVersionId === null ? null : await findVersionById(db, formerVersionId);
  if (former) return former.published_at;
  return Math.max(0, Math.min(now, datedAt ?? now));
}

/** Makes this repository the holder of the package; read-group.ts has skipped names of other repositories. */
async function holdPackage(
  db: Db,
  change: { organization: Organization; repository: Repository; accepted: AcceptedVersion; now: number },
): Promise<{ pkg: Package; isNew: boolean }> {
  const { organization, repository, accepted, now } = change;
  const known = await findPackage(db, organization.id, accepted.name);
  if (!known) {
    const owner = { organization_id: organization.id, name: accepted.name, repository_id: repository.id };
    return {
      pkg: await addPackage(db, {
        ...owner,
        type: fieldOf(accepted.manifest, "type") ?? "library",
        created_at: now,
      }),
      isNew: true,
    };
  }
  if (known.repository_id !== null && known.repository_id !== repository.id)
    throw conflict(
      `${known.name} was published by another repository in the meantime. The next sync says which one.`,
    );
  if (known.repository_id === repository.id && known.renamed_to === null) return { pkg: known, isNew: false };
  const held = { repository_id: repository.id, renamed_to: null };
  await updatePackage(db, known.id, held);
  return { pkg: { ...known, ...held }, isNew: false };
}

function skippedRow({ app, repository }: SyncContext, skipped: SkippedCandidate): RefRow {
  const { candidate, reason, code, packageName, versionId } = skipped;
  return {
    repository_id: repository.id,
    kind: candidate.kind,
    name: candidate.name,
    reference: candidate.reference,
    outcome: "skipped",
    reason,
    code,
    package_name: packageName,
    version_id: versionId,
    updated_at: app.now(),
  };
}

function syncRefOf(sync: Sync, { kind, name }: RefRow): Pick<SyncRefRow, "sync_id" | "kind" | "name"> {
  return { sync_id: sync.id, kind, name };
}
