// Which of a package's versions go into which of its two p2 documents, and in which order.
import type { VersionRecord } from "./minify.ts";
import { compareVersions, isBranch, stabilityOf } from "./version.ts";

/** `stable` (alpha, beta and RC too) is for `name.json`, `dev` for `name~dev.json`; both newest first. */
export function splitVersions(records: VersionRecord[]): { stable: VersionRecord[]; dev: VersionRecord[] } {
  const sorted = records.toSorted(newestFirst);
  return { stable: sorted.filter((record) => !isDev(record)), dev: sorted.filter(isDev) };
}

function isDev(record: VersionRecord): boolean {
  return stabilityOf(normalized(record)) === "dev";
}

/** A default branch that is no number comes before everything. */
function newestFirst(a: VersionRecord, b: VersionRecord): number {
  return Number(isLeading(b)) - Number(isLeading(a)) || compareVersions(normalized(b), normalized(a));
}

function isLeading(record: VersionRecord): boolean {
  return record["default-branch"] === "true" && isBranch(normalized(record));
}

function normalized(record: VersionRecord): string {
  return JSON.parse(record.version_normalized ?? '""') as string;
}
