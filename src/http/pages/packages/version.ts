// Everything about one version, from its manifest and its archive.
import type { VersionPageProps } from "../../../../templates/packages/view.ts";
import type { App } from "../../../app.ts";
import { fieldOf } from "../../../composer/manifest.ts";
import { storedManifest, type StoredManifest } from "../../../composer/stored-manifest.ts";
import { normalizeBranch, normalizeVersion, VersionError } from "../../../composer/version.ts";
import { notFound } from "../../../errors.ts";
import { wordedNotes } from "../../../registry/packages/notes.ts";
import type { Membership } from "../../../store/organizations/members.ts";
import { findFullVersion, type FullVersion } from "../../../store/packages/pages.ts";
import { downloadsOfVersion } from "./downloads.ts";
import { grouped } from "../../../registry/packages/version-order.ts";
import { forgeHrefs, type ForgeHrefs } from "../repositories/forge-links.ts";
import { shownReadme } from "./readme.ts";
import { linkGroups, mostShown } from "./links.ts";
import type { PackagePage } from "./package-page.ts";

type AskedVersion = { subject: PackagePage; version: string };

/** `1.0.0` finds `v1.0.0` too. Fails as `notFound`. */
export async function fullVersionOf(app: App, { subject, version }: AskedVersion): Promise<FullVersion> {
  const found = await findFullVersion(app.db, subject.pkg.id, {
    version,
    versionNormalized: normalized(version),
  });
  const isShown = found !== null && (found.deleted_at !== null || subject.pkg.deleted_at === null);
  if (!isShown) throw notFound("There is no page at this address.");
  return found;
}

export async function versionOf(
  app: App,
  { membership, subject, version }: AskedVersion & { membership: Membership },
): Promise<VersionPageProps> {
  const { head, pkg, movedTags } = subject;
  const row = await fullVersionOf(app, { subject, version });
  const manifest = storedManifest(row.manifest);
  const hrefs = forgeHrefs(app, { url: pkg.repository_url, provider: pkg.provider });
  const types = ["require", "require-dev", "conflict", "provide", "replace"] as const;
  const versionQuery = { organizationId: membership.organization.id, name: head.name };
  return {
    head,
    version: row.version,
    versionNormalized: row.version_normalized,
    stability: row.stability,
    releasedAt: row.released_at,
    reference: row.reference,
    commitHref: hrefs.commit(row.reference),
    movedTo: movedTags.get(row.id) ?? null,
    ...neighborsOf(subject, { row, hrefs }),
    ref:
      row.ref_name === null
        ? null
        : { kind: row.ref_kind, name: row.ref_name, href: hrefs.ref(row.ref_kind, row.ref_name) },
    archive: row.sha256 === null ? null : { sizeBytes: row.size_bytes ?? 0, sha256: row.sha256 },
    deleted: row.deleted_at === null ? null : { at: row.deleted_at, by: row.deleted_by_name },
    ...textsOf(manifest),
    groups: await linkGroups(app, { membership, manifest, types: [...types] }),
    notes: wordedNotes(row.notes).map(({ text }) => text),
    readme: readmeOf(head.href, row),
    downloads: await downloadsOfVersion(app, { ...versionQuery, versionNormalized: row.version_normalized }),
  };
}

/** As the page shows it, with images out of its own version. */
export function readmeOf(
  href: string,
  { version, readme }: Pick<FullVersion, "version" | "readme">,
): string | null {
  return readme && shownReadme(readme, { files: `${href}/versions/${encodeURIComponent(version)}/files` });
}

/** The versions of its stability before and after it, as the list orders them, and what changed since the one before. */
function neighborsOf(
  { versions }: PackagePage,
  { row, hrefs }: { row: FullVersion; hrefs: ForgeHrefs },
): Pick<VersionPageProps, "older" | "newer" | "compareHref"> {
  const groups = Object.values(grouped(versions));
  const ordered = groups.find((group) => group.some(({ id }) => id === row.id)) ?? [];
  const at = ordered.findIndex(({ id }) => id === row.id);
  const older = at < 0 ? undefined : ordered[at + 1];
  const newer = at < 1 ? undefined : ordered[at - 1];
  return {
    older: older?.version ?? null,
    newer: newer?.version ?? null,
    compareHref: older ? hrefs.compare(older.reference, row.reference) : null,
  };
}

function textsOf(manifest: StoredManifest) {
  const homepage = fieldOf(manifest, "homepage");
  const { autoload } = manifest.fields;
  return {
    description: fieldOf(manifest, "description") ?? null,
    type: fieldOf(manifest, "type") ?? "library",
    license: shortened(fieldOf(manifest, "license"), String),
    keywords: shortened(fieldOf(manifest, "keywords"), String),
    homepage: homepage !== undefined && /^https?:\/\//i.test(homepage) ? homepage : null,
    authors: shortened(fieldOf(manifest, "authors")?.map(authorOf), (name) => ({ name, about: "" })),
    suggest: shortened(
      Object.entries(fieldOf(manifest, "suggest") ?? {}).map(([name, reason]) => ({ name, reason })),
      (name) => ({ name, reason: "" }),
    ),
    autoload: autoload === undefined ? null : JSON.stringify(JSON.parse(autoload), null, 2),
    bin: shortened(fieldOf(manifest, "bin"), String),
  };
}

/** Cuts a list to what a page shows; the last entry says how many more there are. */
function shortened<Entry>(list: Entry[] = [], entryOf: (text: string) => Entry): Entry[] {
  const more = list.length - mostShown;
  return more > 0 ? [...list.slice(0, mostShown), entryOf(`and ${more.toLocaleString("en-US")} more`)] : list;
}

/** Other members are anybody's. */
function authorOf(author: Record<string, unknown>): { name: string; about: string } {
  const field = (key: string) => (typeof author[key] === "string" ? author[key] : "");
  const about = [field("role"), field("email"), field("homepage")].filter(Boolean).join(", ");
  return { name: field("name") || field("email") || "unnamed", about };
}

function normalized(version: string): string | null {
  for (const read of [normalizeVersion, normalizeBranch])
    try {
      return read(version);
    } catch (error) {
      if (!(error instanceof VersionError)) throw error;
    }
  return null;
}
