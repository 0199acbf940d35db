// Lists all files of one commit and decides which of them go into an archive.

import { invalid } from "../errors.ts";
import { attributesOf, parseAttributes, type AttributeScope } from "./attributes.ts";
import { conversionOf, type Conversion } from "./conversion.ts";
import type { Exclude } from "./exclude.ts";
import type { ArchiveNote, GitLimits } from "./mirror.ts";
import { displayPath, whyPathLeftOut } from "./file-names.ts";
import type { Objects, TreeEntry } from "./objects.ts";

/** `path` is a byte string relative to the top folder, without slashes at its ends. */
export type ArchivedFile = {
  path: string;
  kind: TreeEntry["kind"];
  object: string;
  /** The conversion by .gitattributes; null when the content stays unchanged. */
  conversion: Conversion | null;
};

type Walk = {
  objects: Objects;
  limits: GitLimits;
  excludes: Exclude;
  /** True when `excludes` may include again what .gitattributes excluded, so that ignored folders must be read. */
  takesBackIn: boolean;
  note: (note: ArchiveNote) => void;
};

type Folder = { path: string; object: string; depth: number; ignored: boolean; scope: AttributeScope };

/** Sorted by bytes. Throws invalid (`git_unsafe_path`, `git_too_many_files`, `git_too_deep`, …) for this commit. */
export async function archivedFiles(tree: string, walk: Walk): Promise<ArchivedFile[]> {
  const files: ArchivedFile[] = [];
  const folders: Folder[] = [{ path: "", object: tree, depth: 0, ignored: false, scope: [] }];
  let seen = 0;
  for (let folder = folders.pop(); folder; folder = folders.pop()) {
    if (folder.depth > walk.limits.depth) throw tooDeep(walk.limits);
    const entries = await walk.objects.tree(folder.object);
    seen += entries.length + 1;
    if (seen > walk.limits.files) throw tooManyFiles(walk.limits);
    noteTwins(folder.path, entries, walk.note);
    const scope = await scopeOf(folder, entries, walk);
    for (const entry of entries) {
      const path = folder.path + entry.name;
      const isFolder = entry.kind === "tree";
      const attributes = attributesOf(scope, path, isFolder);
      const ignored = folder.ignored || attributes.get("export-ignore") === true;
      const leftOut = entry.leftOut ?? whyPathLeftOut(path);
      if (leftOut !== null) {
        if (!walk.excludes(path, ignored)) noteLeftOut(path, leftOut, walk.note);
      } else if (!isFolder) {
        const { kind, object } = entry;
        const conversion = isPlainFile(entry) ? conversionOf(attributes) : null;
        if (!walk.excludes(path, ignored)) files.push({ path, kind, object, conversion });
      } else if (!ignored || walk.takesBackIn) {
        folders.push({ path: `${path}/`, object: entry.object, depth: folder.depth + 1, ignored, scope });
      }
    }
  }
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

async function scopeOf(folder: Folder, entries: TreeEntry[], walk: Walk): Promise<AttributeScope> {
  const entry = entries.find((each) => each.name === ".gitattributes" && isPlainFile(each));
  const [top] = folder.scope;
  if (!entry && top) return folder.scope;
  const text = entry ? (await walk.objects.blob(entry.object)).toString("latin1") : "";
  return [...folder.scope, { folder: folder.path, file: parseAttributes(text, top?.file ?? null) }];
}

function isPlainFile({ kind }: TreeEntry): boolean {
  return kind === "file" || kind === "executable";
}

/** Most trees are equal from tag to tag and are read once. */
const withoutTwins = new WeakSet<TreeEntry[]>();

function noteTwins(folder: string, entries: TreeEntry[], note: Walk["note"]): void {
  if (withoutTwins.has(entries)) return;
  const names = new Map<string, string>();
  let noted = false;
  for (const { name, leftOut } of entries) {
    if (leftOut !== null) continue;
    const folded = Buffer.from(name, "latin1").toString("utf8").normalize("NFC").toLowerCase();
    const twin = names.get(folded);
    if (twin !== undefined) {
      note({ code: "folded_names", path: displayPath(folder + name), other: displayPath(folder + twin) });
      noted = true;
    }
    names.set(folded, name);
  }
  if (!noted) withoutTwins.add(entries);
}

function noteLeftOut(path: string, why: string, note: Walk["note"]): void {
  note({ code: "file_left_out", path: displayPath(path), why });
}

function tooDeep({ depth }: GitLimits) {
  return invalid(`The folders are nested more than ${depth} deep.`, { code: "git_too_deep" });
}

function tooManyFiles({ files }: GitLimits) {
  return invalid(`There are more than ${files} files and folders.`, { code: "git_too_many_files" });
}
