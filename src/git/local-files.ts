// Locates the parts of a local repository: a linked work tree has its refs and objects in another repository, and a
// clone may borrow objects from others (gitrepository-layout(5): commondir, objects/info/alternates).

import fs from "node:fs";
import { readFile, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import type { PromiseFsClient } from "isomorphic-git";
import { notFound, unavailable, type Failure } from "../errors.ts";

type LocalFolders = {
  /** The git directory that has the refs and objects. */
  gitdir: string;
  /** The repository's own object folder first, then its alternates. */
  objects: string[];
  /** Object folders that are listed as alternates and cannot be read. */
  lost: string[];
};

/** Throws notFound when `path` holds no repository, unavailable when the repository cannot be read. */
export async function findLocalFolders(path: string): Promise<LocalFolders> {
  const own = await gitdirOf(path);
  const common = (await textOf(join(own, "commondir")))?.trim();
  const gitdir = common === undefined ? own : resolve(own, common);
  await expectFolder(join(gitdir, "objects"), path);
  await refuseUnknownFormat(gitdir, path);
  return { gitdir, ...(await objectFolders(join(gitdir, "objects"))) };
}

/** A file system that shows borrowed objects inside the repository's own object folder. */
export function filesOf({ gitdir, objects }: LocalFolders): PromiseFsClient {
  const own = join(gitdir, "objects");
  const places = (path: string) =>
    path.startsWith(`${own}/`) ? objects.map((folder) => folder + path.slice(own.length)) : [path];
  const first = async <T>(path: string, read: (place: string) => Promise<T>): Promise<T> => {
    let missing: unknown;
    for (const place of places(path)) {
      try {
        return await read(place);
      } catch (error) {
        missing ??= error;
      }
    }
    throw missing;
  };
  const { promises } = fs;
  const borrowing = {
    ...promises,
    readFile: ((path: string, options?: unknown) =>
      first(path, (place) => promises.readFile(place, options as "utf8"))) as typeof promises.readFile,
    stat: ((path: string) => first(path, (place) => promises.stat(place))) as typeof promises.stat,
    lstat: ((path: string) => first(path, (place) => promises.lstat(place))) as typeof promises.lstat,
    readdir: (async (path: string) => {
      const lists = await Promise.all(places(path).map((place) => promises.readdir(place).catch(() => [])));
      return lists.length === 1 ? promises.readdir(path) : [...new Set(lists.flat())];
    }) as unknown as typeof promises.readdir,
  };
  return { promises: borrowing } as unknown as PromiseFsClient;
}

async function gitdirOf(path: string): Promise<string> {
  const inside = join(path, ".git");
  const found = await stat(inside).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EACCES") throw unreadable(path, "this process may not look into the folder");
    return null;
  });
  if (!found) return path;
  if (found.isDirectory()) return inside;
  const target = /^gitdir: (.+?)\s*$/.exec((await textOf(inside)) ?? "")?.[1];
  return target === undefined ? path : resolve(path, target);
}

async function expectFolder(objects: string, path: string): Promise<void> {
  const found = await stat(objects).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EACCES") throw unreadable(path, "this process may not look into the folder");
    return null;
  });
  if (!found?.isDirectory()) throw notFound(`${path} is no git repository.`, { code: "git_not_found" });
}

async function refuseUnknownFormat(gitdir: string, path: string): Promise<void> {
  const config = (await textOf(join(gitdir, "config"))) ?? "";
  if (
    /^\s*refstorage\s*=\s*"?reftable/im.test(config) ||
    (await textOf(join(gitdir, "reftable", "tables.list"))) !== null
  )
    throw unreadable(path, "it keeps its tags and branches in the reftable format", {
      advice: "Convert it with git refs migrate --ref-format=files, or use a clone that keeps them in files.",
    });
  if (/^\s*objectformat\s*=\s*"?sha256/im.test(config))
    throw unreadable(path, "it uses SHA-256 object names, which can't be mirrored yet");
}

const deepest = 5;

/** Includes alternates of alternates, as deep as git follows them. */
async function objectFolders(own: string): Promise<{ objects: string[]; lost: string[] }> {
  const objects = [own];
  const lost: string[] = [];
  const add = async (folder: string, depth: number): Promise<void> => {
    const text = depth > deepest ? null : await textOf(join(folder, "info", "alternates"));
    for (const line of (text ?? "").split("\n")) {
      if (line === "" || line.startsWith("#")) continue;
      const named = isAbsolute(line) ? line : join(folder, line);
      const found = await realpath(named).catch(() => null);
      if (found === null) lost.push(named);
      else if (!objects.includes(found)) {
        objects.push(found);
        await add(found, depth + 1);
      }
    }
  };
  await add(own, 1);
  return { objects, lost };
}

async function textOf(path: string): Promise<string | null> {
  return readFile(path, "utf8").catch(() => null);
}

function unreadable(path: string, why: string, { advice }: { advice?: string } = {}): Failure {
  return unavailable(`The repository ${path} can't be read: ${why}.`, { code: "git_unreadable", advice });
}
