// Writes reproducible zips: the same bytes for the same entries, with one fixed time, no time zone and no extra fields.
// PKWARE's APPNOTE 6.3.10. Sizes stay below 4 GiB by the mirror's limits; more than 65,535 entries need ZIP64's end
// record.

import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { crc32, deflateRawSync } from "node:zlib";

/** A file's content as stored in a zip. */
export type Packed = { method: 0 | 8; crc: number; sizeBytes: number; bytes: Uint8Array };

/** `path` is a byte string of UTF-8; `mode` a Unix mode with its file type. */
export type ZipEntry = { path: string; mode: number; packed: Packed };

export type Zip = {
  /** The caller may change the entry's bytes after it returns. */
  add(entry: ZipEntry): Promise<void>;
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
  const directory: Buffer[] = [];
  const buffer = Buffer.allocUnsafe(bufferBytes);
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
  return {
    async add(entry) {
      const name = Buffer.from(entry.path, "latin1");
      directory.push(centralHeader(entry, name, offset));
      const full = write(localHeader(entry, name));
      if (full) await full;
      await write(entry.packed.bytes);
    },
    async finish() {
      const end = { entries: directory.length, at: offset, bytes: 0 };
      for (const header of directory) await write(header);
      end.bytes = offset - end.at;
      await write(endRecords(end));
      await drain();
      await file.sync();
      await file.close();
      return { sizeBytes: offset, sha1: sha1.digest("hex"), sha256: sha256.digest("hex") };
    },
    abandon: () => file.close(),
  };
}

const bufferBytes = 1024 * 1024;
const unixVersion20 = 0x0314;
const version20 = 20;
const utf8Names = 0x0800;
const firstOfJanuary1980 = 0x0021;

/** libzip, and so PHP, does not read a name with a control character as UTF-8 and would refuse the whole archive. */
function flagsOf(name: Buffer): number {
  const isOdd = name.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d);
  return isOdd ? 0 : utf8Names;
}

function localHeader({ packed }: ZipEntry, name: Buffer): Buffer {
  const header = Buffer.alloc(30 + name.length);
  header.writeUInt32LE(0x04034b50, 0);
  writeCommon(header.subarray(4), flagsOf(name), packed);
  header.writeUInt16LE(name.length, 26);
  name.copy(header, 30);
  return header;
}

function centralHeader({ mode, packed }: ZipEntry, name: Buffer, offset: number): Buffer {
  const header = Buffer.alloc(46 + name.length);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(unixVersion20, 4);
  writeCommon(header.subarray(6), flagsOf(name), packed);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt32LE((mode << 16) >>> 0, 38);
  header.writeUInt32LE(offset, 42);
  name.copy(header, 46);
  return header;
}

/** The 22 bytes that both headers share: version needed, flags, method, time, date, CRC, sizes. */
function writeCommon(header: Buffer, flags: number, { method, crc, bytes, sizeBytes }: Packed): void {
  header.writeUInt16LE(version20, 0);
  header.writeUInt16LE(flags, 2);
  header.writeUInt16LE(method, 4);
  header.writeUInt16LE(0, 6);
  header.writeUInt16LE(firstOfJanuary1980, 8);
  header.writeUInt32LE(crc, 10);
  header.writeUInt32LE(bytes.length, 14);
  header.writeUInt32LE(sizeBytes, 18);
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
