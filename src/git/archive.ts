// One commit as a zip: the files that `git archive` and `composer archive` would hold, under one top folder.
// Contents are the committed ones; line endings, `export-subst` and filters are not applied.

import { rm } from "node:fs/promises";
import { invalid } from "../errors.ts";
import { parseExclude } from "./exclude.ts";
import type { Archive, ArchiveNote, ArchiveRequest, GitLimits } from "./mirror.ts";
import { shown, type Objects } from "./objects.ts";
import { archivedFiles, type ArchivedFile } from "./tree.ts";
import { createZip, pack, type Packed, type Zip } from "./zip.ts";

export type PackedBlob = Packed & { isLfsPointer: boolean };

/** Keeps what most tags have in common from being deflated for each of them. */
export type PackedBlobs = {
  get(object: string): PackedBlob | undefined;
  set(object: string, blob: PackedBlob): void;
};

export type Archiving = { objects: Objects; limits: GitLimits; packed: PackedBlobs; path: string };

const packedBytes = 32 * 1024 * 1024;
const shownNotes = 20;

/** Writes the zip to `path`. Throws invalid (`git_…`) when this commit can't be archived; nothing is left then. */
export async function writeArchive(request: ArchiveRequest, archiving: Archiving): Promise<Archive> {
  const notes: ArchiveNote[] = [];
  const note = (each: ArchiveNote) => void notes.push(each);
  const { tree } = await archiving.objects.commit(request.reference);
  const files = await archivedFiles(tree, { ...archiving, ...parseExclude(request.exclude), note });
  const zip = await createZip(archiving.path);
  try {
    await addFiles(zip, files, { ...archiving, topFolder: request.topFolder, note });
    return { path: archiving.path, ...(await zip.finish()), notes: shortened(notes) };
  } catch (error) {
    await zip.abandon().catch(() => {});
    await rm(archiving.path, { force: true });
    throw error;
  }
}

/** Forgets the oldest beyond a fixed number of bytes. */
export function createPackedBlobs(): PackedBlobs {
  const blobs = new Map<string, PackedBlob>();
  let bytes = 0;
  return {
    get: (object) => blobs.get(object),
    set(object, blob) {
      if (blob.bytes.length > packedBytes / 4) return;
      blobs.set(object, blob);
      bytes += blob.bytes.length;
      for (const [oldest, { bytes: content }] of blobs) {
        if (bytes <= packedBytes) break;
        blobs.delete(oldest);
        bytes -= content.length;
      }
    },
  };
}

type Adding = Archiving & { topFolder: string; note: (note: ArchiveNote) => void };

async function addFiles(zip: Zip, files: ArchivedFile[], adding: Adding): Promise<void> {
  let expandedBytes = 0;
  let added = 0;
  for (const file of files) {
    if (file.kind === "submodule") {
      adding.note({ code: "submodule", path: shown(file.path) });
      continue;
    }
    const packed = await packedBlob(file.object, adding);
    expandedBytes += packed.sizeBytes;
    if (expandedBytes > adding.limits.expandedBytes) throw tooLarge(adding.limits);
    if (file.kind === "symlink" && !(await staysInside(file, adding))) {
      adding.note({ code: "outward_link", path: shown(file.path) });
      continue;
    }
    if (packed.isLfsPointer) adding.note({ code: "lfs_pointer", path: shown(file.path) });
    await zip.add({ path: `${adding.topFolder}/${file.path}`, mode: modes[file.kind], packed });
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

async function packedBlob(object: string, { packed, objects }: Archiving): Promise<PackedBlob> {
  const known = packed.get(object);
  if (known) return known;
  const bytes = await objects.blob(object);
  const blob = { ...pack(bytes), isLfsPointer: isLfsPointer(bytes) };
  packed.set(object, blob);
  return blob;
}

function isLfsPointer(bytes: Buffer): boolean {
  return (
    bytes.length < 1024 && bytes.toString("latin1", 0, 43) === "version https://git-lfs.github.com/spec/v1\n"
  );
}

// `..` only at the start: after a name it would be resolved through whatever that name links to.
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
