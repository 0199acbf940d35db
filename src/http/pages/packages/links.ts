// What a version requires, conflicts with, provides, …: each name a link when it is a package of the organization.
import { paths } from "../../../../templates/paths.ts";
import type { LinkGroup } from "../../../../templates/packages/links.tsx";
import type { App } from "../../../app.ts";
import { fieldOf } from "../../../composer/manifest.ts";
import type { StoredManifest } from "../../../composer/stored-manifest.ts";
import type { Membership } from "../../../store/organizations/members.ts";
import { listLiveNames } from "../../../store/packages/pages.ts";

const titles = {
  require: "Requires",
  "require-dev": "Requires for development",
  conflict: "Conflicts with",
  provide: "Provides",
  replace: "Replaces",
};
type LinkType = keyof typeof titles;

/** Limits the entries of one list, which strangers wrote; the page says how many more there are. */
export const mostShown = 500;

/** One group for each type that has any; one query for all names. */
export async function linkGroups(
  app: App,
  {
    membership,
    manifest,
    types,
  }: { membership: Membership; manifest: StoredManifest | null; types: LinkType[] },
): Promise<LinkGroup[]> {
  const { organization } = membership;
  const groups = types.map((type) => ({
    title: titles[type],
    links: Object.entries((manifest && fieldOf(manifest, type)) ?? {}),
  }));
  const names = groups.flatMap(({ links }) => links.slice(0, mostShown).map(([name]) => name.toLowerCase()));
  const ours = await listLiveNames(app.db, organization.id, [...new Set(names)]);
  const base = paths.packages(organization.slug);
  return groups
    .filter(({ links }) => links.length > 0)
    .map(({ title, links }) => ({
      title,
      total: links.length,
      links: links.slice(0, mostShown).map(([name, constraint]) => ({
        name,
        constraint,
        href: ours.has(name.toLowerCase()) ? `${base}/${name.toLowerCase()}` : null,
      })),
    }));
}
