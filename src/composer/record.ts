// Builds a version record, as clients read it in a p2 document and write it into composer.lock.
import { withoutSelfLinks } from "./manifest.ts";
import type { VersionRecord } from "./minify.ts";
import type { StoredManifest } from "./stored-manifest.ts";

type Source = { url: string; reference: string };
/**
 * `shasum` is the SHA-1 of the archive's bytes, in hex. Development versions have none: Composer puts the commit that a
 * project pins into the URL, and the checksum of another commit would refuse it.
 */
export type Dist = { url: string; reference: string; shasum: string | null };

export type VersionRecordInput = {
  manifest: StoredManifest;
  name: string;
  version: string;
  versionNormalized: string;
  /** The commit's author date in epoch milliseconds; a time in composer.json takes precedence. */
  time: number;
  /** When this version was published; Composer's cooldown policy prefers it to the author's time. Never changes. */
  publishedAt?: number;
  source: Source | null;
  dist: Dist | null;
  isDefaultBranch: boolean;
  /** Set by an administrator; null means that composer.json decides. True, or the package to use instead. */
  abandoned?: boolean | string;
};

/** Keys are always in the same order, values are JSON text, none is null. A metapackage has no dist. */
export function versionRecord(input: VersionRecordInput): VersionRecord {
  const { manifest, name, version, versionNormalized, source, isDefaultBranch } = input;
  const fields = withoutSelfLinks(manifest.fields, name);
  const { abandoned, ...others } = fields;
  const dist = fields.type === '"metapackage"' ? null : input.dist;
  const ours = {
    name,
    version,
    version_normalized: versionNormalized,
    source: source && { type: "git", url: source.url, reference: source.reference },
    dist: dist && {
      type: "zip",
      url: dist.url,
      reference: dist.reference,
      ...(dist.shasum === null ? {} : { shasum: dist.shasum }),
    },
    time: rfc3339(manifest.timeMs ?? input.time),
    "published-time": input.publishedAt === undefined ? null : rfc3339(input.publishedAt),
    "default-branch": isDefaultBranch || null,
  };
  const record: VersionRecord = {};
  for (const [key, value] of Object.entries(ours)) if (value !== null) record[key] = JSON.stringify(value);
  Object.assign(record, others);
  if (input.abandoned) record.abandoned = JSON.stringify(input.abandoned);
  else if (input.abandoned === undefined && abandoned) record.abandoned = abandoned;
  return record;
}

/** In UTC and whole seconds, as Composer writes it: `2024-01-02T03:04:05+00:00`. */
function rfc3339(timeMs: number): string {
  // Git accepts any date; clients expect a year of four digits.
  const bounded = Math.min(Math.max(timeMs, 0), Date.UTC(9999, 11, 31));
  return `${new Date(bounded).toISOString().slice(0, 19)}+00:00`;
}
