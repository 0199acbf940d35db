// Conformance of what must go on when something fails, and of install reports: numbers 74 and 78–84.

import { databaseBeside } from "../attacks/database-beside.ts";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { clients, withEachComposer } from "./clients.ts";
import { basic, get, readVersion } from "./documents.ts";
import { createProject } from "./project.ts";
import type { Organization } from "../worlds/binary.ts";
import { openWorld, type ClientWorld } from "../worlds/world.ts";
import { until } from "../tools/until.ts";

let world: ClientWorld;
let acme: Organization;

const names = ["acme/blog", "acme/mailer", "acme/shop"];
const all = Object.fromEntries(names.map((name) => [name, "*"]));

beforeAll(async () => {
  world = await openWorld({ in: "binary", git: true });
  acme = await world.organization("acme");
  await world.pricore("org", "update", "acme", "--source", "off");
  for (const name of names) {
    await world.publish(acme, name, [{ manifest: { name }, tags: ["1.0.0"] }]);
  }
  const skeleton = { name: "acme/skeleton", type: "project" };
  await world.publish(acme, "acme/skeleton", [
    { manifest: skeleton, files: { "index.php": "<?php\n" }, tags: ["1.0.0"] },
  ]);
});
afterAll(() => world?.close());

withEachComposer((composer) => {
  const project = () => createProject(world, { composer, org: acme, manifest: { require: all } });
  // Reports of one token within a minute count once, so each test that counts has a token of its own.
  const ownToken = (name: string) => world.token(acme, `${name} ${composer.version}`);

  test("74: a project is created from a package and one install is reported", async () => {
    const site = await project();
    const repository = JSON.stringify({ type: "composer", url: acme.url });
    const parent = await mkdtemp(join(world.folder, "create-"));
    await Bun.write(join(site.home, "config.json"), JSON.stringify({ config: { "secure-http": false } }));
    const before = await downloads("acme/skeleton");
    await site.authenticate(await ownToken("74"));
    world.registry.recorder.take();
    const args = ["create-project", "acme/skeleton", "new", "--repository", repository];
    const { code, stdout, stderr } = await composer.run(args, { cwd: parent, home: site.home });
    expect({ code, text: stdout + stderr }).toMatchObject({ code: 0 });
    expect(await Bun.file(join(parent, "new/index.php")).text()).toBe("<?php\n");
    expect(reports()).toEqual([[{ name: "acme/skeleton", version: "1.0.0.0" }]]);
    await untilDownloads("acme/skeleton", before + 1);
  });

  test("78: the install of three packages is one report, and each counter rises by one", async () => {
    const site = await project();
    const before = await Promise.all(names.map(downloads));
    await site.authenticate(await ownToken("78"));
    world.registry.recorder.take();
    expect(await site.say("update")).toMatchObject({ code: 0 });
    const [report = [], ...more] = reports();
    expect(more).toEqual([]);
    const wanted = names.map((name) => ({ name, version: "1.0.0.0" }));
    expect(report.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual(wanted);
    for (const [index, name] of names.entries()) await untilDownloads(name, (before[index] ?? 0) + 1);
  });

  test("81: with the server down an install uses cached archives and an update the cached documents", async () => {
    const site = await project();
    expect(await site.say("update")).toMatchObject({ code: 0 });
    const again = await createProject(world, {
      composer,
      org: acme,
      manifest: { require: all },
      home: site.home,
    });
    await Bun.write(join(again.dir, "composer.lock"), Bun.file(join(site.dir, "composer.lock")));
    const cold = await project();
    await world.registry.recorder.down();
    try {
      expect(await again.say("install")).toMatchObject({ code: 0 });
      expect(Object.keys(await again.installed()).toSorted()).toEqual(names);
      const update = await again.say("update");
      expect(update).toMatchObject({
        code: 0,
        text: expect.stringMatching(/loaded from the local cache/),
      });
      expect((await cold.say("update")).code).not.toBe(0);
    } finally {
      await world.registry.recorder.up();
    }
  });

  test("82: a server that restarts during an update costs at most a repeated command", async () => {
    const site = await project();
    const { recorder } = world.registry;
    let restarted: Promise<void> | null = null;
    recorder.intercept = async ({ path }) => {
      if (!path.includes("/p2/") || restarted !== null) return false;
      restarted = world.registry.stop().then(() => world.registry.start());
      return false;
    };
    const { code, text } = await site.say("update");
    recorder.intercept = null;
    expect(restarted).not.toBeNull();
    await restarted;
    if (code !== 0) expect(text).toMatch(/curl error|could not be downloaded|failed to open|503/i);
    expect(await site.say("update")).toMatchObject({ code: 0 });
    expect(Object.keys(await site.installed()).toSorted()).toEqual(names);
  });

  test("84: while nothing can be written to the database a project installs", async () => {
    const site = await project();
    await withoutWrites(async () => {
      expect(await site.say("update")).toMatchObject({ code: 0 });
      expect(Object.keys(await site.installed()).toSorted()).toEqual(names);
    });
  });
});

test("79: a slow answer to a report does not hold a client for ever nor fail its run", async () => {
  const { recorder } = world.registry;
  let finished = 0;
  const answered: number[] = [];
  recorder.intercept = async ({ path }) => {
    if (!path.endsWith("/notify-batch")) return false;
    await until(() => finished === clients.length, { what: "every client ends without this answer" });
    answered.push(finished);
    return false;
  };
  const runs = clients.map(async (composer) => {
    const site = await createProject(world, { composer, org: acme, manifest: { require: all } });
    const outcome = await site.say("update");
    finished++;
    return outcome;
  });
  for (const run of runs) expect(await run).toMatchObject({ code: 0 });
  await until(() => answered.length === clients.length);
  recorder.intercept = null;
  expect(answered).toEqual(clients.map(() => clients.length));
});

test("80: a report of garbage does not disturb, and the rows that can be understood count", async () => {
  // Nobody installs the branch: reports of other tests that come late do not count here.
  const before = await branchDownloads();
  const token = await world.token(acme, "80");
  const bodies = [
    "not json",
    "",
    "null",
    "[]",
    '{"downloads":null}',
    '{"downloads":[1,null,"x",{}]}',
    JSON.stringify({ downloads: [{ name: 1, version: {} }] }),
    JSON.stringify({
      downloads: [
        { name: "acme/unknown", version: "1.0.0.0" },
        { name: "acme/blog", version: "no" },
      ],
    }),
  ];
  for (const body of bodies) {
    const { status } = await notify(token, body);
    expect([body, status >= 200 && status < 500]).toEqual([body, true]);
  }
  const mixed = [
    null,
    { name: "../../x" },
    { name: "acme/blog", version: "dev-main" },
    { name: "acme/unknown" },
  ];
  expect((await notify(token, JSON.stringify({ downloads: mixed }))).status).toBe(200);
  await until(async () => (await branchDownloads()) > before);
  expect(await branchDownloads()).toBe(before + 1);
  expect((await get(acme, "/packages.json")).status).toBe(200);
});

test("83: a project that is installed again and again is never told to slow down", async () => {
  const { dist } = await readVersion(acme, "acme/blog", "1.0.0");
  const statuses = new Set<number>();
  for (let round = 0; round < 10; round++) {
    const urls = [`${acme.url}/packages.json`, `${acme.url}/p2/acme/blog.json`, dist.url];
    const requests = urls.flatMap((url) =>
      Array.from({ length: 20 }, () => fetch(url, { headers: basic(acme.token) })),
    );
    for (const response of await Promise.all(requests)) {
      statuses.add(response.status);
      await response.bytes();
    }
  }
  expect([...statuses]).toEqual([200]);
});

test("84: while nothing can be written every read is answered, and what needs a write says so", async () => {
  const { dist } = await readVersion(acme, "acme/blog", "1.0.0");
  await withoutWrites(async () => {
    for (const path of ["/packages.json", "/p2/acme/blog.json", "/p2/acme/unknown.json", "/list.json"]) {
      expect([path, (await get(acme, path)).status]).toEqual([path, 200]);
    }
    expect((await fetch(dist.url, { headers: basic(acme.token) })).status).toBe(200);
    const refused = await world.registry.pricore(["token", "create", "--org", "acme", "--name", "late"]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/\w/);
  });
  expect(await world.token(acme, "after")).toStartWith("prc_");
});

type Report = { name: string; version: string };

/** What was reported to us since the recorder was last emptied. */
function reports(): Report[][] {
  const posts = world.registry.recorder.take().filter(({ path }) => path.endsWith("/notify-batch"));
  return posts.map(({ body }) => (JSON.parse(body) as { downloads: Report[] }).downloads);
}

function notify(token: string, body: string): Promise<Response> {
  const headers = { ...basic(token), "Content-Type": "application/json" };
  return fetch(`${acme.url}/notify-batch`, { method: "POST", headers, body });
}

async function downloads(name: string): Promise<number> {
  return (await world.show(acme, name)).downloads;
}

async function branchDownloads(): Promise<number> {
  const { versions } = await world.show(acme, "acme/blog");
  return versions.find(({ version }) => version === "dev-main")?.downloads ?? 0;
}

/** Installs are counted after they were answered. */
async function untilDownloads(name: string, count: number): Promise<void> {
  await until(async () => (await downloads(name)) >= count, {
    what: `${count} installs of ${name} are counted`,
  });
  expect([name, await downloads(name)]).toEqual([name, count]);
}

/** Another process holds the lock that every writer of the database needs. */
async function withoutWrites(work: () => Promise<void>): Promise<void> {
  const database = databaseBeside(world.registry.dataDir);
  database.run("BEGIN IMMEDIATE");
  try {
    await work();
  } finally {
    database.run("ROLLBACK");
    database.close();
  }
}
