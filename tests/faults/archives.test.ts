// R7: archives that rot or vanish are 503, never other bytes, and come back by themselves.
import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { handlersOf } from "../../src/registry/handlers.ts";
import type { JobName } from "../../src/jobs/queue.ts";
import { versionsSeen, type TestApp } from "../worlds/process.ts";
import { openWorld } from "../worlds/world.ts";

const running = { id: "x", attempt: 1, signal: new AbortController().signal };
const day = 86_400_000;
let world: TestApp;
let token: string;
beforeEach(async () => {
  world = await openWorld({ in: "process" });
  const organization = await world.organization("acme");
  token = await world.token(organization);
  const steps = Array.from({ length: 100 }, (_, minor) => ({
    manifest: { name: "acme/blog" },
    files: { "a.txt": `${minor}`.repeat(50) },
    tags: [`1.${minor}.0`],
  }));
  await (await world.mirror(organization, "acme/blog", steps)).sync();
});
afterEach(() => world.close());

const harms: Record<string, (file: string) => void> = {
  flipped(file) {
    const bytes = readFileSync(file);
    const at = Math.floor(Math.random() * bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(Math.random() * 8));
    writeFileSync(file, bytes);
  },
  truncated: (file) => truncateSync(file, statSync(file).size - 1),
  deleted: (file) => rmSync(file),
};

for (const [harm, damage] of Object.entries(harms))
  test(`R7: of a hundred archives that are ${harm} the daily look finds a hundred, and they are made again`, async () => {
    const before = archives();
    expect(before.size).toBe(100);
    // Clients have read them, so that the server takes them for sound.
    for (const path of await archivePaths()) expect((await world.get(path, token)).status).toBe(200);
    await run("scrub-archives");
    expect(damagedLines()).toBe(0);
    for (const file of before.keys()) {
      const { atime, mtime } = statSync(file);
      damage(file);
      // A disk that forgets does not change a file's date.
      if (harm !== "deleted") utimesSync(file, atime, mtime);
    }
    // The control: there is one look a day, and this is too early.
    await run("scrub-archives");
    expect(damagedLines()).toBe(0);
    world.tick(day);
    await run("scrub-archives");
    expect(damagedLines()).toBe(100);
    expect((await world.get((await archivePaths())[0] ?? "", token)).status).toBe(503);
    await runQueued("repair-archive", 10);
    const now = archives();
    const repaired = [...before].filter(([file, sha256]) => now.get(file) === sha256);
    expect(repaired.length).toBe(10);
    world.tick(day);
    await run("scrub-archives");
    expect(damagedLines()).toBe(100 + 90 + 1);
  }, 120_000);

/** File → SHA-256 of its bytes. */
function archives(): Map<string, string> {
  const folder = join(world.folder, "data/dists");
  const files = (readdirSync(folder, { recursive: true }) as string[]).filter((name) =>
    name.endsWith(".zip"),
  );
  return new Map(
    files.toSorted().map((name) => {
      const bytes = readFileSync(join(folder, name));
      return [join(folder, name), new Bun.CryptoHasher("sha256").update(bytes).digest("hex")];
    }),
  );
}

async function archivePaths(): Promise<string[]> {
  const seen = await versionsSeen(world, { slug: "acme", name: "acme/blog", token });
  return [...seen.values()].map(({ record }) => {
    const { url, reference } = record["dist"] as { url: string; reference: string };
    return new URL(url.replace("%reference%", reference)).pathname;
  });
}

function damagedLines(): number {
  return world.log.filter((line) => line.includes('"archive.damaged"')).length;
}

async function run(name: "scrub-archives"): Promise<void> {
  await handlersOf(world.app)[name]({}, running);
}

async function runQueued(name: JobName, limit: number): Promise<void> {
  const jobs = world.app.db.read.selectFrom("jobs").select("payload").where("name", "=", name).limit(limit);
  for (const { payload } of await jobs.execute())
    await handlersOf(world.app)[name](JSON.parse(payload) as never, running);
}
