// Splits the versions of a package between its two p2 documents, and sorts them.
import { compareVersions, isBranch, stabilityOf } from "./version.ts";

/** `is_default_branch` is 0 or 1. */
type Ordered = { version_normalized: string; is_default_branch: number };

/** `stable` (alpha, beta and RC too) is `name.json`, `dev` is `name~dev.json`; both newest first. */
export function splitVersions<Version extends Ordered>(
  versions: Version[],
): { stable: Version[]; dev: Version[] } {
  const sorted = versions.toSorted(newestFirst);
  return { stable: sorted.filter((version) => !isDev(version)), dev: sorted.filter(isDev) };
}

function isDev({ version_normalized }: Ordered): boolean {
  return stabilityOf(version_normalized) === "dev";
}

/** A default branch without a version number comes first. */
function newestFirst(a: Ordered, b: Ordered): number {
  const order = Number(isLeading(b)) - Number(isLeading(a));
  return order || compareVersions(b.version_normalized, a.version_normalized);
}

function isLeading({ version_normalized, is_default_branch }: Ordered): boolean {
  return is_default_branch === 1 && isBranch(version_normalized);
}
