// All files of one commit with the decision which of them an archive holds.

import { invalid } from "../errors.ts";
import { isExportIgnored, parseAttributes, type AttributeScope } from "./attributes.ts";
import type { Exclude } from "./exclude.ts";
import type { ArchiveNote, GitLimits } from "./mirror.ts";
import { shown, type Objects, type TreeEntry } from "./objects.ts";

/** `path` is a byte string relative to the top, without a slash at its ends. */
export type ArchivedFile = { path: string; kind: TreeEntry["kind"]; object: string };

export type Walk = {
  objects: Objects;
  limits: GitLimits;
  excludes: Exclude;
  /** True when `excludes` may take back in what .gitattributes left out, so that ignored folders must be looked into. */
  takesBackIn: boolean;
  note: (note: ArchiveNote) => void;
};

type Folder = { path: string; object: string; depth: number; ignored: boolean; scope: AttributeScope };

/** Sorted by bytes. Throws invalid (`git_unsafe_path`, `git_too_many_files`, `git_too_deep`, …) for this commit. */
export async function archivedFiles(tree: string, walk: Walk): Promise<ArchivedFile[]> {
  const files: ArchivedFile[] = [];
  const macros = new Map<string, boolean | null>();
  const folders: Folder[] = [{ path: "", object: tree, depth: 0, ignored: false, scope: [] }];
  let seen = 0;
  for (let folder = folders.pop(); folder; folder = folders.pop()) {
    if (folder.depth > walk.limits.depth) throw tooDeep(walk.limits);
    const entries = await walk.objects.tree(folder.object);
    seen += entries.length + 1;
    if (seen > walk.limits.files) throw tooManyFiles(walk.limits);
    noteTwins(folder.path, entries, walk.note);
    const scope = await scopeOf(folder, entries, { walk, macros });
    for (const entry of entries) {
      const path = folder.path + entry.name;
      const isFolder = entry.kind === "tree";
      const ignored = folder.ignored || isExportIgnored(scope, path, isFolder);
      if (!isFolder) {
        if (!walk.excludes(path, ignored)) files.push({ path, kind: entry.kind, object: entry.object });
      } else if (!ignored || walk.takesBackIn) {
        folders.push({ path: `${path}/`, object: entry.object, depth: folder.depth + 1, ignored, scope });
      }
    }
  }
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

type Reading = { walk: Walk; macros: Map<string, boolean | null> };

async function scopeOf(
  folder: Folder,
  entries: TreeEntry[],
  { walk, macros }: Reading,
): Promise<AttributeScope> {
  const file = entries.find(
    ({ name, kind }) => name === ".gitattributes" && (kind === "file" || kind === "executable"),
  );
  if (!file) return folder.scope;
  const text = (await walk.objects.blob(file.object)).toString("latin1");
  const attributes = parseAttributes(text, macros, folder.depth === 0);
  return [...folder.scope, { folder: folder.path, attributes }];
}

function noteTwins(folder: string, entries: TreeEntry[], note: Walk["note"]): void {
  const names = new Map<string, string>();
  for (const { name } of entries) {
    const folded = Buffer.from(name, "latin1").toString("utf8").normalize("NFC").toLowerCase();
    const twin = names.get(folded);
    if (twin !== undefined) {
      note({ code: "folded_names", path: shown(folder + name), other: shown(folder + twin) });
    }
    names.set(folded, name);
  }
}

function tooDeep({ depth }: GitLimits) {
  return invalid(`The folders are nested more than ${depth} deep.`, { code: "git_too_deep" });
}

function tooManyFiles({ files }: GitLimits) {
  return invalid(`There are more than ${files} files and folders.`, { code: "git_too_many_files" });
}
