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
const windowBytes = 512 * 1024;

/**
 * Lives as long as its process, and so does its file: `path` is unlinked once it is open. Beyond its limits it stores
 * nothing more, and missing content is deflated again.
 */
export function createPackedStore(path: string): PackedStore {
  const file = openSync(path, "wx+", 0o600);
  unlinkSync(path);
  const places = new Map<string, Place>();
  // Archives read in the order in which the first one was written, so most content is in the block read before.
  const window = Buffer.allocUnsafe(windowBytes);
  let windowAt = 0;
  let windowEnd = 0;
  let bytes = 0;
  const read = (at: number, length: number): Buffer => {
    if (length > windowBytes) return readExactly(file, Buffer.allocUnsafe(length), at);
    if (at < windowAt || at + length > windowEnd) {
      windowAt = at;
      windowEnd = at + readSync(file, window, 0, windowBytes, at);
      if (windowEnd < at + length) throw new Error("the store of deflated files is shorter than it was");
    }
    return window.subarray(at - windowAt, at - windowAt + length);
  };
  return {
    get(key) {
      const place = places.get(key);
      if (!place) return undefined;
      const { at, length, ...rest } = place;
      return { ...rest, bytes: read(at, length) };
    },
    add(key, { bytes: content, ...rest }) {
      if (bytes + content.length > mostBytes || places.size >= mostEntries) return;
      for (let done = 0; done < content.length;)
        done += writeSync(file, content, done, content.length - done, bytes + done);
      places.set(key, { ...rest, at: bytes, length: content.length });
      bytes += content.length;
    },
  };
}

function readExactly(file: number, into: Buffer, at: number): Buffer {
  for (let done = 0; done < into.length;) {
    const count = readSync(file, into, done, into.length - done, at + done);
    if (count === 0) throw new Error("the store of deflated files is shorter than it was");
    done += count;
  }
  return into;
}
