// R1: a sync that is killed anywhere loses nothing and shows nothing half done.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { cpSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { finished } from "../tools/process.ts";
import { breaches } from "./invariants.ts";
import { firstSync, killEverywhere, killPoints, laterSync, type Scene } from "./kills.ts";
import { binary } from "../tools/binary.ts";

let scene: Scene;
const scenes: Record<string, () => Promise<Scene>> = {
  "a first sync": () => firstSync(12),
  "a sync of changes": () => laterSync(10),
};
let kills = 0;

beforeAll(async () => {
  scene = await firstSync(3);
});

afterAll(() => scene.remove());

describe("a process that mirrors", () => {
  for (const [what, make] of Object.entries(scenes))
    for (const point of killPoints)
      test(`R1: killed at any ${point}, ${what} leaves complete versions only, and the next one finishes`, async () => {
        const scene = await make();
        const result = await killEverywhere(scene, { point, from: 1, step: 1, atMost: 1000 });
        await scene.remove();
        expect(result.breaches).toEqual([]);
        expect(result.ranThrough).toBe(true);
        // Calls are counted by thread, so few of one kind may be met.
        expect(result.kills).toBeGreaterThan(2);
        kills += result.kills;
      }, 600_000);

  test("R1: it was at least 300 times in all", () => {
    console.log(`${kills} kills`);
    expect(kills).toBeGreaterThanOrEqual(300);
  });
});

describe("the look at the data after a fault", () => {
  const plants: Record<string, (dataDir: string, db: Database) => void> = {
    "a missing archive": (dataDir) => rmSync(anArchive(dataDir)),
    "an archive with other bytes": (dataDir) => writeFileSync(anArchive(dataDir), "other"),
    "a version without archive": (_, db) =>
      void db.run("update versions set dist_id = null where version = '1.0.0'"),
    "a moved reference": (_, db) =>
      void db.run("update versions set reference = 'f00' where version = '1.0.0'"),
    "a stale document": (_, db) => void db.run("update versions set removed_at = 1 where version = '1.0.0'"),
    "a lost document": (_, db) => void db.run("delete from documents where name = 'acme/blog'"),
  };

  test("finds nothing in sound data", async () => {
    const dataDir = await synced("sound");
    expect(await breaches(dataDir, { released: scene.released, before: new Map() })).toEqual([]);
  });

  for (const [what, plant] of Object.entries(plants))
    test(`finds ${what}`, async () => {
      const dataDir = await synced(what.replaceAll(" ", "-"));
      const db = new Database(join(dataDir, "pricore.sqlite"));
      plant(dataDir, db);
      db.close();
      expect(await breaches(dataDir, { released: scene.released, before: new Map() })).not.toEqual([]);
    });

  test("finds a Last-Modified that went back", async () => {
    const dataDir = await synced("back");
    const before = new Map([["acme/blog", 4_000_000_000]]);
    expect(await breaches(dataDir, { released: scene.released, before })).not.toEqual([]);
  });
});

async function synced(name: string): Promise<string> {
  const dataDir = join(scene.folder, `control-${name}`);
  cpSync(scene.template, dataDir, { recursive: true });
  const args = [binary, "sync", "--org", "acme", "blog", "--wait", "--data-dir", dataDir];
  const { code, stderr } = await finished(args, {
    env: { PATH: process.env["PATH"] ?? "" },
    cwd: scene.folder,
  });
  if (code !== 0) throw new Error(stderr);
  return dataDir;
}

function anArchive(dataDir: string): string {
  const folder = join(dataDir, "dists");
  const file = readdirSync(folder, { recursive: true }).find((each) => String(each).endsWith(".zip"));
  return join(folder, String(file));
}
