// Backups in a folder. A file appears whole or not at all.
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { messageOf, unavailable } from "../errors.ts";
import type { Stored, Target } from "./target.ts";

export function openFolder(path: string): Target {
  const root = resolve(path);
  const answered = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw unavailable(`The backup folder ${root} cannot be used: ${messageOf(error)}.`, {
        code: "backup_target",
      });
    }
  };
  return {
    label: root,
    put: (name, content) => answered(write(join(root, name), content)),
    async get(name) {
      const file = Bun.file(join(root, name));
      return (await file.exists()) ? file : null;
    },
    list: (prefix) => filesIn(root, prefix),
    remove: (name) => answered(rm(join(root, name), { force: true })),
  };
}

async function write(path: string, content: Blob): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const partial = `${path}.${process.pid}.partial`;
  try {
    const file = await open(partial, "w", 0o600);
    try {
      for await (const chunk of content.stream()) await file.write(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

async function* filesIn(root: string, prefix: string): AsyncGenerator<Stored> {
  const folder = join(root, prefix.slice(0, prefix.lastIndexOf("/") + 1));
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isFile() || entry.name.endsWith(".partial")) continue;
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(root.length + 1);
    if (!name.startsWith(prefix)) continue;
    const found = await stat(path).catch(() => null);
    if (found) yield { name, sizeBytes: found.size, storedAt: found.mtimeMs };
  }
}
