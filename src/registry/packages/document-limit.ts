// How large a document may grow: what a client must read whole, and every answer holds in memory.
import type { App } from "../../app.ts";
import { minify, recordText, type VersionRecord } from "../../composer/minify.ts";
import { invalid } from "../../errors.ts";

/** Of JSON, before it is compressed. */
export const documentBytes = 32 * 1024 * 1024;

/** Fails as `invalid` when they are too many: a stable version is never left out in silence. */
export function minifiedStable(name: string, records: VersionRecord[]): VersionRecord[] {
  const minified = minify(records);
  const bytes = minified.reduce((sum, entry) => sum + bytesOf(entry), 0);
  if (bytes <= documentBytes) return minified;
  throw invalid(
    `The stable versions of ${name} make ${inMegabytes(bytes)} of JSON; a document may have ${inMegabytes(documentBytes)}.`,
    {
      code: "metadata_limit",
      remedy: "Delete tags, or take out of composer.json what nobody needs to install the package.",
    },
  );
}

/** `leftOut`: the oldest versions, as long as they are too many, the default branch last of all. The log is told. */
export function minifiedDev(
  { log }: Pick<App, "log">,
  name: string,
  records: VersionRecord[],
): { minified: VersionRecord[]; leftOut: number } {
  let kept = records;
  for (;;) {
    const minified = minify(kept);
    const sizes = new Map(kept.map((record, at) => [record, bytesOf(minified[at])]));
    let excess = [...sizes.values()].reduce((sum, bytes) => sum + bytes, -documentBytes);
    if (excess <= 0) {
      if (kept.length < records.length)
        log.warn("metadata.limit", {
          package: name,
          kept: kept.length,
          left_out: records.length - kept.length,
        });
      return { minified, leftOut: records.length - kept.length };
    }
    const left = new Set<VersionRecord>();
    for (const record of kept.toSorted(oldestFirst)) {
      if (excess <= 0) break;
      left.add(record);
      excess -= sizes.get(record) ?? 0;
    }
    kept = kept.filter((record) => !left.has(record));
  }
}

function oldestFirst(a: VersionRecord, b: VersionRecord): number {
  const isMain = (record: VersionRecord) => Number(record["default-branch"] === "true");
  return isMain(a) - isMain(b) || (String(a["time"]) < String(b["time"]) ? -1 : 1);
}

/** With the comma behind it. */
function bytesOf(entry: VersionRecord | undefined): number {
  return entry ? Buffer.byteLength(recordText(entry)) + 1 : 0;
}

function inMegabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 / 1024)} MB`;
}
