// Reads a repository in a local folder directly, for the operator's own command line.

import { listBranches, listTags, resolveRef } from "isomorphic-git";
import { messageOf, unavailable, type Failure } from "../errors.ts";
import { fullName } from "./advertisement.ts";
import { filesOf, findLocalFolders } from "./local-files.ts";
import type { GitLimits, Ref, RefList } from "./mirror.ts";
import { openObjects, type Objects, type Repository } from "./objects.ts";
import { refNameProblem } from "./ref-names.ts";

/** Throws notFound when `path` holds no repository, unavailable when the repository cannot be read. */
export async function openLocal(path: string): Promise<Repository> {
  const folders = await findLocalFolders(path);
  return { fs: filesOf(folders), gitdir: folders.gitdir, cache: {}, lost: folders.lost };
}

/** Throws unavailable when there are tags or branches and none of them can be read. */
export async function listLocalRefs(repository: Repository, limits: GitLimits): Promise<RefList> {
  const list: RefList = { defaultBranch: null, refs: [], unusable: [], hostKey: null, movedTo: null };
  const objects = openObjects(repository, limits);
  const names = [
    ...(await listBranches(repository)).toSorted().map((name) => ({ kind: "branch" as const, name })),
    ...(await listTags(repository)).toSorted().map((name) => ({ kind: "tag" as const, name })),
  ];
  for (const short of names) {
    const problem = refNameProblem(short.name);
    const found = problem === null ? await commitOf(repository, objects, short) : { problem };
    if ("problem" in found) list.unusable.push({ ...short, reason: found.problem });
    else list.refs.push({ ...short, ...found });
  }
  if (list.refs.length === 0 && list.unusable[0]) throw noneReadable(list.unusable, repository);
  const head = await resolveRef({ ...repository, ref: "HEAD", depth: 2 }).catch(() => "");
  const branch = head.replace(/^refs\/heads\//, "");
  const exists = list.refs.some((ref) => ref.kind === "branch" && ref.name === branch);
  return { ...list, defaultBranch: exists ? branch : null };
}

const longestTagChain = 10;

type Found = Pick<Ref, "reference" | "tagObject"> | { problem: string };

async function commitOf(
  repository: Repository,
  objects: Objects,
  ref: Pick<Ref, "kind" | "name">,
): Promise<Found> {
  const first = await resolveRef({ ...repository, ref: fullName(ref) }).catch(() => "");
  let object = first;
  for (let step = 0; step < longestTagChain && object !== ""; step++) {
    const found = await objects.read(object).catch((error: unknown) => messageOf(error));
    if (typeof found === "string") return { problem: found };
    if (found.type === "commit")
      return object === first ? { reference: object } : { reference: object, tagObject: first };
    if (found.type !== "tag") break;
    object = /^object ([0-9a-f]{40})$/m.exec(found.bytes.toString("latin1", 0, 100))?.[1] ?? "";
  }
  return { problem: "it does not lead to a commit" };
}

function noneReadable(unusable: RefList["unusable"], { lost = [] }: Repository): Failure {
  const count =
    unusable.length === 1 ? "its one tag or branch" : `any of its ${unusable.length} tags and branches`;
  const borrowed = lost.map((folder) => ` It borrows objects from ${folder}, which can't be read.`);
  return unavailable(
    `Pricore can't read ${count}: ${unusable[0]?.reason ?? ""}`.replace(/\.?$/, ".") + borrowed.join(""),
    {
      code: "git_unreadable",
    },
  );
}
