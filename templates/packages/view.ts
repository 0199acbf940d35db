// What the pages of one package and one version show.
import type { DownloadDays } from "./downloads.tsx";
import type { PackageHead } from "./frame.tsx";
import type { LinkGroup } from "./links.tsx";

export type DeletionProps = {
  head: PackageHead;
  /** null when the whole package is meant. */
  version: string | null;
  versions: number;
  archiveBytes: number;
  downloads: DownloadDays;
  /** Names of tokens that installed it within the last minutes. */
  tokens: string[];
  /** Some of those that require it; `only` when no other version here satisfies them. */
  dependents: { name: string; constraint: string; isDev: boolean; only: boolean }[];
  dependentsTotal: number;
  problem: string | null;
};

export type VersionPageProps = {
  head: PackageHead;
  version: string;
  versionNormalized: string;
  stability: string;
  releasedAt: number;
  reference: string;
  commitHref: string | null;
  /** The commit that its tag points to now, when that is another one than was published. */
  movedTo: string | null;
  /** The versions before and after it; null at the ends. */
  older: string | null;
  newer: string | null;
  /** What changed since the older one, at the git host. */
  compareHref: string | null;
  /** Null once it is gone from the repository. */
  ref: { kind: "tag" | "branch"; name: string; href: string | null } | null;
  archive: { sizeBytes: number; sha256: string } | null;
  deleted: { at: number; by: string | null } | null;
  description: string | null;
  type: string;
  license: string[];
  keywords: string[];
  homepage: string | null;
  authors: { name: string; about: string }[];
  groups: LinkGroup[];
  suggest: { name: string; reason: string }[];
  /** As JSON; null when the version has none. */
  autoload: string | null;
  bin: string[];
  /** What was left out of it, or is not as its author wrote it. */
  notes: string[];
  readme: string | null;
  downloads: DownloadDays;
};
