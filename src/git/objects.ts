// Reads git objects. Every object is verified against its name, and limits apply before anything is kept.

import { createHash } from "node:crypto";
import { readObject, type PromiseFsClient } from "isomorphic-git";
import { Failure, invalid, messageOf } from "../errors.ts";
import { whyLeftOut } from "./file-names.ts";
import type { GitLimits } from "./mirror.ts";
import { skippedObjects } from "./native-pack.ts";

/** The location of a repository for isomorphic-git; all reads share `cache`. */
export type Repository = {
  fs: PromiseFsClient;
  gitdir: string;
  cache: object;
  /** Object folders of a local repository that no longer exist. */
  lost?: string[];
};

type ObjectType = "commit" | "tree" | "blob" | "tag";
type GitObject = { type: ObjectType; bytes: Buffer };

type Commit = { tree: string; authoredAt: number };

/** `name` is a byte string (latin1), so that comparisons work on git's bytes. */
export type TreeEntry = {
  name: string;
  kind: "tree" | "file" | "executable" | "symlink" | "submodule";
  object: string;
  /** Why an archive leaves it out; null for most entries. */
  leftOut: string | null;
};

export type Objects = {
  /** Throws invalid (`git_object_missing`, `git_bad_object`). */
  read(object: string): Promise<GitObject>;
  commit(reference: string): Promise<Commit>;
  /** Entries in git's order. Throws invalid (`git_unsafe_path`) for hostile names. */
  tree(object: string): Promise<TreeEntry[]>;
  /** Throws invalid (`git_blob_too_large`); `what` names the file in the message. */
  blob(object: string, what?: string): Promise<Buffer>;
};

const treeCacheEntries = 50_000;

export function openObjects(repository: Repository, limits: GitLimits): Objects {
  const trees = new Map<string, TreeEntry[]>();
  let cachedEntries = 0;
  const expect = async (object: string, type: ObjectType) => {
    const found = await readVerified(repository, object);
    if (found.type !== type) throw badObject(object, `is a ${found.type} where a ${type} must be`);
    return found.bytes;
  };
  return {
    read: (object) => readVerified(repository, object),
    commit: async (reference) => parseCommit(await expect(reference, "commit"), reference),
    async tree(object) {
      const known = trees.get(object);
      if (known) return known;
      const entries = parseTree(await expect(object, "tree"), object);
      cachedEntries += entries.length;
      if (cachedEntries > treeCacheEntries) {
        trees.clear();
        cachedEntries = entries.length;
      }
      trees.set(object, entries);
      return entries;
    },
    async blob(object, what = "A file") {
      const bytes = await expect(object, "blob").catch((error: unknown) => {
        // An oversized object was skipped together with its name, so it looks like a missing one.
        const isMissing = error instanceof Failure && error.code === "git_object_missing";
        throw isMissing && skippedObjects() > 0 ? tooLarge(what, limits) : error;
      });
      if (bytes.length > limits.blobBytes) throw tooLarge(what, limits);
      return bytes;
    },
  };
}

async function readVerified(repository: Repository, object: string): Promise<GitObject> {
  const found = await readObject({ ...repository, oid: object, format: "content" }).catch(
    (error: unknown) => {
      throw isMissing(error) ? missing(object) : badObject(object, `can't be read: ${libraryMessage(error)}`);
    },
  );
  const bytes = found.object as Buffer;
  const type = found.type as ObjectType;
  const name = createHash("sha1").update(`${type} ${bytes.length}\0`).update(bytes).digest("hex");
  if (name !== object) throw badObject(object, "does not have the content that its name promises");
  return { type, bytes };
}

/** isomorphic-git's message without its advice for its own users. */
export function libraryMessage(error: unknown): string {
  return (messageOf(error).split("and this error message: ").at(-1) ?? "").replace(/[.!\s]+$/, "");
}

function parseCommit(bytes: Buffer, reference: string): Commit {
  const head = bytes.toString("latin1").split("\n\n", 1)[0] ?? "";
  const tree = /^tree ([0-9a-f]{40})$/m.exec(head)?.[1];
  const seconds = /^author .*> (-?\d+) [+-]\d+$/m.exec(head)?.[1];
  if (tree === undefined) throw badObject(reference, "is not a valid commit");
  const authoredAt = Number(seconds ?? 0) * 1000;
  return { tree, authoredAt: Math.abs(authoredAt) <= 8.64e15 ? authoredAt : 0 };
}

function parseTree(bytes: Buffer, object: string): TreeEntry[] {
  const entries: TreeEntry[] = [];
  const names = new Set<string>();
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const zero = bytes.indexOf(0, space);
    if (space < 0 || zero < 0 || zero + 21 > bytes.length) throw badObject(object, "is not a valid tree");
    const name = bytes.toString("latin1", space + 1, zero);
    const leftOut = names.has(name) ? "another one has the same name" : whyLeftOut(name);
    names.add(name);
    const kind = kindOf(Number.parseInt(bytes.toString("latin1", at, space), 8));
    entries.push({ name, kind, object: bytes.toString("hex", zero + 1, zero + 21), leftOut });
    at = zero + 21;
  }
  return entries.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

function sortKey({ name, kind }: TreeEntry): string {
  return kind === "tree" ? `${name}/` : name;
}

function kindOf(mode: number): TreeEntry["kind"] {
  const type = mode & 0o170000;
  if (type === 0o040000) return "tree";
  if (type === 0o120000) return "symlink";
  if (type === 0o160000) return "submodule";
  return (mode & 0o100) === 0 ? "file" : "executable";
}

function badObject(object: string, why: string) {
  return invalid(`The object ${object.slice(0, 10)} ${why}.`, { code: "git_bad_object" });
}

function missing(object: string) {
  return invalid(
    `The object ${object.slice(0, 10)} is missing in the repository, or its server did not send it.`,
    {
      code: "git_object_missing",
      advice: "If this keeps happening, run git fsck in the repository to see what is missing.",
    },
  );
}

function tooLarge(what: string, { blobBytes }: GitLimits) {
  return invalid(`${what} is larger than ${Math.floor(blobBytes / 1024 / 1024)} MB.`, {
    code: "git_blob_too_large",
    advice: "Take it out of the repository, or keep it in Git LFS.",
  });
}

function isMissing(error: unknown): boolean {
  return (error as { code?: string }).code === "NotFoundError";
}
