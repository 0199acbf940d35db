// A3, A4, A5, A24: text of strangers is read where it can be stopped, and nobody waits for it. Against the built binary.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { flush, pktLine } from "../../src/git/pkt-line.ts";
import { peakOfFamily } from "../../bench/memory.ts";
import { basic } from "../clients/documents.ts";
import { advertisement, someCommit } from "../git/evil-server.ts";
import type { Step } from "../tools/repositories.ts";
import { patienceDuring, type Patience } from "../tools/steady-client.ts";
import type { Attempt } from "../worlds/attempts.ts";
import { openWorld, type World } from "../worlds/world.ts";

setDefaultTimeout(120_000);

let world: World<{ in: "binary"; git: true; attempts: true }>;
const endings: (() => unknown)[] = [];

beforeAll(async () => {
  world = await openWorld({ in: "binary", git: true, attempts: true });
  const { url } = await world.repository("acme/blog", [{ manifest: { name: "acme/blog" }, tags: ["1.0.0"] }]);
  await world.mirror(url);
});
afterAll(async () => {
  for (const end of endings) await end();
  await world?.close();
});

/** A reader of another package asks all the time. */
async function beside(work: () => Promise<Attempt>): Promise<{ attempt: Attempt; patience: Patience }> {
  const { port, url } = world.registry;
  const reader = {
    url: `http://127.0.0.1:${port}/acme/p2/acme/blog.json`,
    headers: { ...basic(world.org.token), host: new URL(url).host },
  };
  let attempt: Attempt | null = null;
  const patience = await patienceDuring(reader, async () => void (attempt = await work()));
  if (attempt === null) throw new Error("nothing was done");
  return { attempt, patience };
}

/** Far above what a machine with much else to do needs, far below what parsing on the serving thread took. */
function expectPatience({ answers, refused, p99, longest }: Patience): void {
  expect(answers).toBeGreaterThan(20);
  expect(refused).toBe(0);
  expect(p99).toBeLessThan(400);
  expect(longest).toBeLessThan(2500);
}

const members = (count: number, member: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => member(at)).join(",");

test("FA3: the worst composer.json costs its version in words, and no reader waits for it", async () => {
  const head = '{"name":"acme/worst"';
  const worst: Record<string, [text: string, reason: string]> = {
    "1.0.0": [
      `${head},"${"k".repeat(500_000)}":{${members(70_000, () => '"a":1')}}}`,
      "has a key of more than 10,000 characters",
    ],
    "1.0.1": [`${head},"keywords":[${members(200_000, () => '"a"')}]}`, "has more than 20,000 list entries"],
    "1.0.2": [
      `${head},"require":{${members(40_000, (at) => `"a/b${at}":"^1"`)}}}`,
      "has more than 20,000 keys",
    ],
  };
  const steps = Object.entries(worst).map(([tag, [manifest]]): Step => ({
    branch: `b${tag}`,
    manifest,
    tags: [tag],
  }));
  const { url } = await world.repository("acme/worst", [
    { manifest: { name: "acme/worst" }, tags: ["0.9.0"] },
    ...steps,
  ]);
  const { attempt, patience } = await beside(() => world.mirror(url));
  const reasons = Object.fromEntries((attempt.sync?.skipped ?? []).map(({ ref, reason }) => [ref, reason]));
  for (const [tag, [, reason]] of Object.entries(worst)) expect(reasons[tag]).toContain(reason);
  expect(Object.keys(await world.versions("acme/worst"))).toContain("0.9.0");
  expectPatience(patience);
});

test("FA4: the worst README is shown as text, and no reader waits for it", async () => {
  const bombs = ["1. ", "<div>x", "<pre>a", "a*b_", "> - 1. ", "[a](http://b) "];
  const steps = bombs.map((sign, at): Step => ({
    branch: `b${at}`,
    manifest: { name: "acme/bombs" },
    files: { "README.md": sign.repeat(Math.floor((512 * 1024) / sign.length)) },
    tags: [`1.0.${at}`],
  }));
  const { url } = await world.repository("acme/bombs", [{ manifest: { name: "acme/bombs" } }, ...steps]);
  const { attempt, patience } = await beside(() => world.mirror(url));
  expect(attempt).toMatchObject({ code: 0 });
  for (const row of world.rows("readmes").map((text) => JSON.parse(text) as { html: string }))
    expect(row.html.length).toBeLessThanOrEqual(1024 * 1024);
  expect(Object.keys(await world.versions("acme/bombs"))).toContain("1.0.5");
  expectPatience(patience);
});

