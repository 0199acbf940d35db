// Which backups are kept, and that nothing which they need is deleted.
import { expect, test } from "bun:test";
import { readdirSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { openFolder } from "../../src/backup/folder.ts";
import { withLease } from "../../src/backup/lease.ts";
import { keptSets, sweep } from "../../src/backup/retention.ts";
import { runBackup } from "../../src/backup/run.ts";
import { idOf, listSets, readSet } from "../../src/backup/sets.ts";
import { verifyPresence } from "../../src/backup/verify.ts";
import { failureOf } from "../tools/failure.ts";
import { backupGround } from "./ground.ts";

const dayMs = 86_400_000;
const now = Date.parse("2026-12-01T12:00:00Z");

test("OP27: of each day, week and month that is kept there is the newest backup", () => {
  const ids = Array.from({ length: 400 }, (_, days) => idOf(now - days * dayMs));
  const kept = [...keptSets(ids, { keep: { daily: 7, weekly: 4, monthly: 12 }, now })].toSorted();
  expect(kept.length).toBeGreaterThanOrEqual(7 + 1 + 11);
  expect(kept.length).toBeLessThanOrEqual(7 + 4 + 12);
  expect(kept.at(-1)).toBe(idOf(now));
  expect(kept.filter((id) => id >= idOf(now - 6.5 * dayMs))).toHaveLength(7);
  expect(kept[0]?.slice(0, 10)).toBe("2026-01-31");
  expect([
    ...keptSets(["2020-01-01T00-00-00-000Z"], { keep: { daily: 0, weekly: 0, monthly: 0 }, now }),
  ]).toHaveLength(1);
});

test("OP27: a backup that is not kept goes, and after two days what only it needed; the others stay whole", async () => {
  const ground = await backupGround({ BACKUP_KEEP: "2 daily" });
  try {
    const { app } = ground.world;
    const target = openFolder(ground.target);
    for (const slug of ["labs", "shop", "site"]) {
      await ground.world.organization(slug);
      await runBackup(app);
      ground.world.tick(dayMs + 60_000);
    }
    const ids = await listSets(target);
    expect(ids).toHaveLength(2);
    const blobs = readdirSync(join(ground.target, "blobs"), { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isFile(),
    );
    const young = await sweep(target, { keep: app.config.backup.keep, now: Date.now() });
    expect(young.blobs).toBe(0);
    for (const { parentPath, name } of blobs) {
      const path = join(parentPath, name);
      utimesSync(path, statSync(path).atime, new Date(Date.now() - 3 * dayMs));
    }
    const old = await sweep(target, { keep: app.config.backup.keep, now: Date.now() });
    expect(old.blobs).toBeGreaterThan(0);
    for (const id of await listSets(target))
      expect((await verifyPresence({ target, set: await readSet(target, id) })).problems).toEqual([]);
  } finally {
    await ground.close();
  }
});

test("OP27: a second run beside the first one is refused, and one that died is not waited for", async () => {
  const ground = await backupGround();
  try {
    const target = openFolder(ground.target);
    await withLease(target, { now, by: "one" }, async () => {
      const failure = await failureOf(withLease(target, { now: now + 1, by: "two" }, async () => {}));
      expect(failure.code).toBe("backup_runs");
      expect(await withLease(target, { now: now + dayMs, by: "two" }, async () => "later")).toBe("later");
    });
  } finally {
    await ground.close();
  }
});
