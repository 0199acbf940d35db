// What is in a target: a set is what belongs together, and is written last. Without it nothing of a run counts.
import { gunzipSync, gzipSync } from "node:zlib";
import { notFound, unavailable } from "../errors.ts";
import type { Target } from "./target.ts";

export type SetOfBackup = {
  format: 1;
  /** Also its place in the order of time: `2026-12-01T03-00-00-000Z`. */
  id: string;
  /** Milliseconds since the epoch: the moment that the database is of. */
  madeAt: number;
  /** Of Pricore. */
  version: string;
  /** Every migration of the database. */
  schema: string[];
  /** The engine that the database was read from. */
  engine: string;
  appUrl: string;
  keyFingerprint: string;
  /** The encryption key of the installation, sealed for the recovery key; null where nothing is encrypted. */
  sealedKey: string | null;
  /** The SHA-256 of its contents, which are a blob. */
  contents: string;
  archives: number;
  /** Archives that the database names and that were not there. */
  absent: number;
  databaseBytes: number;
  /** SHA-256 of the list of its blobs. */
  listHash: string;
};

export type Block = { sha256: string; sizeBytes: number };

/** The database as a SQLite file in blocks, and what it has. */
export type Contents = { blocks: Block[]; counts: Record<string, number>; absent: string[] };

const folder = "sets/";
const suffix = ".json";
const maxSetBytes = 4 * 1024 * 1024;

export function idOf(time: number): string {
  return new Date(time).toISOString().replace(/[:.]/g, "-");
}

/** The ids of all sets, oldest first. */
export async function listSets(target: Target): Promise<string[]> {
  const ids: string[] = [];
  for await (const { name } of target.list(folder))
    if (name.endsWith(suffix)) ids.push(name.slice(folder.length, -suffix.length));
  return ids.toSorted();
}

/** Fails as `notFound`, and as `unavailable` for one that is damaged or of another format. */
export async function readSet(target: Target, id: string): Promise<SetOfBackup> {
  const found = await target.get(`${folder}${id}${suffix}`);
  if (found === null) throw notFound(`${target.label} has no backup ${id}.`, { code: "backup_missing" });
  if (found.size > maxSetBytes) throw damaged(id);
  const text = await found.text();
  const set = parse(text, id) as Partial<SetOfBackup>;
  if (set.format === 1 && typeof set.contents === "string" && Array.isArray(set.schema))
    return set as SetOfBackup;
  throw unavailable(`The backup ${id} has a format that this version does not know.`, {
    code: "backup_format",
    advice: "Install the version of Pricore that made it, or a newer one.",
  });
}

function parse(text: string, id: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw damaged(id);
  }
}

function damaged(id: string) {
  return unavailable(`The description of the backup ${id} is damaged.`, { code: "backup_damaged" });
}

export async function writeSet(target: Target, set: SetOfBackup, blobs: string[]): Promise<void> {
  await target.put(`${folder}${set.id}.list`, new Blob([gzipSync(blobs.join("\n"))]));
  await target.put(`${folder}${set.id}${suffix}`, new Blob([`${JSON.stringify(set, null, 2)}\n`]));
}

export async function removeSet(target: Target, id: string): Promise<void> {
  await target.remove(`${folder}${id}${suffix}`);
  await target.remove(`${folder}${id}.list`);
}

const maxListBytes = 512 * 1024 * 1024;

/** The names of the blobs that a set needs; needs no key. */
export async function readList(target: Target, id: string): Promise<string[]> {
  const found = await target.get(`${folder}${id}.list`);
  if (found === null)
    throw unavailable(`The list of the backup ${id} is missing.`, { code: "backup_damaged" });
  const text = gunzipSync(await found.arrayBuffer(), { maxOutputLength: maxListBytes }).toString();
  return text.split("\n").filter(Boolean);
}

/** The newest set of `until` or before; fails as `notFound`. */
export async function newestSet(target: Target, until = Infinity): Promise<SetOfBackup> {
  const ids = await listSets(target);
  const id = Number.isFinite(until) ? ids.findLast((each) => each <= idOf(until)) : ids.at(-1);
  if (id === undefined)
    throw notFound(
      ids.length === 0 ? `There is no backup in ${target.label}.` : `${target.label} has no backup that old.`,
      {
        code: "backup_missing",
        advice: ids.length === 0 ? "Check the address." : `The oldest is ${ids[0]}.`,
      },
    );
  return readSet(target, id);
}
