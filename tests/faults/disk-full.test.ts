// R4: the disk that holds everything is full. A real one: a file system of a few megabytes in memory.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { succeeded } from "../tools/process.ts";
import { startRegistry, type Registry } from "../tools/registry.ts";
import { makeRepository } from "../tools/repositories.ts";
import { startAsking } from "./asking.ts";
import { breaches } from "./invariants.ts";
import { until } from "../tools/until.ts";

let folder: string;
let disk: string;
let registry: Registry;
let token: string;
let cookie: string;
const released = new Map<string, string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pricore-full-"));
  disk = join(folder, "disk");
  await succeeded(["mkdir", disk]);
  await succeeded(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk]);
  registry = await startRegistry({ DATA_DIR: join(disk, "data") });
  cookie = await firstSession();
  await registry.pricore(["org", "create", "acme", "--owner", "ann@acme.test"]);
  token = (await registry.pricore(["token", "create", "--org", "acme", "--name", "ci"])).stdout.trim();
});

afterAll(async () => {
  await registry.close();
  await succeeded(["umount", disk]);
  await rm(folder, { recursive: true, force: true });
});

test("R4: a full disk refuses what is new, goes on serving what is there, and recovers by itself", async () => {
  await mirror("small", 2, 1000);
  const first = await registry.pricore(["repo", "add", "--org", "acme", path("small"), "--sync", "--wait"]);
  expect(first.code).toBe(0);

  const names = ["acme/small", "acme/unknown"];
  const asking = startAsking({ url: `${registry.url}/acme`, token, names, published: ["acme/small"] });
  await mirror("large", 12, 4_000_000);
  const full = await registry.pricore(["repo", "add", "--org", "acme", path("large"), "--sync", "--wait"]);
  // By the sync's report; or by the command itself, when not even that can be written.
  expect([full.code, full.stdout + full.stderr]).toEqual([1, expect.stringMatching(/no space left|full/i)]);
  expect(await statuses()).toEqual([200, 200, 200]);
  // The control: without the fault the same sync goes through.
  await succeeded(["mount", "-o", "remount,size=256m", disk]);
  const again = await registry.pricore(["sync", "--org", "acme", "large", "--wait"]);
  expect(again.code).toBe(0);
  const listed = await registry.pricore(["package", "show", "--org", "acme", "acme/large", "--json"]);
  expect(listed.json<{ versions: unknown[] }>().versions).toHaveLength(13);
  expect(await statuses()).toEqual([200, 200, 200]);
  const { requests: requestCount, statuses: answers, wrong } = await asking.stop();
  expect([requestCount > 0, Object.keys(answers), wrong]).toEqual([true, ["200"], []]);
  await registry.stop();
  expect(await breaches(join(disk, "data"), { released, before: new Map() })).toEqual([]);
  await registry.start();
}, 120_000);

test("FT8: a full disk keeps no page from those who are signed in", async () => {
  await succeeded(["mount", "-o", "remount,size=160m", disk]);
  const filling = Bun.spawn(["dd", "if=/dev/zero", `of=${join(disk, "rest")}`, "bs=64k"], {
    stderr: "ignore",
  });
  await filling.exited;
  // What is noted at most once a minute is due: nothing of these pages was looked at before.
  const pages = [
    "",
    "/packages",
    "/packages/acme/small",
    "/repositories",
    "/repositories/small",
    "/activity",
  ];
  const answers: [string, number][] = [];
  for (const page of pages) {
    const url = `${registry.url}/organizations/acme${page}`;
    answers.push([page, (await fetch(url, { headers: { Cookie: cookie }, redirect: "manual" })).status]);
  }
  expect(answers).toEqual(pages.map((page) => [page, 200]));
  expect(registry.logs()).toContain("visit.not_written");
  await succeeded(["rm", join(disk, "rest")]);
}, 60_000);

/** The cookie of the first account, made with the link that the server printed. */
async function firstSession(): Promise<string> {
  await until(() => registry.logs().includes("/setup/"));
  const link = registry.logs().match(/\/setup\/\S+/)?.[0] ?? "";
  const answer = await fetch(registry.url + link, {
    method: "POST",
    redirect: "manual",
    headers: { Origin: registry.url, "Content-Type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ name: "Ann", email: "ann@acme.test", password: "a long password of ann" }),
  });
  expect(answer.status).toBe(303);
  return answer.headers
    .getSetCookie()
    .map((line) => line.split(";")[0] ?? "")
    .join("; ");
}

/** What a client of the small package sees: root, document, archive. */
async function statuses(): Promise<number[]> {
  const get = (url: string) => fetch(url, { headers: { Authorization: `Bearer ${token}` } });
  const root = await get(`${registry.url}/acme/packages.json`);
  const document = await get(`${registry.url}/acme/p2/acme/small.json`);
  const body = (await document.json()) as { packages: Record<string, { dist: { url: string } }[]> };
  const archive = await get(body.packages["acme/small"]?.[0]?.dist.url ?? "");
  await archive.bytes();
  return [root.status, document.status, archive.status];
}

async function mirror(name: string, tags: number, bytes: number): Promise<void> {
  const major = name === "small" ? 1 : 2;
  const noise = () => Buffer.from(crypto.getRandomValues(new Uint8Array(48_000))).toString("base64");
  const content = () =>
    Array.from({ length: Math.ceil(bytes / 64_000) }, noise)
      .join("")
      .slice(0, bytes);
  const steps = Array.from({ length: tags }, (_, minor) => ({
    manifest: { name: `acme/${name}` },
    files: { "data.txt": content() },
    tags: [`${major}.${minor}.0`],
  }));
  const repository = await makeRepository(folder, `acme/${name}`, steps);
  for (const {
    tags: [tag = ""],
  } of steps)
    released.set(tag, await repository.reference(tag));
}

function path(name: string): string {
  return join(folder, "acme", `${name}.git`);
}
