// Writes reproducible zips: the same bytes for the same entries, with one fixed time, no time zone and no extra fields.
// PKWARE's APPNOTE 6.3.10. Sizes stay below 4 GiB by the mirror's limits; more than 65,535 entries need ZIP64's end
// record.

import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { crc32, deflateRawSync } from "node:zlib";

/** A file's content as stored in a zip. */
export type Packed = { method: 0 | 8; crc: number; sizeBytes: number; bytes: Uint8Array };

/** `path` is a byte string of UTF-8; `mode` a Unix mode with its file type. */
type ZipEntry = { path: string; mode: number; packed: Packed };

export type Zip = {
  /** The caller may change the entry's bytes once this has returned undefined or its promise has resolved. */
  add(entry: ZipEntry): Promise<void> | undefined;
  /** Writes the central directory and syncs the file to disk. */
  finish(): Promise<{ sizeBytes: number; sha1: string; sha256: string }>;
  /** Aborts; the caller removes the file. */
  abandon(): Promise<void>;
};

const level = 6;

export function pack(content: Uint8Array): Packed {
  const deflated = content.length > 0 ? deflateRawSync(content, { level }) : content;
  const fields = { crc: crc32(content), sizeBytes: content.length };
  return deflated.length < content.length
    ? { method: 8, bytes: deflated, ...fields }
    : { method: 0, bytes: content, ...fields };
}

export async function createZip(path: string): Promise<Zip> {
  const file = await open(path, "wx", 0o600);
  const sha1 = createHash("sha1");
  const sha256 = createHash("sha256");
  const directory = createDirectory();
  const buffer = Buffer.allocUnsafeSlow(bufferBytes);
  let waitingBytes = 0;
  let offset = 0;

  const put = async (chunk: Uint8Array) => {
    sha1.update(chunk);
    sha256.update(chunk);
    for (let at = 0; at < chunk.length;) at += (await file.write(chunk, at)).bytesWritten;
  };
  const drain = async () => {
    await put(buffer.subarray(0, waitingBytes));
    waitingBytes = 0;
  };
  // Copies its input, or writes it before it returns.
  const write = (bytes: Uint8Array): Promise<void> | undefined => {
    offset += bytes.length;
    if (waitingBytes + bytes.length > bufferBytes) return writeThrough(bytes);
    buffer.set(bytes, waitingBytes);
    waitingBytes += bytes.length;
    return undefined;
  };
  const writeThrough = async (bytes: Uint8Array) => {
    await drain();
    if (bytes.length > bufferBytes) return put(bytes);
    buffer.set(bytes, 0);
    waitingBytes = bytes.length;
  };
  const zip: Zip = {
    add(entry) {
      if (waitingBytes + 30 + entry.path.length > bufferBytes) return drain().then(() => zip.add(entry));
      const flags = flagsOf(entry.path);
      directory.add(entry, flags, offset);
      const headerBytes = writeLocalHeader(buffer, waitingBytes, entry, flags);
      waitingBytes += headerBytes;
      offset += headerBytes;
      return write(entry.packed.bytes);
    },
    async finish() {
      const end = { entries: directory.entries(), at: offset, bytes: 0 };
      await write(directory.bytes());
      end.bytes = offset - end.at;
      await write(endRecords(end));
      await drain();
      await file.sync();
      await file.close();
      return { sizeBytes: offset, sha1: sha1.digest("hex"), sha256: sha256.digest("hex") };
    },
    abandon: () => file.close(),
  };
  return zip;
}

const bufferBytes = 1024 * 1024;
const unixVersion20 = 0x0314;
const version20 = 20;
const utf8Names = 0x0800;
const firstOfJanuary1980 = 0x0021;

/** libzip, and so PHP, does not read a name with a control character as UTF-8 and would refuse the whole archive. */
function flagsOf(name: string): number {
  return /[\x00-\x08\x0b\x0c\x0e-\x1f]/.test(name) ? 0 : utf8Names;
}

