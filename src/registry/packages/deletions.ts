// A person deletes a version or a whole package, and may bring it back. What was deleted leaves the documents in the
// same transaction, its archive goes with the next sweep, and no sync brings it back by itself. The rows stay, so that
// the name and version never stand for anything else.
import type { App } from "../../app.ts";
import { conflict, invalid } from "../../errors.ts";
import { addActivity, userIdOf } from "../../store/organizations/activity.ts";
import type { Db } from "../../store/engine/database.ts";
import { deleteUnusedDists } from "../../store/packages/dists.ts";
import type { Organization } from "../../store/organizations/organizations.ts";
import { getPackageById, updatePackage, type Package } from "../../store/packages/packages.ts";
import { forgetDeletedRefs, markRefsDeleted } from "../../store/syncs/refs.ts";
import { listRepositories } from "../../store/repositories/repositories.ts";
import {
  deleteVersions,
  findVersionById,
  listVersions,
  removeVersions,
  undeleteVersion,
} from "../../store/packages/versions.ts";
import { publishPackage, publishRoot } from "./publish.ts";
import { deletedReason } from "../security-log.ts";
import { requestSync } from "../sync-requests.ts";

type Deleting = {
  organization: Organization;
  packageId: string;
  actor: string;
  /** The text typed to confirm: it must be the name of what is deleted. */
  typed: string;
};

/** Fails as `invalid` when another name was typed, as `conflict` when it is not there any more. */
export async function deleteVersion(
  app: App,
  { organization, packageId, versionId, actor, typed }: Deleting & { versionId: string },
): Promise<void> {
  const now = app.now();
  await app.db.transaction(async (db) => {
    const pkg = await getPackageById(db, organization.id, packageId);
    const version = await findVersionById(db, versionId);
    if (!version || version.package_id !== pkg.id || version.removed_at !== null)
      throw conflict("This version no longer exists.", { code: "version_gone" });
    mustBe(typed, version.version);
    await deleteVersions(db, [version.id], { by: userIdOf(actor), now });
    const reason = deletedReason(`${pkg.name} ${version.version}`, now);
    await markRefsDeleted(db, [version.id], { reason, now });
    await deleteUnusedDists(db, version.dist_id === null ? [] : [version.dist_id], now);
    await publish(app, db, { organization, pkg });
    await addActivity(db, {
      organizationId: organization.id,
      actor,
      action: "version.deleted",
      subject: pkg.name,
      details: { version: version.version, reference: version.reference },
      now,
    });
  });
}

/** Fails as `invalid` when another name was typed, as `conflict` when it is not there any more. */
export async function deletePackage(
  app: App,
  { organization, packageId, actor, typed }: Deleting,
): Promise<void> {
  const now = app.now();
  await app.db.transaction(async (db) => {
    const pkg = await getPackageById(db, organization.id, packageId);
    if (pkg.deleted_at !== null) throw conflict("This package no longer exists.", { code: "package_gone" });
    mustBe(typed, pkg.name);
    const versions = await listVersions(db, pkg.id);
    const ids = versions.map((version) => version.id);
    await removeVersions(db, ids, now);
    await markRefsDeleted(db, ids, { reason: deletedReason(pkg.name, now), now });
    await deleteUnusedDists(
      db,
      versions.flatMap((version) => version.dist_id ?? []),
      now,
    );
    const deleted = { deleted_at: now, deleted_by: userIdOf(actor) };
    await updatePackage(db, pkg.id, deleted);
    await publish(app, db, { organization, pkg: { ...pkg, ...deleted } });
    await addActivity(db, {
      organizationId: organization.id,
      actor,
      action: "package.deleted",
      subject: pkg.name,
      details: { versions: versions.length },
      now,
    });
  });
}

type Restoration = { organization: Organization; packageId: string; actor: string };

/** The sync that this queues publishes it again, if its tag or branch is still there. */
export async function restoreVersion(
  app: App,
  { organization, packageId, versionId, actor }: Restoration & { versionId: string },
): Promise<void> {
  await bringBack(app, organization, async (db) => {
    const pkg = await getPackageById(db, organization.id, packageId);
    const version = await findVersionById(db, versionId);
    if (!version || version.package_id !== pkg.id || version.deleted_at === null)
      throw conflict("This version is no longer deleted.", { code: "version_back" });
    await undeleteVersion(db, version.id);
    await addActivity(db, {
      organizationId: organization.id,
      actor,
      action: "version.brought_back",
      subject: pkg.name,
      details: { version: version.version },
      now: app.now(),
    });
  });
}

/** Versions that were deleted one by one before stay so. */
export async function restorePackage(
  app: App,
  { organization, packageId, actor }: Restoration,
): Promise<void> {
  await bringBack(app, organization, async (db) => {
    const pkg = await getPackageById(db, organization.id, packageId);
    if (pkg.deleted_at === null)
      throw conflict("This package is no longer deleted.", { code: "package_back" });
    await updatePackage(db, pkg.id, { deleted_at: null, deleted_by: null });
    await addActivity(db, {
      organizationId: organization.id,
      actor,
      action: "package.brought_back",
      subject: pkg.name,
      now: app.now(),
    });
  });
}

/** The repositories that had something deleted are read again; what is still deleted is refused again. */
async function bringBack(
  app: App,
  organization: Organization,
  unmark: (db: Db) => Promise<void>,
): Promise<void> {
  const ids = await app.db.transaction(async (db) => {
    await unmark(db);
    return forgetDeletedRefs(db, organization.id);
  });
  const repositories = await listRepositories(app.db, organization.id);
  for (const repository of repositories)
    if (ids.has(repository.id)) await requestSync(app, repository, { reason: "asked" });
}

async function publish(
  app: App,
  db: Db,
  { organization, pkg }: { organization: Organization; pkg: Package },
): Promise<void> {
  if (await publishPackage(app, db, { organization, pkg })) await publishRoot(app, db, organization);
}

function mustBe(typed: string, name: string): void {
  if (typed.trim() !== name)
    throw invalid(`Type ${name} to confirm.`, { code: "name_mistyped", field: "name" });
}
