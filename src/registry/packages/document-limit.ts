// The size limit of a document: a client reads it whole, and every response holds it in memory.
import type { App } from "../../app.ts";
import { createMinifier, recordText, type VersionRecord } from "../../composer/minify.ts";
import { invalid } from "../../errors.ts";
import type { VersionHead } from "../../store/packages/versions.ts";
import { yieldWhenDue } from "../../yielding.ts";

/** Bytes of JSON, before compression. */
const documentBytes = 32 * 1024 * 1024;

/** Reads the records of `versions`, in their order. */
type ReadRecords = (versions: VersionHead[]) => AsyncIterable<VersionRecord>;

/** The text of each record as its difference from the previous one. Fails as `invalid` when they are too many: a stable
 * version is never left out silently. */
export async function minifiedStable(
  name: string,
  versions: VersionHead[],
  read: ReadRecords,
): Promise<string[]> {
  const entries = await minified(versions, read);
  const bytes = bytesOf(entries);
  if (bytes <= documentBytes) return entries.map(({ text }) => text);
  throw invalid(
    `The stable versions of ${name} make ${inMegabytes(bytes)} of JSON; the limit is ${inMegabytes(documentBytes)}.`,
    {
      code: "metadata_limit",
      advice: "Delete tags, or take out of composer.json what nobody needs to install the package.",
    },
  );
}

/** `leftOut`: the oldest versions beyond the limit, the default branch last of all. They are logged. */
export async function minifiedDev(
  { log }: Pick<App, "log">,
  name: string,
  { versions, read }: { versions: VersionHead[]; read: ReadRecords },
): Promise<{ texts: string[]; leftOut: number }> {
  let remaining = versions;
  for (;;) {
    const entries = await minified(remaining, read);
    let excess = bytesOf(entries) - documentBytes;
    if (excess <= 0) {
      const leftOut = versions.length - remaining.length;
      if (leftOut > 0)
        log.warn("metadata.limit", { package: name, kept: remaining.length, left_out: leftOut });
      return { texts: entries.map(({ text }) => text), leftOut };
    }
    const left = new Set<VersionHead>();
    for (const { version, bytes } of entries.toSorted(oldestFirst)) {
      if (excess <= 0) break;
      left.add(version);
      excess -= bytes;
    }
    remaining = remaining.filter((version) => !left.has(version));
  }
}

/** `bytes` includes the comma; beyond the limit of a document the text is dropped. */
type Entry = { version: VersionHead; time: string; text: string; bytes: number };

/** Keeps one record at a time in memory, besides the result. */
async function minified(versions: VersionHead[], read: ReadRecords): Promise<Entry[]> {
  const minify = createMinifier();
  const entries: Entry[] = [];
  let sum = 0;
  for await (const record of read(versions)) {
    const version = versions[entries.length];
    if (!version) break;
    const text = recordText(minify(record));
    const bytes = Buffer.byteLength(text) + 1;
    sum += bytes;
    entries.push({ version, time: record["time"] ?? "", text: sum > documentBytes ? "" : text, bytes });
    await yieldWhenDue();
  }
  return entries;
}

function oldestFirst(a: Entry, b: Entry): number {
  return a.version.is_default_branch - b.version.is_default_branch || (a.time < b.time ? -1 : 1);
}

function bytesOf(entries: Entry[]): number {
  return entries.reduce((sum, { bytes }) => sum + bytes, 0);
}

function inMegabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 / 1024)} MB`;
}
