// One file out of an archive that we wrote ourselves: no comment, no extra fields, one folder on top (src/git/zip.ts).
import { inflateRawSync } from "node:zlib";

const archiveFileLimits = {
  /** The limit for the archive's central directory. */
  directoryBytes: 8 * 1024 * 1024,
  fileBytes: 2 * 1024 * 1024,
} as const;

type Entry = { method: number; packedBytes: number; fileBytes: number; at: number };

/** null for a path that does not exist, is no plain file, or is beyond a limit. */
export async function readArchiveFile(
  content: Blob,
  { sizeBytes, path }: { sizeBytes: number; path: string },
): Promise<Uint8Array | null> {
  const bytesOf = async (at: number, length: number) =>
    Buffer.from(await content.slice(at, at + length).arrayBuffer());
  const end = await bytesOf(sizeBytes - endBytes, endBytes);
  if (end.length < endBytes || end.readUInt32LE(0) !== 0x06054b50) return null;
  const [listBytes, listAt] = [end.readUInt32LE(12), end.readUInt32LE(16)];
  if (listBytes > archiveFileLimits.directoryBytes) return null;
  const entry = findEntry(await bytesOf(listAt, listBytes), path);
  if (entry === null || entry.fileBytes > archiveFileLimits.fileBytes) return null;
  const header = await bytesOf(entry.at, headerBytes);
  if (header.length < headerBytes) return null;
  const start = entry.at + headerBytes + header.readUInt16LE(26) + header.readUInt16LE(28);
  const packed = await bytesOf(start, entry.packedBytes);
  if (entry.method === 0) return packed;
  return inflateRawSync(packed, { maxOutputLength: archiveFileLimits.fileBytes });
}

const endBytes = 22;
const headerBytes = 30;
const entryBytes = 46;
const plainFile = 0o100000;
const kindOfFile = 0o170000;

function findEntry(list: Buffer, path: string): Entry | null {
  for (let at = 0; at + entryBytes <= list.length && list.readUInt32LE(at) === 0x02014b50;) {
    const nameBytes = list.readUInt16LE(at + 28);
    const name = list.toString("utf8", at + entryBytes, at + entryBytes + nameBytes);
    const kind = (list.readUInt32LE(at + 38) >>> 16) & kindOfFile;
    if (name.slice(name.indexOf("/") + 1) === path && kind === plainFile)
      return {
        method: list.readUInt16LE(at + 10),
        packedBytes: list.readUInt32LE(at + 20),
        fileBytes: list.readUInt32LE(at + 24),
        at: list.readUInt32LE(at + 42),
      };
    at += entryBytes + nameBytes + list.readUInt16LE(at + 30) + list.readUInt16LE(at + 32);
  }
  return null;
}
