// Compares an archive with the output of `git archive` for the same commit: paths, kinds and contents.
import { inflateRawSync } from "node:zlib";

/** Path → kind and hash of the contents. */
export type Contents = Map<string, string>;

const entryOf = (kind: string, bytes: Uint8Array): string => `${kind} ${Bun.hash(bytes).toString(16)}`;

/** The files of a zip, without its single top folder. */
export function zipContents(zip: Buffer): Contents {
  const contents: Contents = new Map();
  for (const { name, mode, bytes } of zipEntries(zip)) {
    if (name.endsWith("/")) continue;
    const path = name.slice(name.indexOf("/") + 1);
    contents.set(path, entryOf(kindOf(mode), bytes));
  }
  return contents;
}

function kindOf(mode: number): string {
  if ((mode & 0o170000) === 0o120000) return "link";
  return mode & 0o100 ? "executable" : "file";
}

type Entry = { name: string; mode: number; bytes: Uint8Array };

function* zipEntries(zip: Buffer): Generator<Entry> {
  let end = zip.length - 22;
  while (zip.readUInt32LE(end) !== 0x06054b50) end--;
  const count = zip.readUInt16LE(end + 10);
  // With more entries than the old record can count, the count is in the 64-bit record before it.
  const wide = count === 0xffff ? zip.lastIndexOf(Buffer.from("PK\u0006\u0006", "latin1"), end) : -1;
  const entries = wide < 0 ? count : Number(zip.readBigUInt64LE(wide + 32));
  let at = wide < 0 ? zip.readUInt32LE(end + 16) : Number(zip.readBigUInt64LE(wide + 48));
  for (let i = 0; i < entries; i++) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) =>
      zip.readUInt16LE(at + offset),
    );
    const name = zip.toString("utf8", at + 46, at + 46 + nameLength!);
    yield { name, mode: zip.readUInt32LE(at + 38) >>> 16, bytes: bytesAt(zip, at) };
    at += 46 + nameLength! + extraLength! + commentLength!;
  }
}

function bytesAt(zip: Buffer, central: number): Uint8Array {
  const size = zip.readUInt32LE(central + 20);
  const local = zip.readUInt32LE(central + 42);
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const packed = zip.subarray(start, start + size);
  return zip.readUInt16LE(central + 10) === 0 ? packed : inflateRawSync(packed);
}

/** The files of a tar from `git archive`. */
export async function gitContents(repository: string, reference: string): Promise<Contents> {
  const git = Bun.spawn(["git", "-C", repository, "archive", "--format=tar", reference], {
    stderr: "ignore",
  });
  const tar = Buffer.from(await new Response(git.stdout).arrayBuffer());
  if ((await git.exited) !== 0) throw new Error(`git archive failed for ${reference} of ${repository}`);
  return tarContents(tar);
}

function tarContents(tar: Buffer): Contents {
  const contents: Contents = new Map();
  let pax: { path?: string; linkpath?: string } = {};
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const text = (start: number, length: number) =>
      untilZero(tar.toString("utf8", at + start, at + start + length));
    const size = Number.parseInt(text(124, 12), 8) || 0;
    const bytes = tar.subarray(at + 512, at + 512 + size);
    const type = String.fromCharCode(tar[at + 156] ?? 0);
    const prefix = text(345, 155);
    const path = pax.path ?? (prefix ? `${prefix}/${text(0, 100)}` : text(0, 100));
    if (type === "x") pax = paxOf(bytes);
    else {
      if (type === "2") contents.set(path, entryOf("link", Buffer.from(pax.linkpath ?? text(157, 100))));
      else if (type === "0" || type === "\0")
        contents.set(path, entryOf(Number.parseInt(text(100, 8), 8) & 0o100 ? "executable" : "file", bytes));
      if (type !== "g") pax = {};
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return contents;
}

function untilZero(text: string): string {
  const zero = text.indexOf("\0");
  return zero < 0 ? text : text.slice(0, zero);
}

/**
 * The records `30 path=…
 * ` of a pax header.
 */
function paxOf(bytes: Buffer): Record<string, string> {
  const pax: Record<string, string> = {};
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(32, at);
    const length = Number(bytes.toString("latin1", at, space));
    const [key = "", ...value] = bytes.toString("utf8", space + 1, at + length - 1).split("=");
    pax[key] = value.join("=");
    at += length;
  }
  return pax;
}
