// What a sync has to do, from the refs of now and the refs of last time. Pure.
import { planRefs, refOf, type RefGroup } from "../../composer/refs.ts";
import type { RefList } from "../../git/mirror.ts";
import type { RefCode, RefKind, RefRow } from "../../store/schema.ts";

/** A ref without a version, and why. `reference` is null where git gave none. */
export type SkippedRef = {
  kind: RefKind;
  name: string;
  reference: string | null;
  reason: string;
  code: RefCode;
};

export type PlannedGroup = RefGroup & {
  /** What this version was published from last time. */
  published: RefRow | null;
};

export type SyncPlan = {
  /** To be read, newest first; the default branch first of all. */
  groups: PlannedGroup[];
  /** Refs whose name alone says that they are no version, as far as they are new. */
  skipped: SkippedRef[];
  /** Refs that are gone. */
  gone: RefRow[];
  /** Versions whose every ref is gone. */
  removedVersionIds: string[];
};

/**
 * Raise it when the same composer.json or commit gives another version, or is refused no longer: every repository is
 * then read anew by its next sync.
 */
export const readingRules = 1;

export type SyncState = {
  list: RefList;
  known: RefRow[];
  /** The default branch of last time. */
  knownDefaultBranch: string | null;
  /** Plans every group anew, changed or not: the package was renamed, or is read by other rules. */
  everything?: boolean;
};

export function planSync(state: SyncState): SyncPlan {
  const { list, known, knownDefaultBranch, everything = false } = state;
  if (!everything && isUnchanged(state)) return { groups: [], skipped: [], gone: [], removedVersionIds: [] };
  const now = planRefs(list.refs, list.defaultBranch);
  const before = planRefs(known.map(refOf), knownDefaultBranch);
  const signatures = new Map(before.groups.map((group) => [keyOf(group), signatureOf(group)]));
  const rows = new Map(known.map((row) => [refKey(row), row]));
  const publishedOf = (group: RefGroup | undefined) =>
    group?.candidates.map((each) => rows.get(refKey(each))).find((row) => row?.version_id) ?? null;
  const oldGroups = new Map(before.groups.map((group) => [keyOf(group), group]));

  const groups = now.groups
    .filter((group) => everything || signatures.get(keyOf(group)) !== signatureOf(group))
    .map((group) => ({ ...group, published: publishedOf(oldGroups.get(keyOf(group))) }));

  const nowKeys = new Set(now.groups.map(keyOf));
  const removed = before.groups.filter((group) => !nowKeys.has(keyOf(group))).map(publishedOf);
  const refNames = new Set([...list.refs, ...list.unusable].map(refKey));
  const removedVersionIds = removed.flatMap((row) => row?.version_id ?? []);
  return {
    groups,
    skipped: newlySkipped([...now.rejected, ...list.unusable], { list, rows }),
    gone: known.filter((row) => !refNames.has(refKey(row))),
    removedVersionIds: [...new Set(removedVersionIds)],
  };
}

/** Most polls find that; comparing names costs little where ordering fifty thousand versions takes half a second. */
function isUnchanged({ list, known, knownDefaultBranch }: SyncState): boolean {
  if (list.defaultBranch !== knownDefaultBranch) return false;
  if (list.refs.length + list.unusable.length !== known.length) return false;
  const references = new Map(known.map((row) => [refKey(row), row.reference]));
  return (
    list.refs.every((ref) => references.get(refKey(ref)) === ref.reference) &&
    list.unusable.every((ref) => references.get(refKey(ref)) === "")
  );
}

/** More than 10 versions and more than a fifth of all: somebody should confirm that. */
export function isMassRemoval(removed: number, live: number): boolean {
  return removed > 10 && removed > live / 5;
}

/** A version keeps its identity when a tag is respelled, and a branch is never the same as a tag. */
function keyOf(group: RefGroup): string {
  return `${group.kind} ${group.versionNormalized}`;
}

function signatureOf(group: RefGroup): string {
  return group.candidates
    .map((each) => `${each.name} ${each.reference} ${each.isDefaultBranch ? "default" : ""}`)
    .join("\n");
}

function refKey(ref: { kind: RefKind; name: string }): string {
  return `${ref.kind} ${ref.name}`;
}

function newlySkipped(
  rejected: { kind: RefKind; name: string; reason: string; code?: RefCode }[],
  { list, rows }: { list: RefList; rows: Map<string, RefRow> },
): SkippedRef[] {
  const references = new Map(list.refs.map((ref) => [refKey(ref), ref.reference]));
  return rejected
    .map((ref) => ({ ...ref, code: ref.code ?? "rule", reference: references.get(refKey(ref)) ?? null }))
    .filter((ref) => {
      const row = rows.get(refKey(ref));
      return row === undefined || row.reference !== (ref.reference ?? "") || row.reason !== ref.reason;
    });
}