test("FT6: what C2 and C11 refuse is refused beside a client that asks all the time", async () => {
  const nested = `{"name":"acme/depth","extra":{"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}}`;
  const blanks = `{"name":"acme/depth"${" ".repeat(50 * 1024 * 1024)}}`;
  const signs = ["[", "*_", "> ", "![a](", "<b>"];
  const { url } = await world.repository("acme/depth", [
    { manifest: nested, tags: ["1.0.0"] },
    { manifest: blanks, tags: ["1.0.1"] },
    ...signs.map((sign, at): Step => ({
      manifest: { name: "acme/depth", description: sign },
      files: { "README.md": sign.repeat((1024 * 1024) / sign.length) },
      tags: [`2.0.${at}`],
    })),
  ]);
  const { attempt, patience } = await beside(() => world.mirror(url));
  expect((attempt.sync?.skipped ?? []).map(({ ref }) => ref).toSorted()).toEqual(["1.0.0", "1.0.1"]);
  expect(Object.keys(await world.versions("acme/depth"))).toContain("2.0.4");
  expectPatience(patience);
});

test("FT6: a server whose thread stands still is noticed by that client", async () => {
  const source = `const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("{}") });
    console.log(server.port);
    setTimeout(() => Bun.sleepSync(4000), 1500);`;
  const child = Bun.spawn([process.execPath, "-e", source], { stdout: "pipe", stderr: "inherit" });
  endings.push(() => child.kill());
  const { value } = await child.stdout.getReader().read();
  const url = `http://127.0.0.1:${new TextDecoder().decode(value).trim()}/`;
  const patience = await patienceDuring({ url, headers: {} }, () => Bun.sleep(6500));
  expect(() => expectPatience(patience)).toThrow();
});

test("FA24: reads are answered while many versions with large manifests are recorded", async () => {
  const require = Object.fromEntries(
    Array.from({ length: 1500 }, (_, at) => [`acme/package-${at}`, "^1.0 || ^2.0"]),
  );
  const steps = Array.from({ length: 150 }, (_, at): Step => ({
    manifest: { name: "acme/many", description: `Number ${at}`, require },
    files: { "README.md": `# ${at}\n\n${"*a* `b` ".repeat(5000)}` },
    tags: [`1.${at}.0`],
  }));
  const { url } = await world.repository("acme/many", steps);
  const { attempt, patience } = await beside(() => world.mirror(url));
  expect(attempt.sync?.added).toBe(151);
  expectPatience(patience);
});

/** Streams what it is told to, as often as that. */
function serverOf(
  chunk: (at: number) => Buffer,
  { times, gzip = false }: { times: number; gzip?: boolean },
): string {
  const type = "application/x-git-upload-pack-advertisement";
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch() {
      let sent = 0;
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          if (sent >= times) return controller.close();
          controller.enqueue(new Uint8Array(chunk(sent++)));
        },
      });
      return new Response(body, {
        headers: { "content-type": type, ...(gzip && { "content-encoding": "gzip" }) },
      });
    },
  });
  endings.push(() => server.stop(true));
  return `http://127.0.0.1:${server.port}/acme/list.git`;
}

const start = advertisement([`${someCommit} refs/heads/main`]).subarray(0, -4);
const lines = (count: number, name: (at: number) => string) =>
  Buffer.concat(Array.from({ length: count }, (_, at) => pktLine(`${someCommit} ${name(at)}\n`)));

test("FA5: a list of refs is read with its limits, however long or packed, in little memory", async () => {
  const pulls = (part: number) =>
    part === 0 ? start : lines(10_000, (at) => `refs/pull/${part}-${at}/${"h".repeat(20)}`);
  const tags = (part: number) => (part === 0 ? start : lines(10_000, (at) => `refs/tags/1.${part}.${at}`));
  const long = (part: number) =>
    part === 0 ? start : lines(100, (at) => `refs/tags/${part}.${at}.${"9".repeat(60_000)}`);
  const packed = [
    gzipSync(start),
    gzipSync(
      lines(100_000, (at) => `refs/pull/${at}/head`),
      { level: 9 },
    ),
  ];
  const bomb = (part: number) => packed[Math.min(part, 1)] ?? flush;
  const cases: [what: string, url: string, reason: string][] = [
    ["200 MB of other refs", serverOf(pulls, { times: 250 }), "The list of refs is larger than 64 MB."],
    [
      "a million tags",
      serverOf(tags, { times: 100 }),
      "The repository has more than 50000 tags and branches.",
    ],
    ["long names", serverOf(long, { times: 20 }), "The list of refs is larger than 64 MB."],
    [
      "a gigabyte, packed",
      serverOf(bomb, { times: 170, gzip: true }),
      "The list of refs is larger than 64 MB.",
    ],
  ];
  for (const [what, url, reason] of cases) {
    let attempt: Attempt | null = null;
    const peak = await peakOfFamily(world.registry.pid(), async () => {
      const watched = await beside(() => world.mirror(url));
      attempt = watched.attempt;
      expectPatience(watched.patience);
    });
    expect([what, (attempt as Attempt | null)?.sync?.error]).toEqual([what, reason]);
    expect([what, peak < 300]).toEqual([what, true]);
  }
});
