// Native implementations of three parts of isomorphic-git, for the built executable: SHA-1, inflating, and writing a
// pack index. build-plugin.ts patches them in; from source the library works without them, slower and with weaker
// limits.

import { createHash } from "node:crypto";
import { createInflate, inflateSync } from "node:zlib";
import { gitLimits } from "./mirror.ts";

export { crc32 } from "node:zlib";

/** Blobs in a mirror have this limit, so larger objects are not kept. */
export const largestObjectBytes: number = gitLimits.blobBytes;

export function sha1(bytes: Uint8Array): string {
  return createHash("sha1").update(bytes).digest("hex");
}

/** Inflates the zlib stream at the start of `bytes`. Skips its two header bytes; the SHA-1 replaces its checksum. */
export function inflate(bytes: Buffer): Uint8Array {
  return Bun.inflateSync(bytes.subarray(2) as Uint8Array<ArrayBuffer>);
}

export type Inflated = { data: Buffer | null; consumed: number };

/**
 * Inflates the zlib stream at the start of `rest` and answers how many bytes it has. `data` is null for an object above
 * the size limit, which is skipped without being held in memory.
 */
export async function inflateNext(rest: Buffer, length: number): Promise<Inflated> {
  if (length > largestObjectBytes) {
    skipped++;
    return { data: null, consumed: await skipStream(rest) };
  }
  const options = { info: true, maxOutputLength: Math.max(length, 1), chunkSize: Math.max(length, 64) };
  const { buffer, engine } = inflateSync(rest, options) as unknown as {
    buffer: Buffer;
    engine: { bytesWritten: number };
  };
  if (buffer.length !== length) throw new Error("an object's size is not the stated one");
  return { data: buffer, consumed: engine.bytesWritten };
}

let skipped = 0;

/** The number of objects in this process's pack that were skipped because of the size limit. */
export function skippedObjects(): number {
  return skipped;
}

/** The failure of a delta whose result would exceed the size limit. */
export function tooLarge(): Error {
  skipped++;
  return new Error("a delta makes too much");
}

async function skipStream(rest: Buffer): Promise<number> {
  const inflate = createInflate();
  inflate.end(rest);
  for await (const _ of inflate);
  return inflate.bytesWritten;
}

/** Limits the encoded offset of a delta: nine bytes exceed the length of any pack. */
export function expectShortOffset(bytes: number): void {
  if (bytes > 9) throw new Error("the offset of a delta is too long");
}

const packHeaderBytes = 12;

/** Requires the base of a delta to come before it, as in every pack that git writes; so no delta chain is a cycle. */
export function expectEarlier(base: number, own: number): number {
  if (base >= packHeaderBytes && base < own) return base;
  throw new Error("the base of a delta is not an object before it");
}

const unreadable = new WeakMap<object, Set<number>>();

/** Marks an object, so that objects based on it fail without following the chain again. */
export function markUnreadable(pack: object, offset: number): void {
  const known = unreadable.get(pack);
  if (known) known.add(offset);
  else unreadable.set(pack, new Set([offset]));
}

export function expectReadable(pack: object, offset: number): void {
  if (unreadable.get(pack)?.has(offset)) throw new Error("an object can't be read");
}

/** Git makes delta chains of at most 4095. */
const longestNamedChain = 10_000;
const chains = new WeakMap<object, number>();

/**
 * Limits chains of deltas that name their base. An index can map such a name back into the chain, so that reads wait
 * for each other in a cycle; counting nested reads ends it.
 */
export async function withinChain<Found>(pack: object, read: () => Promise<Found>): Promise<Found> {
  const waiting = chains.get(pack) ?? 0;
  if (waiting >= longestNamedChain) throw new Error("a chain of deltas has no end");
  chains.set(pack, waiting + 1);
  try {
    return await read();
  } finally {
    chains.set(pack, (chains.get(pack) ?? 1) - 1);
  }
}

export type PackIndex = {
  /** Sorted object names in hex. */
  hashes: string[];
  crcs: Record<string, number>;
  offsets: Map<string, number>;
  packfileSha: string;
};

/** Writes version 2 of gitformat-pack(5), for packs below 2 GiB. */
export function writePackIndex({ hashes, crcs, offsets, packfileSha }: PackIndex): Buffer {
  const count = hashes.length;
  const index = Buffer.alloc(8 + 1024 + count * 28 + 40);
  const names = 8 + 1024;
  index.writeUInt32BE(0xff744f63, 0);
  index.writeUInt32BE(2, 4);
  const fanout = new Uint32Array(256);
  for (const [i, hash] of hashes.entries()) {
    index.write(hash, names + i * 20, "hex");
    index.writeUInt32BE(crcs[hash] ?? 0, names + count * 20 + i * 4);
    index.writeUInt32BE(offsets.get(hash) ?? 0, names + count * 24 + i * 4);
    const first = index[names + i * 20] ?? 0;
    fanout[first] = (fanout[first] ?? 0) + 1;
  }
  let total = 0;
  for (const [first, added] of fanout.entries()) {
    total += added;
    index.writeUInt32BE(total, 8 + first * 4);
  }
  index.write(packfileSha, index.length - 40, "hex");
  index.write(sha1(index.subarray(0, -20)), index.length - 20, "hex");
  return index;
}
