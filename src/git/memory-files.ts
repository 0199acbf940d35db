// An in-memory file system for the pack of one fetch and its index. isomorphic-git holds the whole pack in memory
// anyway, and a look-up of a missing loose object costs a map access instead of a system call.

import type { PromiseFsClient } from "isomorphic-git";

/** The part of a file system that is needed to index and read a pack; `initial` files by absolute path. */
export function memoryFiles(initial: Record<string, Buffer>): PromiseFsClient {
  const files = new Map(Object.entries(initial));
  const stat = async (path: string) => {
    if (!files.has(path)) throw missing(path);
    return { isFile: () => true, isDirectory: () => false, isSymbolicLink: () => false };
  };
  const promises = {
    async readFile(path: string) {
      const file = files.get(path);
      if (!file) throw missing(path);
      return file;
    },
    async writeFile(path: string, data: Buffer) {
      files.set(path, data);
    },
    async readdir(path: string) {
      const inside = [...files.keys()].filter((file) => file.startsWith(`${path}/`));
      return inside.map((file) => file.slice(path.length + 1));
    },
    stat,
    lstat: stat,
    mkdir: unsupported,
    rmdir: unsupported,
    unlink: unsupported,
    readlink: unsupported,
    symlink: unsupported,
  };
  return { promises };
}

function missing(path: string): Error {
  return Object.assign(new Error(`${path} does not exist`), { code: "ENOENT" });
}

async function unsupported(): Promise<never> {
  throw new Error("a fetched pack is only read");
}
