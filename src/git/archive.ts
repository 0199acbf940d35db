// Writes one commit as a zip: the files that `git archive` and `composer archive` would include, under one top folder.
// Contents are converted as .gitattributes says; filters do not run.

import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { invalid } from "../errors.ts";
import { parseExclude } from "./exclude.ts";
import { substituteFor, type CommitSource, type Substitute } from "./commit-format.ts";
import { convert, plainKey, type Conversion } from "./conversion.ts";
import {
  archiveFormat,
  type Archive,
  type ArchiveNote,
  type ArchiveRequest,
  type GitLimits,
} from "./mirror.ts";
import { createPackedStore, type PackedBlob, type PackedStore } from "./packed-store.ts";
import { displayPath } from "./file-names.ts";
import type { Objects } from "./objects.ts";
import { archivedFiles, type ArchivedFile } from "./tree.ts";
import { createZip, pack, type Zip } from "./zip.ts";

type Archiving = { objects: Objects; limits: GitLimits; refs: CommitSource["refs"] };

/** Writes the zip to `path`. Throws invalid (`git_…`) when this commit can't be archived, and leaves no file then. */
export type Archiver = (request: ArchiveRequest, path: string) => Promise<Archive>;

const shownNotes = 20;

/** Archives are written one at a time, so that a later one can reuse what an earlier one deflated. */
export function createArchiver(archiving: Archiving): Archiver {
  let store: PackedStore | null = null;
  let turn: Promise<unknown> = Promise.resolve();
  return async (request, path) => {
    store ??= createPackedStore(join(dirname(path), "packed"));
    const packed = store;
    const writing = turn.then(() => writeEntries(request, { ...archiving, packed, path }));
    turn = writing.catch(() => {});
    const { zip, notes } = await writing;
    // Syncing to disk overlaps with the next archive.
    return { path, ...(await zip.finish()), notes: shortened(notes) };
  };
}

type Writing = Archiving & { packed: PackedStore; path: string };

async function writeEntries(
  request: ArchiveRequest,
  writing: Writing,
): Promise<{ zip: Zip; notes: ArchiveNote[] }> {
  const notes: ArchiveNote[] = [];
  const note = (each: ArchiveNote) => void notes.push(each);
  const { objects, path } = writing;
  const { reference, topFolder, format = archiveFormat } = request;
  const { tree } = await objects.commit(reference);
  const files = await archivedFiles(tree, { ...writing, ...parseExclude(request.exclude), note });
  const zip = await createZip(path);
  try {
    const converts = format >= 2;
    const substitute =
      converts &&
      files.some(({ conversion }) => conversion?.subst) &&
      substituteFor(await sourceOf(reference, writing));
    await addFiles(zip, files, { ...writing, topFolder, note, converts, substitute: substitute || null });
    return { zip, notes };
  } catch (error) {
    await zip.abandon().catch(() => {});
    await rm(path, { force: true });
    throw error;
  }
}

async function sourceOf(reference: string, { objects, refs }: Archiving): Promise<CommitSource> {
  const { bytes } = await objects.read(reference);
  return { reference, bytes, refs: refs.filter((ref) => ref.reference === reference) };
}

type Adding = Writing & {
  topFolder: string;
  note: (note: ArchiveNote) => void;
  converts: boolean;
  substitute: Substitute | null;
};

async function addFiles(zip: Zip, files: ArchivedFile[], adding: Adding): Promise<void> {
  let expandedBytes = 0;
  let added = 0;
  for (const file of files) {
    if (file.kind === "submodule") {
      adding.note({ code: "submodule", path: displayPath(file.path) });
      continue;
    }
    // Nearly all are known; waiting for each of a million would take longer than writing it.
    const known = packedBlob(file, adding);
    const packed = known instanceof Promise ? await known : known;
    expandedBytes += packed.sizeBytes;
    if (expandedBytes > adding.limits.expandedBytes) throw tooLarge(adding.limits);
    if (file.kind === "symlink" && !(await staysInside(file, adding))) {
      adding.note({ code: "outward_link", path: displayPath(file.path) });
      continue;
    }
    if (packed.isLfsPointer) {
      adding.note({ code: "lfs_pointer", path: displayPath(file.path) });
    }
    const full = zip.add({ path: `${adding.topFolder}/${file.path}`, mode: modes[file.kind], packed });
    if (full) await full;
    added++;
  }
  if (added === 0) {
    throw invalid("Nothing is left of this commit to archive.", { code: "git_empty_archive" });
  }
}

const modes = { file: 0o100644, executable: 0o100755, symlink: 0o120777 } as Record<
  ArchivedFile["kind"],
  number
>;

function packedBlob(file: ArchivedFile, adding: Adding): PackedBlob | Promise<PackedBlob> {
  const { object } = file;
  const conversion = adding.converts ? file.conversion : null;
  const substitute = conversion?.subst ? adding.substitute : null;
  const key = conversion && conversion.key !== plainKey ? `${object} ${conversion.key}` : object;
  const known = substitute ? undefined : adding.packed.get(key);
  return known ?? freshBlob(file, { ...adding, key, conversion, substitute });
}

type Packing = Adding & { key: string; conversion: Conversion | null };

async function freshBlob(
  { object, path }: ArchivedFile,
  { objects, packed, key, conversion, substitute }: Packing,
): Promise<PackedBlob> {
  const content = await objects.blob(object, `The file "${displayPath(path)}"`);
  const converted = conversion ? convert(content, conversion, object) : content;
  const blob = { ...pack(substitute?.(converted) ?? converted), isLfsPointer: isLfsPointer(content) };
  if (!substitute) packed.add(key, blob);
  return blob;
}

function isLfsPointer(bytes: Buffer): boolean {
  return (
    bytes.length < 1024 && bytes.toString("latin1", 0, 43) === "version https://git-lfs.github.com/spec/v1\n"
  );
}

// `..` is allowed only at the start: after a name it would resolve through whatever that name links to.
async function staysInside({ path, object }: ArchivedFile, { objects }: Archiving): Promise<boolean> {
  const target = (await objects.blob(object)).toString("latin1");
  const [, up = "", down = ""] = /^((?:\.\/|\.\.(?:\/|$))*)(.*)$/s.exec(target) ?? [];
  if (target === "" || down.startsWith("/") || /[\u0000\\]/.test(target)) return false;
  if (down.split("/").includes("..")) return false;
  const ups = up.split("/").filter((part) => part === "..").length;
  return ups <= path.split("/").length - 1;
}

function shortened(notes: ArchiveNote[]): ArchiveNote[] {
  if (notes.length <= shownNotes) return notes;
  return [...notes.slice(0, shownNotes), { code: "more_files", count: notes.length - shownNotes }];
}

function tooLarge({ expandedBytes }: GitLimits) {
  const limit = Math.floor(expandedBytes / 1024 / 1024);
  return invalid(`The files are larger than ${limit} MB together.`, { code: "git_archive_too_large" });
}
