// Plans a sync from the current refs and those of the last time. Pure, and lets requests in: there may be 50,000 refs.
import { planRefsInSteps, refOf, type RefGroup } from "../../composer/refs.ts";
import type { RefList } from "../../git/mirror.ts";
import type { RefCode, RefKind, RefRow } from "../../store/schema.ts";
import { inTurns, yieldWhenDue } from "../../yielding.ts";

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

type SyncState = {
  list: RefList;
  known: RefRow[];
  /** The default branch of last time. */
  knownDefaultBranch: string | null;
  /** Plans every group anew, changed or not: the package was renamed, or is read by other rules. */
  everything?: boolean;
};

export async function planSync(state: SyncState): Promise<SyncPlan> {
  const { list, known, knownDefaultBranch, everything = false } = state;
  if (!everything && (await isUnchanged(state)))
    return { groups: [], skipped: [], gone: [], removedVersionIds: [] };
  const now = await inTurns(planRefsInSteps(list.refs, list.defaultBranch));
  const before = await inTurns(planRefsInSteps(known.map(refOf), knownDefaultBranch));
  const rows = await mapOf(known, (row) => [refKey(row), row]);
  const publishedOf = (group: RefGroup | undefined) =>
    group?.candidates.map((each) => rows.get(refKey(each))).find((row) => row?.version_id) ?? null;
  const oldGroups = await mapOf(before.groups, (group) => [keyOf(group), group]);
  const hasMoved = (group: RefGroup) => signatureOf(oldGroups.get(keyOf(group))) !== signatureOf(group);

  const planned = await filtered(now.groups, (group) => everything || hasMoved(group));
  const groups = planned.map((group) => ({ ...group, published: publishedOf(oldGroups.get(keyOf(group))) }));

  const nowGroups = await mapOf(now.groups, (group) => [keyOf(group), group]);
  const removed = (await filtered(before.groups, (group) => !nowGroups.has(keyOf(group)))).map(publishedOf);
  const refs = await mapOf([...list.refs, ...list.unusable], (ref) => [refKey(ref), ref]);
  const removedVersionIds = removed.flatMap((row) => row?.version_id ?? []);
  return {
    groups,
    skipped: await newlySkipped([...now.rejected, ...list.unusable], { list, rows }),
    gone: await filtered(known, (row) => !refs.has(refKey(row))),
    removedVersionIds: [...new Set(removedVersionIds)],
  };
}

/** Most polls find that; comparing names costs little where ordering fifty thousand versions takes half a second. */
async function isUnchanged({ list, known, knownDefaultBranch }: SyncState): Promise<boolean> {
  if (list.defaultBranch !== knownDefaultBranch) return false;
  if (list.refs.length + list.unusable.length !== known.length) return false;
  const references = await mapOf(known, (row) => [refKey(row), row.reference]);
  const changed = await filtered(list.refs, (ref) => references.get(refKey(ref)) !== ref.reference);
  return changed.length === 0 && list.unusable.every((ref) => references.get(refKey(ref)) === "");
}

const itemsAtOnce = 256;

async function mapOf<Item, Value>(
  items: Item[],
  entryOf: (item: Item) => [string, Value],
): Promise<Map<string, Value>> {
  const map = new Map<string, Value>();
  for (const [at, item] of items.entries()) {
    if (at % itemsAtOnce === 0) await yieldWhenDue();
    map.set(...entryOf(item));
  }
  return map;
}

async function filtered<Item>(items: Item[], keeps: (item: Item) => boolean): Promise<Item[]> {
  const kept: Item[] = [];
  for (const [at, item] of items.entries()) {
    if (at % itemsAtOnce === 0) await yieldWhenDue();
    if (keeps(item)) kept.push(item);
  }
  return kept;
}

/** More than 10 versions and more than a fifth of all: somebody should confirm that. */
export function isMassRemoval(removed: number, live: number): boolean {
  return removed > 10 && removed > live / 5;
}

/** A version keeps its identity when a tag is respelled, and a branch is never the same as a tag. */
function keyOf(group: RefGroup): string {
  return `${group.kind} ${group.versionNormalized}`;
}

function signatureOf(group: RefGroup | undefined): string | undefined {
  return group?.candidates
    .map((each) => `${each.name} ${each.reference} ${each.isDefaultBranch ? "default" : ""}`)
    .join("\n");
}

function refKey(ref: { kind: RefKind; name: string }): string {
  return `${ref.kind} ${ref.name}`;
}

async function newlySkipped(
  rejected: { kind: RefKind; name: string; reason: string; code?: RefCode }[],
  { list, rows }: { list: RefList; rows: Map<string, RefRow> },
): Promise<SkippedRef[]> {
  const references = await mapOf(list.refs, (ref) => [refKey(ref), ref.reference]);
  const skipped = rejected.map((ref): SkippedRef => ({
    ...ref,
    code: ref.code ?? "rule",
    reference: references.get(refKey(ref)) ?? null,
  }));
  return filtered(skipped, (ref) => {
    const row = rows.get(refKey(ref));
    return row === undefined || row.reference !== (ref.reference ?? "") || row.reason !== ref.reason;
  });
}
