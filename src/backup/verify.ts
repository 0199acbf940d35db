// Checks a set without restoring it: that everything is there, and on request that every byte is right.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Config } from "../config/config.ts";
import { Failure } from "../errors.ts";
import { listServedArchives } from "../store/backup/archives.ts";
import { refuseUnsound } from "../store/backup/sqlite-copy.ts";
import { openDatabase } from "../store/engine/database.ts";
import { fetchArchive, fetchDatabase, openSet, type Opened } from "./fetch.ts";
import type { Progress } from "./make.ts";
import { readList, type SetOfBackup } from "./sets.ts";
import type { Target } from "./target.ts";
import { hashOf } from "./vault.ts";

type Verified = {
  id: string;
  parts: number;
  /** What is missing or damaged, by name. */
  problems: string[];
};

type Verification = { target: Target; set: SetOfBackup };

/** Needs no key. */
export async function verifyPresence({ target, set }: Verification): Promise<Verified> {
  const names = await readList(target, set.id);
  const stored = new Set<string>();
  for await (const { name } of target.list("blobs/")) stored.add(name);
  const problems = names.filter((name) => !stored.has(name)).map((name) => `${name} is missing.`);
  if (hashOf(Buffer.from(names.join("\n"))) !== set.listHash)
    problems.push("The list of its parts is damaged.");
  return { id: set.id, parts: names.length, problems };
}

export async function verifyBytes(
  { target, set }: Verification,
  options: { config: Config; recoveryKey: string | null; progress: Progress },
): Promise<Verified> {
  const found = await verifyPresence({ target, set });
  if (found.problems.length > 0) return found;
  const folder = await mkdtemp(join(tmpdir(), "pricore-verify-"));
  try {
    const opened = await openSet(target, set, options);
    return { ...found, problems: await readAll(opened, folder, options.progress) };
  } catch (error) {
    if (!(error instanceof Failure) || !error.code.startsWith("backup_")) throw error;
    return { ...found, problems: [error.message] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readAll(opened: Opened, folder: string, progress: Progress): Promise<string[]> {
  const path = join(folder, "database.sqlite");
  await fetchDatabase(opened, path);
  refuseUnsound(path);
  const db = await openDatabase({ engine: "sqlite", path });
  const problems: string[] = [];
  try {
    let archives = 0;
    for await (const sha256 of listServedArchives(db)) {
      if (opened.contents.absent.includes(sha256)) continue;
      await fetchArchive(opened, sha256, join(folder, "archive")).catch((error: Error) =>
        problems.push(error.message),
      );
      if (++archives % 20 === 0) progress(`Archives: ${archives}`);
    }
    return problems;
  } finally {
    await db.close();
  }
}
