// Reads one file out of a zip archive, as a client that unpacks it would.
import { inflateRawSync } from "node:zlib";

const endMark = 0x06054b50;
const entryMark = 0x02014b50;
const maxFileBytes = 16 * 1024 * 1024;

/** The file whose path is `name`, at the top or in the only folder there; null when there is none. */
export function fileInZip(zip: Buffer, name: string): Buffer | null {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || zip.readUInt32LE(end) !== endMark) return null;
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    if (zip.readUInt32LE(at) !== entryMark) return null;
    const [nameBytes, extra, comment] = [28, 30, 32].map((from) => zip.readUInt16LE(at + from));
    const path = zip.toString("utf8", at + 46, at + 46 + (nameBytes ?? 0));
    if (path === name || (path.endsWith(`/${name}`) && path.split("/").length === 2))
      return contentAt(zip, at);
    at += 46 + (nameBytes ?? 0) + (extra ?? 0) + (comment ?? 0);
  }
  return null;
}

function contentAt(zip: Buffer, entry: number): Buffer {
  const [method, packedBytes] = [zip.readUInt16LE(entry + 10), zip.readUInt32LE(entry + 20)];
  const local = zip.readUInt32LE(entry + 42);
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const packed = zip.subarray(start, start + packedBytes);
  return method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: maxFileBytes });
}
