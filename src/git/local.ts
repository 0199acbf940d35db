// A repository in a local folder, read directly: for the operator's own command line.

import fs from "node:fs";
import { stat } from "node:fs/promises";
import { listBranches, listTags, resolveRef } from "isomorphic-git";
import { notFound } from "../errors.ts";
import { fullName } from "./advertisement.ts";
import type { GitLimits, Ref, RefList } from "./mirror.ts";
import { openObjects, type Objects, type Repository } from "./objects.ts";
import { refNameProblem } from "./ref-names.ts";

/** Throws notFound when `path` holds neither a bare repository nor one with a work tree. */
export async function openLocal(path: string): Promise<Repository> {
  for (const gitdir of [`${path}/.git`, path]) {
    const isRepository = await stat(`${gitdir}/objects`).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (isRepository) return { fs: fs as unknown as Repository["fs"], gitdir, cache: {} };
  }
  throw notFound(`${path} is no git repository.`, { code: "git_not_found" });
}

export async function listLocalRefs(repository: Repository, limits: GitLimits): Promise<RefList> {
  const list: RefList = { defaultBranch: null, refs: [], unusable: [], hostKey: null, movedTo: null };
  const objects = openObjects(repository, limits);
  const names = [
    ...(await listBranches(repository)).toSorted().map((name) => ({ kind: "branch" as const, name })),
    ...(await listTags(repository)).toSorted().map((name) => ({ kind: "tag" as const, name })),
  ];
  for (const short of names) {
    const problem = refNameProblem(short.name);
    const found = problem === null ? await commitOf(repository, objects, short) : null;
    if (found === null) list.unusable.push({ ...short, reason: problem ?? "it does not lead to a commit" });
    else list.refs.push({ ...short, ...found });
  }
  const head = await resolveRef({ ...repository, ref: "HEAD", depth: 2 }).catch(() => "");
  const branch = head.replace(/^refs\/heads\//, "");
  const exists = list.refs.some((ref) => ref.kind === "branch" && ref.name === branch);
  return { ...list, defaultBranch: exists ? branch : null };
}

const longestTagChain = 10;

async function commitOf(
  repository: Repository,
  objects: Objects,
  ref: Pick<Ref, "kind" | "name">,
): Promise<Pick<Ref, "reference" | "tagObject"> | null> {
  const first = await resolveRef({ ...repository, ref: fullName(ref) });
  let object = first;
  for (let step = 0; step < longestTagChain; step++) {
    const found = await objects.read(object).catch(() => null);
    if (found?.type === "commit")
      return object === first ? { reference: object } : { reference: object, tagObject: first };
    if (found?.type !== "tag") return null;
    object = /^object ([0-9a-f]{40})$/m.exec(found.bytes.toString("latin1", 0, 100))?.[1] ?? "";
  }
  return null;
}
