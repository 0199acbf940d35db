// Keeps deflated files of one mirror in a file, so that content shared by several tags is deflated once, however many
// and large they are. Memory only holds the list of positions.

import { openSync, readSync, unlinkSync, writeSync } from "node:fs";
import type { Packed } from "./zip.ts";

export type PackedBlob = Packed & { isLfsPointer: boolean };

export type PackedStore = {
  /** The bytes are valid until the next call. */
  get(key: string): PackedBlob | undefined;
  add(key: string, blob: PackedBlob): void;
};

type Place = Omit<PackedBlob, "bytes"> & { at: number; length: number };

const mostBytes = 2 * 1024 * 1024 * 1024;
const mostEntries = 500_000;
const blockBytes = 64 * 1024;
/** Larger files are read individually; smaller ones are within one block. */
const smallBytes = 16 * 1024;
const mostBlocks = 384;

/**
 * Lives as long as its process, and so does its file: `path` is unlinked once it is open. Beyond its limits it stores
 * nothing more, and missing content is deflated again.
 */
export function createPackedStore(path: string): PackedStore {
  const file = openSync(path, "wx+", 0o600);
  unlinkSync(path);
  const places = new Map<string, Place>();
  const read = createBlockReader(file);
  let end = 0;
  return {
    get(key) {
      const place = places.get(key);
      if (!place) return undefined;
      const { at, length, method, crc, sizeBytes, isLfsPointer } = place;
      return { method, crc, sizeBytes, isLfsPointer, bytes: read(at, length) };
    },
    add(key, { bytes: content, ...rest }) {
      const { length } = content;
      const left = blockBytes - (end % blockBytes);
      const at = length <= smallBytes && length > left ? end + left : end;
      if (at + length > mostBytes || places.size >= mostEntries) return;
      for (let done = 0; done < length;) done += writeSync(file, content, done, length - done, at + done);
      places.set(key, { ...rest, at, length });
      end = at + length;
    },
  };
}

/**
 * Each archive reads what the earlier archives added, each part from its beginning to its end. Reads are by blocks, and
 * the last used blocks are kept, so that switching between two parts reads nothing twice.
 */
function createBlockReader(file: number): (at: number, length: number) => Buffer {
  const blocks = new Map<number, Block>();
  let last: Block = { number: -1, bytes: Buffer.alloc(0), filled: 0 };
  const blockOf = (number: number): Block => {
    if (last.number === number) return last;
    const known = blocks.get(number);
    if (known) blocks.delete(number);
    last = known ?? freshBlock(blocks, number);
    blocks.set(number, last);
    return last;
  };
  return (at, length) => {
    if (length > smallBytes) return readExactly(file, Buffer.allocUnsafe(length), at);
    const block = blockOf(Math.floor(at / blockBytes));
    const from = at % blockBytes;
    // Content that was added after a block was read lies beyond that block.
    if (from + length > block.filled)
      block.filled = readSync(file, block.bytes, 0, blockBytes, block.number * blockBytes);
    if (from + length > block.filled) throw tooShort();
    return block.bytes.subarray(from, from + length);
  };
}

type Block = { number: number; bytes: Buffer; filled: number };

/** Reuses the least recently used block once there are enough. */
function freshBlock(blocks: Map<number, Block>, number: number): Block {
  const [oldest] = blocks.size >= mostBlocks ? blocks.values() : [];
  if (!oldest) return { number, bytes: Buffer.allocUnsafeSlow(blockBytes), filled: 0 };
  blocks.delete(oldest.number);
  return { number, bytes: oldest.bytes, filled: 0 };
}

function readExactly(file: number, into: Buffer, at: number): Buffer {
  for (let done = 0; done < into.length;) {
    const count = readSync(file, into, done, into.length - done, at + done);
    if (count === 0) throw tooShort();
    done += count;
  }
  return into;
}

function tooShort(): Error {
  return new Error("the store of deflated files is shorter than it was");
}