/** Writes the header into `into` at `at`, which has room for it; answers its number of bytes. */
function writeLocalHeader(into: Buffer, at: number, { path, packed }: ZipEntry, flags: number): number {
  into.writeUInt32LE(0x04034b50, at);
  writeCommon(into, at + 4, flags, packed);
  into.writeUInt16LE(path.length, at + 26);
  into.writeUInt16LE(0, at + 28);
  return 30 + into.write(path, at + 30, "latin1");
}

type DirectoryWriter = {
  add(entry: ZipEntry, flags: number, offset: number): void;
  entries(): number;
  bytes(): Buffer;
};

/** The central directory, in one buffer that grows. */
function createDirectory(): DirectoryWriter {
  let buffer: Buffer = Buffer.allocUnsafeSlow(64 * 1024);
  let end = 0;
  let entries = 0;
  return {
    add(entry, flags, offset) {
      if (end + 46 + entry.path.length > buffer.length) buffer = enlarged(buffer, entry.path.length);
      end += writeCentralHeader(buffer, end, entry, { flags, offset });
      entries++;
    },
    entries: () => entries,
    bytes: () => buffer.subarray(0, end),
  };
}

function enlarged(buffer: Buffer, atLeast: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(2 * buffer.length + atLeast);
  buffer.copy(larger);
  return larger;
}

function writeCentralHeader(
  into: Buffer,
  at: number,
  { path, mode, packed }: ZipEntry,
  { flags, offset }: { flags: number; offset: number },
): number {
  into.writeUInt32LE(0x02014b50, at);
  into.writeUInt16LE(unixVersion20, at + 4);
  writeCommon(into, at + 6, flags, packed);
  into.writeUInt16LE(path.length, at + 28);
  into.fill(0, at + 30, at + 38);
  into.writeUInt32LE((mode << 16) >>> 0, at + 38);
  into.writeUInt32LE(offset, at + 42);
  return 46 + into.write(path, at + 46, "latin1");
}

/** The 22 bytes that both headers share: version needed, flags, method, time, date, CRC, sizes. */
function writeCommon(
  into: Buffer,
  at: number,
  flags: number,
  { method, crc, bytes, sizeBytes }: Packed,
): void {
  into.writeUInt16LE(version20, at);
  into.writeUInt16LE(flags, at + 2);
  into.writeUInt16LE(method, at + 4);
  into.writeUInt16LE(0, at + 6);
  into.writeUInt16LE(firstOfJanuary1980, at + 8);
  into.writeUInt32LE(crc, at + 10);
  into.writeUInt32LE(bytes.length, at + 14);
  into.writeUInt32LE(sizeBytes, at + 18);
}

type Directory = { entries: number; at: number; bytes: number };

function endRecords({ entries, at, bytes }: Directory): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Math.min(entries, 0xffff), 8);
  end.writeUInt16LE(Math.min(entries, 0xffff), 10);
  end.writeUInt32LE(bytes, 12);
  end.writeUInt32LE(at, 16);
  return entries < 0xffff ? end : Buffer.concat([zip64Records({ entries, at, bytes }), end]);
}

function zip64Records({ entries, at, bytes }: Directory): Buffer {
  const records = Buffer.alloc(56 + 20);
  records.writeUInt32LE(0x06064b50, 0);
  records.writeBigUInt64LE(44n, 4);
  records.writeUInt16LE(0x032d, 12);
  records.writeUInt16LE(45, 14);
  records.writeBigUInt64LE(BigInt(entries), 24);
  records.writeBigUInt64LE(BigInt(entries), 32);
  records.writeBigUInt64LE(BigInt(bytes), 40);
  records.writeBigUInt64LE(BigInt(at), 48);
  records.writeUInt32LE(0x07064b50, 56);
  records.writeBigUInt64LE(BigInt(at + bytes), 64);
  records.writeUInt32LE(1, 72);
  return records;
}
