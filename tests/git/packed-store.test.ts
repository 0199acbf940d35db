import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPackedStore, type PackedStore } from "../../src/git/packed-store.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "packed-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Each file has different content. */
function put(store: PackedStore, key: string, length: number): Buffer {
  const bytes = Buffer.alloc(length, `${key} `);
  store.add(key, { method: 8, crc: length, sizeBytes: 2 * length, bytes, isLfsPointer: false });
  return bytes;
}

test("What was stored comes back, whatever its size, and however much came after it", () => {
  const store = createPackedStore(join(folder, "sizes"));
  const stored = new Map<string, Buffer>();
  const sizes = [0, 1, 100, 16_384, 16_385, 65_535, 65_536, 65_537, 300_000];
  for (let round = 0; round < 80; round++) {
    for (const size of sizes) {
      const key = `${round} of ${size}`;
      stored.set(key, put(store, key, size));
      // The block that is being filled is read between additions, too.
      expect(textOf(store, key)).toBe((stored.get(key) as Buffer).toString("latin1"));
    }
  }
  for (const order of [[...stored], [...stored].toReversed()])
    for (const [key, bytes] of order) {
      const { bytes: found, ...rest } = store.get(key) ?? expect.unreachable(key);
      expect(Buffer.compare(found, bytes)).toBe(0);
      expect(rest).toEqual({
        method: 8,
        crc: bytes.length,
        sizeBytes: 2 * bytes.length,
        isLfsPointer: false,
      });
    }
  expect(store.get("another")).toBeUndefined();
});

test("FC20: an archive whose files came with many earlier ones reads each part of the store once", async () => {
  const store = createPackedStore(join(folder, "parts"));
  const [parts, files] = [20, 300];
  for (let part = 0; part < parts; part++)
    for (let file = 0; file < files; file++) put(store, `${part} ${file}`, 3000);
  const before = await readBytes();
  for (let file = 0; file < files; file++)
    for (let part = 0; part < parts; part++)
      expect(textOf(store, `${part} ${file}`)).toStartWith(`${part} ${file} `);
  expect((await readBytes()) - before).toBeLessThan(2 * parts * files * 3000);
});

function textOf(store: PackedStore, key: string): string {
  return Buffer.from(store.get(key)?.bytes ?? []).toString("latin1");
}

/** Bytes that this process has read, from files and elsewhere. */
async function readBytes(): Promise<number> {
  return Number(/^rchar: (\d+)$/m.exec(await readFile("/proc/self/io", "utf8"))?.[1]);
}
