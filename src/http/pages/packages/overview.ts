// What the first tab of a package shows.
import type { OverviewVersion, PackageOverviewProps } from "../../../../templates/packages/overview.tsx";
import type { App } from "../../../app.ts";
import { fieldOf } from "../../../composer/manifest.ts";
import { grouped } from "../../../registry/packages/version-order.ts";
import { listDependents } from "../../../store/packages/dependencies.ts";
import type { Membership } from "../../../store/organizations/members.ts";
import type { VersionLine } from "../../../store/packages/pages.ts";
import { downloadsOf } from "./downloads.ts";
import { forgeHrefs, type ForgeHrefs } from "../repositories/forge-links.ts";
import { linkGroups } from "./links.ts";
import type { PackagePage } from "./package-page.ts";
import { readmeOf } from "./version.ts";

const limits = { stable: 4, preRelease: 1, development: 2, dependents: 6 };

export async function overviewOf(
  app: App,
  membership: Membership,
  subject: PackagePage,
): Promise<PackageOverviewProps> {
  const { organization } = membership;
  const { pkg, head, newest, movedTags, manifest, versions } = subject;
  const downloadsQuery = { organizationId: organization.id, name: head.name, period: 30 };
  const { stable, preRelease, development } = grouped(versions);
  const [requires] = await linkGroups(app, { membership, manifest, types: ["require"] });
  const hrefs = forgeHrefs(app, { url: pkg.repository_url, provider: pkg.provider });
  const line = (each: VersionLine) => lineOf(each, { hrefs, movedTags });
  return {
    head,
    groups: [
      { name: "Stable", versions: stable.slice(0, limits.stable).map(line) },
      { name: "Pre-release", versions: preRelease.slice(0, limits.preRelease).map(line) },
      { name: "Development", versions: development.slice(0, limits.development).map(line) },
    ],
    why: { version: "", tokens: [], token: "", explanation: null },
    readme: newest ? readmeOf(head.href, newest) : null,
    downloads: await downloadsOf(app, downloadsQuery),
    requires: requires?.links ?? [],
    devRequires: Object.keys((manifest && fieldOf(manifest, "require-dev")) ?? {}).length,
    usedBy: await listDependents(app.db, organization.id, { requires: head.name, limit: limits.dependents }),
    organization: organization.name,
  };
}

type Around = { hrefs: ForgeHrefs; movedTags: Map<string, string> };

export function lineOf(line: VersionLine, { hrefs, movedTags }: Around): OverviewVersion {
  return {
    version: line.version,
    releasedAt: line.released_at,
    reference: line.reference,
    commitHref: hrefs.commit(line.reference),
    movedTo: movedTags.get(line.id) ?? null,
    sizeBytes: line.size_bytes,
  };
}
