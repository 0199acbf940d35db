// What a version requires, conflicts with, provides, …: each name a link when it is a package of the organization.
import type { Link } from "../../../../templates/packages/links.tsx";
import type { App } from "../../../app.ts";
import { fieldOf } from "../../../composer/manifest.ts";
import type { StoredManifest } from "../../../composer/stored-manifest.ts";
import type { Membership } from "../../../store/members.ts";
import { listLiveNames } from "../../../store/package-pages.ts";

const titles = {
  require: "Requires",
  "require-dev": "Requires for development",
  conflict: "Conflicts with",
  provide: "Provides",
  replace: "Replaces",
};
type LinkType = keyof typeof titles;

/** One group for each type that has any; one query for all names. */
export async function linkGroups(
  app: App,
  {
    membership,
    manifest,
    types,
  }: { membership: Membership; manifest: StoredManifest | null; types: LinkType[] },
): Promise<{ title: string; links: Link[] }[]> {
  const { organization } = membership;
  const groups = types.map((type) => ({
    title: titles[type],
    links: Object.entries((manifest && fieldOf(manifest, type)) ?? {}),
  }));
  const names = groups.flatMap(({ links }) => links.map(([name]) => name.toLowerCase()));
  const ours = await listLiveNames(app.db, organization.id, [...new Set(names)].slice(0, 1000));
  const base = `/organizations/${organization.slug}/packages`;
  return groups
    .filter(({ links }) => links.length > 0)
    .map(({ title, links }) => ({
      title,
      links: links.map(([name, constraint]) => ({
        name,
        constraint,
        href: ours.has(name.toLowerCase()) ? `${base}/${name.toLowerCase()}` : null,
      })),
    }));
}
