// The parts of isomorphic-git that the built executable does natively: SHA-1, inflating, and writing a pack index.
// build-plugin.ts puts them into the library; run from source it works without them, slower and with less of a bound.

import { createHash } from "node:crypto";
import { createInflate, inflateSync } from "node:zlib";
import { gitLimits } from "./mirror.ts";

export { crc32 } from "node:zlib";

/** No blob of a mirror may be larger, so nothing larger is kept. */
export const largestObjectBytes: number = gitLimits.blobBytes;

export function sha1(bytes: Uint8Array): string {
  return createHash("sha1").update(bytes).digest("hex");
}

/** The zlib stream that `bytes` begins with; its two bytes of header are skipped and its checksum is left to the SHA-1. */
export function inflate(bytes: Buffer): Uint8Array {
  return Bun.inflateSync(bytes.subarray(2) as Uint8Array<ArrayBuffer>);
}

export type Inflated = { data: Buffer | null; consumed: number };

/**
 * Inflates the zlib stream that `rest` begins with and tells how many bytes it took. `data` is null for an object
 * larger than any that is used; it is skipped without being held.
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

/** How many objects of this process's pack were left out because they are larger than any that is used. */
export function skippedObjects(): number {
  return skipped;
}

/** The failure of a delta that would make such an object. */
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

/** Of an offset delta: nine bytes count further than any pack is long. */
export function expectShortOffset(bytes: number): void {
  if (bytes > 9) throw new Error("the offset of a delta is too long");
}

const packHeaderBytes = 12;

/** A base stands before the delta that is made to it, as in every pack that git writes; so no chain is a circle. */
export function expectEarlier(base: number, own: number): number {
  if (base >= packHeaderBytes && base < own) return base;
  throw new Error("the base of a delta is not an object before it");
}

const unreadable = new WeakMap<object, Set<number>>();

/** Whatever is made from it cannot be read either; that is found without following the chain once more. */
export function markUnreadable(pack: object, offset: number): void {
  const known = unreadable.get(pack);
  if (known) known.add(offset);
  else unreadable.set(pack, new Set([offset]));
}

export function expectReadable(pack: object, offset: number): void {
  if (unreadable.get(pack)?.has(offset)) throw new Error("an object can't be read");
}

/** Git makes chains of at most 4095 changes. */
const longestNamedChain = 10_000;
const chains = new WeakMap<object, number>();

/**
 * A delta may name its base, and an index may send that name back to where the chain came from. Reads that wait for each
 * other are counted, because each of a circle waits for the next.
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

/** Version 2 of gitformat-pack(5), for packs below 2 GiB. */
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
