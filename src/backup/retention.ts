// Which sets are kept, and what is deleted: sets beyond that, and after two days what no kept set needs.
import type { Keep } from "../config/backup.ts";
import { idOf, listSets, readList, removeSet } from "./sets.ts";
import type { Target } from "./target.ts";

const hourMs = 3_600_000;
/** A run that has not written its set yet needs what nobody names. */
const sweptAfterMs = 48 * hourMs;

export type Swept = { sets: string[]; blobs: number };

/**
 * Of each of the last days, weeks and months that have one the newest set; in any case the newest of all, and those of
 * the last day.
 */
export function keptSets(ids: string[], { keep, now }: { keep: Keep; now: number }): Set<string> {
  const newestFirst = ids.toSorted().toReversed();
  const yesterday = idOf(now - 24 * hourMs);
  const kept = new Set(newestFirst.filter((id, at) => at === 0 || id >= yesterday));
  for (const [count, periodOf] of [
    [keep.daily, (id: string) => id.slice(0, 10)],
    [keep.weekly, weekOf],
    [keep.monthly, (id: string) => id.slice(0, 7)],
  ] as const) {
    const newest = new Map<string, string>();
    for (const id of newestFirst) if (!newest.has(periodOf(id))) newest.set(periodOf(id), id);
    for (const id of [...newest.values()].slice(0, count)) kept.add(id);
  }
  return kept;
}

/** Weeks that begin on Mondays, counted from 1970. */
function weekOf(id: string): string {
  const day = Date.parse(id.slice(0, 10)) / (24 * hourMs);
  return String(Math.floor((day + 3) / 7));
}

/** Deletes no blob when the list of a kept set cannot be read: then nobody knows what is needed. */
export async function sweep(target: Target, { keep, now }: { keep: Keep; now: number }): Promise<Swept> {
  const ids = await listSets(target);
  const kept = keptSets(ids, { keep, now });
  const needed = new Set<string>();
  for (const id of kept) for (const name of await readList(target, id)) needed.add(name);
  const sets = ids.filter((id) => !kept.has(id));
  for (const id of sets) await removeSet(target, id);
  let blobs = 0;
  for await (const { name, storedAt } of target.list("blobs/")) {
    if (needed.has(name) || storedAt > now - sweptAfterMs) continue;
    await target.remove(name);
    blobs++;
  }
  return { sets, blobs };
}
