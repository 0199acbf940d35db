// Plans an in-memory repository through planRefs and versionOf, as a sync does.
import { parseManifest, type Manifest } from "../../src/composer/manifest.ts";
import { recordText } from "../../src/composer/minify.ts";
import { versionRecord } from "../../src/composer/record.ts";
import {
  type Candidate,
  conflictReason,
  planRefs,
  type Ref,
  type RejectedRef,
  versionOf,
} from "../../src/composer/refs.ts";
import { packageNameOf } from "../../src/composer/package-name.ts";

/** 2024-01-02T03:04:05Z, the author date of every commit of the scenarios. */
export const AUTHOR_DATE = Date.UTC(2024, 0, 2, 3, 4, 5);

/** The versions as a client reads them. */
export type ReadRecord = Record<string, unknown>;

export type Versions = { records: ReadRecord[]; rejected: RejectedRef[] };

/** `manifestTextOf` answers null for a commit without composer.json. */
export function versionsOf(
  refs: Ref[],
  defaultBranch: string | null,
  manifestTextOf: (ref: Ref) => string | null,
): Versions {
  const { groups, rejected } = planRefs(refs, defaultBranch);
  const records: ReadRecord[] = [];
  const defaultRef = refs.find((ref) => ref.kind === "branch" && ref.name === defaultBranch);
  const governing = defaultRef ? manifestOf(manifestTextOf(defaultRef)) : { reason: "" };
  const name = "reason" in governing ? null : governing.manifest.name;
  for (const { candidates } of groups) {
    let winner: Candidate | null = null;
    for (const candidate of candidates) {
      const record = winner
        ? { reason: conflictReason(winner) }
        : recordOf(candidate, manifestTextOf(candidate), name);
      if ("reason" in record)
        rejected.push({ kind: candidate.kind, name: candidate.name, reason: record.reason, code: "rule" });
      else {
        winner = candidate;
        records.push(record.record);
      }
    }
  }
  return { records, rejected };
}

function manifestOf(text: string | null): { manifest: Manifest } | { reason: string } {
  return text === null ? { reason: "there is no composer.json" } : parseManifest(text);
}

function recordOf(
  candidate: Candidate,
  text: string | null,
  governingName: string | null,
): { record: ReadRecord } | { reason: string } {
  const parsed = manifestOf(text);
  if ("reason" in parsed) return { reason: parsed.reason };
  const { manifest } = parsed;
  const version = versionOf(candidate, manifest);
  if ("reason" in version) return version;
  const name = packageNameOf(manifest, governingName);
  if ("reason" in name) return name;
  const source = { url: "https://git.example/acme/lib.git", reference: candidate.reference };
  const record = versionRecord({ ...version, ...name, manifest, time: AUTHOR_DATE, source, dist: null });
  return { record: JSON.parse(recordText(record)) as ReadRecord };
}
