// Repairing a lost or damaged archive from git: the same commit gives the same bytes, or nothing.
import type { App } from "../../app.ts";
import { Failure, unavailable } from "../../errors.ts";
import type { Mirror } from "../../reading/mirror.ts";
import { findDist, type Dist } from "../../store/packages/dists.ts";
import { findPackage } from "../../store/packages/packages.ts";
import { listRefs } from "../../store/syncs/refs.ts";
import { findRepositoryById } from "../../store/repositories/repositories.ts";
import { archiveRequest, formatOf } from "./archives.ts";
import { refOf } from "../../composer/refs.ts";
import { remoteOf } from "../credentials/remotes.ts";

type Damaged = { organizationId: string; packageName: string; reference: string };

/**
 * Returns the bytes of an archive. Fails as `unavailable` when they are lost or damaged, and requests a repair.
 */
export async function readArchive(app: App, dist: Dist): Promise<Blob> {
  const content = await app.storage.get(dist.sha256).catch((error: unknown) => {
    if (error instanceof Failure && error.code === "archive_damaged") return null;
    throw error;
  });
  if (content) return content;
  await reportDamaged(app, dist);
  throw unavailable("The archive is lost or damaged. It is being built again.", {
    code: "archive_damaged",
    retryAfterSeconds: 5,
  });
}

/** Logs the damage and requests a repair, which is queued once however often clients ask meanwhile. */
export async function reportDamaged(app: App, dist: Dist): Promise<void> {
  const { organization_id: organizationId, package_name: packageName, reference, sha256 } = dist;
  app.log.error("archive.damaged", { package: packageName, reference, sha256 });
  const damaged: Damaged = { organizationId, packageName, reference };
  const key = `repair:${organizationId}:${packageName}:${reference}`;
  await app.jobs.enqueue("repair-archive", damaged, { key: Bun.hash(key).toString(36), priority: 5 });
}

/** Fails as `unavailable`, and is retried, while git does not answer or no ref leads to the commit. */
export async function repairArchive(app: App, damaged: Damaged): Promise<void> {
  const { organizationId, packageName, reference } = damaged;
  const dist = await findDist(app.db, organizationId, { packageName, reference });
  if (!dist || (await app.storage.isSound(dist.sha256))) return;
  const pkg = await findPackage(app.db, organizationId, packageName);
  const repository = pkg?.repository_id ? await findRepositoryById(app.db, pkg.repository_id) : null;
  const refs = repository ? await listRefs(app.db, repository.id) : [];
  // All of these refs: an archive may contain the names of its commit's tags and branches.
  const leading = refs.filter((each) => each.reference === reference);
  if (!repository || leading.length === 0)
    throw unavailable(`No tag or branch contains ${reference} any more. Restore the archive from a backup.`, {
      code: "archive_unrepairable",
    });
  const found = leading.map((each) => {
    const ref = refOf(each);
    const isDefaultBranch = ref.kind === "branch" && ref.name === repository.default_branch;
    return { ...ref, isDefaultBranch };
  });
  const mirror = await app.git.openMirror(await remoteOf(app, repository), found);
  try {
    await rebuild(app, { dist, mirror });
  } finally {
    await mirror.close();
  }
  app.log.info("archive.repaired", { package: packageName, reference });
}

async function rebuild(app: App, { dist, mirror }: { dist: Dist; mirror: Mirror }): Promise<void> {
  const { composerJson } = await mirror.snapshot(dist.reference);
  if (!composerJson || "reason" in composerJson)
    throw unavailable("The commit's composer.json can no longer be read.");
  const { manifest } = composerJson;
  const archive = await mirror.archive(
    archiveRequest({
      name: dist.package_name,
      manifest,
      reference: dist.reference,
      format: formatOf(dist),
    }),
  );
  if (archive.sha256 !== dist.sha256)
    throw unavailable("Git now returns different content for this commit, so the archive was not built.", {
      code: "archive_unrepairable",
    });
  await app.storage.put(archive.sha256, archive.path);
}
