// The files that isomorphic-git writes for one fetch, kept in memory: the library holds the whole pack there anyway, and
// looking for a loose object that can't exist costs a map look-up instead of a system call.

import type { PromiseFsClient } from "isomorphic-git";

export function memoryFiles(initial: Record<string, string>): PromiseFsClient {
  const files = new Map<string, Buffer>();
  const folders = new Map<string, Set<string>>();
  const enter = (path: string) => {
    const { folder, name } = split(path);
    const names = folders.get(folder) ?? new Set();
    if (!folders.has(folder)) {
      folders.set(folder, names);
      if (folder !== "") enter(folder);
    }
    names.add(name);
  };
  const stat = async (path: string) => {
    const file = files.get(path);
    if (!file && !folders.has(path)) throw missing(path);
    return { isFile: () => file !== undefined, isDirectory: () => !file, isSymbolicLink: () => false };
  };
  const write = (path: string, data: Buffer) => {
    files.set(path, data);
    enter(path);
  };
  for (const [path, text] of Object.entries(initial)) write(path, Buffer.from(text));
  const promises = {
    async readFile(path: string, options?: { encoding?: BufferEncoding } | BufferEncoding) {
      const file = files.get(path);
      if (!file) throw missing(path);
      const encoding = typeof options === "string" ? options : options?.encoding;
      return encoding ? file.toString(encoding) : file;
    },
    async writeFile(path: string, data: Uint8Array | string) {
      write(path, typeof data === "string" ? Buffer.from(data) : (data as Buffer));
    },
    async unlink(path: string) {
      files.delete(path);
      folders.get(split(path).folder)?.delete(split(path).name);
    },
    async mkdir(path: string) {
      if (folders.has(path)) return;
      folders.set(path, new Set());
      enter(path);
    },
    async readdir(path: string) {
      const names = folders.get(path);
      if (!names) throw missing(path);
      return [...names];
    },
    async rmdir(path: string) {
      folders.delete(path);
    },
    stat,
    lstat: stat,
    readlink: unsupported,
    symlink: unsupported,
  };
  return { promises };
}

function split(path: string): { folder: string; name: string } {
  const at = path.lastIndexOf("/");
  return { folder: path.slice(0, at), name: path.slice(at + 1) };
}

function missing(path: string): Error {
  return Object.assign(new Error(`${path} does not exist`), { code: "ENOENT" });
}

async function unsupported(): Promise<never> {
  throw new Error("a fetched repository has no links on disk");
}
