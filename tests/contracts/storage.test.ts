// What every place for archives promises: a folder, and a bucket.
import { afterAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDiskStorage } from "../../src/storage/disk.ts";
import { createS3Storage } from "../../src/storage/s3.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { startS3 } from "../tools/servers/s3-server.ts";

const folder = mkdtempSync(join(tmpdir(), "pricore-storage-"));
const bucket = startS3("archives");

const places: Record<string, Storage> = {
  disk: createDiskStorage(join(folder, "dists")),
  s3: createS3Storage({
    accessKeyId: "key",
    secretAccessKey: "secret",
    region: "us-east-1",
    bucket: "archives",
    endpoint: bucket.endpoint,
    virtualHosted: false,
    linkSeconds: 60,
  }),
};

afterAll(async () => {
  await bucket.stop();
  rmSync(folder, { recursive: true, force: true });
});

function archive(text: string): { path: string; sha256: string } {
  const path = join(folder, `archive-${Bun.randomUUIDv7()}`);
  writeFileSync(path, text);
  return { path, sha256: createHash("sha256").update(text).digest("hex") };
}

async function listed(storage: Storage): Promise<string[]> {
  const found: string[] = [];
  for await (const { sha256 } of storage.list()) found.push(sha256);
  return found;
}

for (const [name, storage] of Object.entries(places))
  describe(`archives on ${name}`, () => {
    test("are taken whole, and the file that held them is gone", async () => {
      const { path, sha256 } = archive("one");
      await storage.put(sha256, path);
      expect(existsSync(path)).toBe(false);
      expect(await (await storage.get(sha256))?.text()).toBe("one");
    });

    test("can be read in part", async () => {
      const { path, sha256 } = archive("0123456789");
      await storage.put(sha256, path);
      expect(await (await storage.get(sha256))?.slice(2, 5).text()).toBe("234");
    });

    test("can be stored again without harm", async () => {
      for (let time = 0; time < 2; time++) {
        const { path, sha256 } = archive("again");
        await storage.put(sha256, path);
        expect(await (await storage.get(sha256))?.text()).toBe("again");
      }
    });

    test("are listed with the time they came, and forgotten when they are removed", async () => {
      const { path, sha256 } = archive("listed");
      await storage.put(sha256, path);
      for await (const each of storage.list())
        expect(Math.abs(Date.now() - each.storedAt)).toBeLessThan(60_000);
      expect(await listed(storage)).toContain(sha256);
      await storage.remove(sha256);
      expect(await listed(storage)).not.toContain(sha256);
      expect(await storage.get(sha256)).toBeNull();
    });

    test("that are not there are null, not an error", async () => {
      expect(await storage.get("f".repeat(64))).toBeNull();
      await storage.remove("f".repeat(64));
    });
  });

test("FA19: what others put into the folder of archives does not stop them from being listed", async () => {
  const directory = join(folder, "shared");
  const disk = createDiskStorage(directory);
  const { path, sha256 } = archive("beside");
  await disk.put(sha256, path);
  writeFileSync(join(directory, ".DS_Store"), "");
  writeFileSync(join(directory, "aa"), "");
  mkdirSync(join(directory, "lost+found"));
  expect(await listed(disk)).toEqual([sha256]);
});

describe("a damaged archive on disk", () => {
  test("is never handed out, also when it was read before", async () => {
    const storage = places["disk"] as Storage;
    const { path, sha256 } = archive("precious");
    await storage.put(sha256, path);
    expect(await (await storage.get(sha256))?.text()).toBe("precious");
    writeFileSync(join(folder, "dists", sha256.slice(0, 2), `${sha256.slice(2)}.zip`), "Precious");
    expect(storage.get(sha256)).rejects.toThrow("damaged");
  });

  test("is not even asked for under a name that is no hash", () => {
    expect((places["disk"] as Storage).get("../../etc/passwd")).rejects.toThrow();
  });
});
