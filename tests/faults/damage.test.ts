// R8, R18: a database with a damaged page is refused and left alone; one that a kill left half made is finished.
import { Database } from "bun:sqlite";
import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Operator } from "../worlds/shell.ts";
import { makeRepository } from "../tools/repositories.ts";
import { killedAt } from "./kills.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
beforeEach(async () => void (ann = await openWorld({ in: "shell" })));
afterEach(() => ann.close());

const pageBytes = 4096;

test("R8: a server refuses a database with a damaged page, says what to do, and changes nothing", async () => {
  await ann.must("org", "create", "acme");
  const repository = await makeRepository(ann.folder, "acme/blog", [
    { manifest: { name: "acme/blog" }, tags: ["1.0.0"] },
  ]);
  await ann.must("repo", "add", "--org", "acme", repository.path, "--sync", "--wait");
  // A server moves everything from the log into the file.
  const before = await ann.serve();
  before.kill("SIGTERM");
  await before.ended;
  const path = join(ann.dataDir, "pricore.sqlite");
  const good = readFileSync(path);
  const pages = good.length / pageBytes;
  const step = Math.max(1, Math.floor(pages / 25));
  for (let page = 1; page < pages; page += step) {
    const bytes = Buffer.from(good).fill(0x5a, page * pageBytes, (page + 1) * pageBytes);
    writeFileSync(path, bytes);
    const { code, stderr } = await ann.run(["serve"], { timeoutMs: 20_000 });
    expect([page, code]).toEqual([page, 1]);
    expect(stderr).toMatch(/damaged/);
    expect(stderr).toMatch(/estore the last backup/);
    expect(readFileSync(path).equals(bytes)).toBe(true);
  }
  // The control: with its own pages it serves.
  writeFileSync(path, good);
  const server = await ann.serve();
  expect(server.code()).toBe(null);
});

test("FT9: a server refuses a log with a damaged page as well, wherever it is, and changes nothing", async () => {
  await ann.must("org", "create", "acme");
  const path = join(ann.dataDir, "pricore.sqlite-wal");
  const good = readFileSync(path);
  const frames = (good.length - 32) / (pageBytes + 24);
  expect(frames).toBeGreaterThan(3);
  for (let frame = 0; frame < frames; frame += Math.max(1, Math.floor(frames / 10))) {
    const from = 32 + frame * (pageBytes + 24);
    const bytes = Buffer.from(good).fill(0x5a, from, from + pageBytes);
    writeFileSync(path, bytes);
    const { code, stderr } = await ann.run(["serve"], { timeoutMs: 20_000 });
    expect([frame, code, stderr]).toEqual([
      frame,
      1,
      expect.stringMatching(/damaged.*\n.*restore the last backup/),
    ]);
    expect(readFileSync(path).equals(bytes)).toBe(true);
  }
  // The control: with its own pages it serves.
  writeFileSync(path, good);
  expect((await ann.serve()).code()).toBe(null);
}, 60_000);

for (const [point, step] of [
  ["fsync", 1],
  ["pwrite64", 12],
] as const)
  test(`R18: a database whose making is killed at any ${point} is made by the next start`, async () => {
    let kills = 0;
    for (let nth = 1; ; nth += step) {
      const dataDir = join(ann.folder, `data-${nth}`);
      const killed = await killedAt(["migrate", "--data-dir", dataDir], point, nth);
      if (killed) kills++;
      const tables = tablesIn(dataDir);
      // All of them or none: a migration is one transaction.
      expect([nth, tables === 0 || tables > 20]).toEqual([nth, true]);
      await ann.must("migrate", "--data-dir", dataDir);
      await ann.must("org", "create", "acme", "--data-dir", dataDir);
      expect(tablesIn(dataDir)).toBeGreaterThan(20);
      await rm(dataDir, { recursive: true });
      // The control: in the end it runs through untouched.
      if (!killed) break;
    }
    expect(kills).toBeGreaterThan(5);
  }, 120_000);

/** Of ours, beside those of the migrator; 0 where there is no database yet. */
function tablesIn(dataDir: string): number {
  const path = join(dataDir, "pricore.sqlite");
  if (!existsSync(path)) return 0;
  using db = new Database(path);
  expect(db.query("pragma integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
  const query =
    "select count(*) as count from sqlite_schema where type = 'table' and name not like 'kysely%'";
  return db.query<{ count: number }, []>(query).get()?.count ?? 0;
}
