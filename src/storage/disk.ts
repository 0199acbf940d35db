// Archives in a folder: `ab/cdef….zip`. A file appears whole or not at all (rename). Its digest is verified against its
// name on the first read, and again whenever the file has changed on disk.
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { unavailable } from "../errors.ts";
import { createTurns } from "../turns.ts";
import type { Storage } from "./storage.ts";

/** Some 10 MB of memory; evicted entries are verified again. */
const rememberedArchives = 50_000;
/** Archives verified at once; others wait. */
const proofInTurn = createTurns(8);

/** `directory` and the files passed to `put` must be on one file system. */
export function createDiskStorage(directory: string): Storage {
  const verifiedStates = new Map<string, string>();
  const pathOf = (sha256: string) => {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error("an archive's name is its SHA-256");
    return join(directory, sha256.slice(0, 2), `${sha256.slice(2)}.zip`);
  };
  const proving = new Map<string, Promise<void>>();

  /** Concurrent requests for one archive share one verification. */
  async function verifyOnce(sha256: string, file: { path: string; state: string }): Promise<void> {
    const key = `${sha256} ${file.state}`;
    const running = proving.get(key) ?? proofInTurn(() => prove(sha256, file));
    proving.set(key, running);
    await running.finally(() => proving.delete(key));
  }

  async function prove(sha256: string, { path, state }: { path: string; state: string }): Promise<void> {
    if ((await hashOf(path)) !== sha256)
      throw unavailable("The stored archive is damaged.", { code: "archive_damaged", retryAfterSeconds: 60 });
    if (verifiedStates.size >= rememberedArchives) verifiedStates.clear();
    verifiedStates.set(sha256, state);
  }

  return {
    async put(sha256, path) {
      const target = pathOf(sha256);
      const made = await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      await rename(path, target);
      await syncDirectory(dirname(target));
      if (made) await syncDirectory(directory);
    },
    async get(sha256) {
      const path = pathOf(sha256);
      const state = await stateOf(path);
      if (state === null) return null;
      if (verifiedStates.get(sha256) !== state) await verifyOnce(sha256, { path, state });
      return Bun.file(path);
    },
    async isSound(sha256) {
      const path = pathOf(sha256);
      const state = await stateOf(path);
      if (state !== null && (await hashOf(path)) === sha256) return true;
      verifiedStates.delete(sha256);
      return false;
    },
    link: () => null,
    async remove(sha256) {
      await rm(pathOf(sha256), { force: true });
    },
    async *list() {
      // Skips foreign files and folders, such as `lost+found`.
      for (const each of await readdir(directory, { withFileTypes: true }).catch(() => [])) {
        if (!/^[0-9a-f]{2}$/.test(each.name) || each.isFile()) continue;
        for (const file of await readdir(join(directory, each.name))) {
          if (!/^[0-9a-f]{62}\.zip$/.test(file)) continue;
          const { mtimeMs } = await stat(join(directory, each.name, file));
          yield { sha256: each.name + file.slice(0, -".zip".length), storedAt: mtimeMs };
        }
      }
    },
  };
}

/** Changes whenever the file is written again. */
async function stateOf(path: string): Promise<string | null> {
  try {
    const { ino, size, mtimeMs } = await stat(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw unavailable("The stored archive cannot be read.", {
      code: "archive_unreadable",
      retryAfterSeconds: 60,
    });
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
