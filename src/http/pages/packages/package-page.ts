// The package that a page is about: found once, with what the head above every tab shows.
import { paths } from "../../../../templates/paths.ts";
import type { PackageHead } from "../../../../templates/packages/frame.tsx";
import type { App } from "../../../app.ts";
import { fieldOf } from "../../../composer/manifest.ts";
import { storedManifest, type StoredManifest } from "../../../composer/stored-manifest.ts";
import { notFound } from "../../../errors.ts";
import { freshnessOf } from "../../../registry/syncs/freshness.ts";
import { caretOf, newestOf } from "../../../registry/packages/version-order.ts";
import { countDependents } from "../../../store/packages/dependencies.ts";
import type { Membership } from "../../../store/organizations/members.ts";
import {
  findFullVersionById,
  findPackageOfPage,
  listVersionLines,
  type FullVersion,
  type PackageOfPage,
  type VersionLine,
} from "../../../store/packages/pages.ts";
import { findMovedTags } from "../../../store/syncs/refs.ts";
import { countDeletedVersions } from "../../../store/packages/versions.ts";
import { forgeIcon } from "../repositories/forge-links.ts";

export type PackagePage = {
  pkg: PackageOfPage;
  /** Live ones, in no order. */
  versions: VersionLine[];
  newest: FullVersion | null;
  /** Where the tags of versions point that were moved after they were published. */
  movedTags: Map<string, string>;
  manifest: StoredManifest | null;
  head: PackageHead;
};

export type Names = { vendor: string; name: string };

/** An unknown name gets the same answer as one of another organization. */
export async function packagePageOf(
  app: App,
  { organization, member }: Membership,
  { vendor, name }: Names,
): Promise<PackagePage> {
  const fullName = `${vendor}/${name}`;
  const pkg = await findPackageOfPage(app.db, organization.id, fullName);
  if (!pkg) throw notFound("There is no page at this address.");
  const deletedVersions = await countDeletedVersions(app.db, pkg.id);
  const isGone = pkg.removed_at !== null && pkg.deleted_at === null && deletedVersions === 0;
  if (isGone) throw notFound("There is no page at this address.");
  const versions = pkg.deleted_at === null ? await listVersionLines(app.db, pkg.id) : [];
  const line = newestOf(versions);
  const newest = line ? await findFullVersionById(app.db, line.id) : null;
  const manifest = newest ? storedManifest(newest.manifest) : null;
  const dependents = await countDependents(app.db, organization.id, fullName);
  const { slug } = organization;
  const { repository, repository_state: state, last_proven_fresh_at } = pkg;
  const clock = { now: app.now(), intervalMs: app.config.syncIntervalMs };
  return {
    pkg,
    versions,
    newest,
    movedTags: pkg.repository_id === null ? new Map() : await findMovedTags(app.db, pkg.repository_id),
    manifest,
    head: {
      listHref: paths.packages(slug),
      href: paths.package(slug, fullName),
      name: fullName,
      description: pkg.description,
      license: (manifest && fieldOf(manifest, "license")) ?? [],
      source:
        repository === null
          ? null
          : {
              name: repository,
              href: paths.repository(slug, repository),
              icon: forgeIcon(pkg.provider),
            },
      fresh: state === null ? null : freshnessOf({ state, last_proven_fresh_at }, clock),
      trouble: state === "failed" ? pkg.repository_error : null,
      latest: newest?.version ?? null,
      caret: caretOf(versions),
      counts: {
        versions: versions.length,
        dependencies: linksIn(manifest, "require") + linksIn(manifest, "require-dev"),
        dependents: dependents.run + dependents.dev,
        deletedVersions,
        leftOut: pkg.left_out,
      },
      abandoned: pkg.abandoned === null ? null : (JSON.parse(pkg.abandoned) as true | string),
      renamedTo: pkg.renamed_to,
      deleted: pkg.deleted_at === null ? null : { at: pkg.deleted_at, by: pkg.deleted_by_name },
      canManage: member.role !== "member",
      now: app.now(),
    },
  };
}

function linksIn(manifest: StoredManifest | null, type: "require" | "require-dev"): number {
  return Object.keys((manifest && fieldOf(manifest, type)) ?? {}).length;
}
