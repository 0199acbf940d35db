// Conformance of what stands in package documents: numbers 16–18, 27, 28, 30–32 and 35–37. Number 29 is in
// versions.test.ts.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { succeeded } from "../tools/process.ts";
import type { GitRepository, Step } from "../tools/repositories.ts";
import { withEachComposer } from "./clients.ts";
import { readDocument, readVersion } from "./documents.ts";
import { createProject, type Project } from "./project.ts";
import type { Organization } from "../worlds/binary.ts";
import { openWorld, type ClientWorld } from "../worlds/world.ts";

const oddNames = [
  "odd/foo.bar",
  "odd/foo_bar",
  "odd/foo--bar",
  "odd/foo-bar",
  "odd/foo2",
  "odd/2foo",
  "odd/x",
];
const history: Step[] = [
  {
    manifest: {
      name: "acme/history",
      description: "All of it",
      keywords: ["a", "b"],
      require: { php: ">=7.2" },
      autoload: { "psr-4": { "Acme\\": "src/" } },
    },
    tags: ["1.0.0"],
  },
  { manifest: { name: "acme/history", description: "Less", require: { php: ">=8.0" } }, tags: ["1.1.0"] },
  {
    manifest: {
      name: "acme/history",
      description: "Less",
      keywords: [],
      homepage: null,
      license: "MIT",
      require: { php: ">=8.0" },
    },
    tags: ["1.2.0"],
  },
  { manifest: { name: "acme/history", description: "Less", license: ["MIT"] }, tags: ["1.3.0"] },
];
let world: ClientWorld;
let acme: Organization;
let odd: Organization;
let bad: GitRepository;

beforeAll(async () => {
  world = await openWorld({ in: "binary", git: true });
  acme = await world.organization("acme");
  const alias = { extra: { "branch-alias": { "dev-main": "2.x-dev" } } };
  const bundle = { name: "acme/bundle", type: "metapackage", require: { "acme/blog": "1.0.0" } };
  const packages: Record<string, Step[]> = {
    "acme/blog": [release("acme/blog"), { manifest: { name: "acme/blog", ...alias } }],
    "acme/old": [release("acme/old"), { manifest: { name: "acme/old", abandoned: "acme/blog" } }],
    "acme/bundle": [{ manifest: bundle, tags: ["1.0.0"] }],
    "acme/history": history,
  };
  for (const [name, steps] of Object.entries(packages)) await world.publish(acme, name, steps);
  bad = await world.publish(acme, "acme/bad", [
    release("acme/bad"),
    { manifest: { name: "acme/bad", require: { "acme/blog": "not a version" } }, tags: ["1.1.0"] },
    { manifest: { name: "acme/bad" }, tags: ["nightly"] },
  ]);
  await publishNumbered();
  odd = await world.organization("odd");
  for (const name of oddNames) await world.publish(odd, name, [release(name)]);
});
afterAll(() => world?.close());

withEachComposer((composer) => {
  const project = (manifest: Record<string, unknown>): Promise<Project> =>
    createProject(world, { composer, org: acme, manifest });

  test("27, 28: a tag with an impossible constraint, or that is no version, does not stand in the way", async () => {
    const site = await project({ require: { "acme/bad": "*" } });
    expect(await site.say("update")).toMatchObject({ code: 0 });
    expect(await site.installed()).toEqual({ "acme/bad": "1.0.0" });
  });

  test("30: a numbered default branch has no second name", async () => {
    const site = await project({});
    const { code, text } = await site.say("show", "--available", "--all", "acme/numbered");
    expect({ code, text }).toMatchObject({ code: 0, text: expect.stringMatching(/^versions : .*2\.x-dev/m) });
    expect(text).not.toContain("9999999");
  });

  test("31: a branch alias lets a range choose the branch", async () => {
    const site = await project({ require: { "acme/blog": "^2.0@dev" } });
    expect(await site.say("update")).toMatchObject({ code: 0 });
    expect(await site.installed()).toEqual({ "acme/blog": "dev-main" });
  });

  test("32: an abandoned package names its replacement at every version", async () => {
    for (const version of ["1.0.0", "dev-main"]) {
      const site = await project({ require: { "acme/old": version } });
      const { code, text } = await site.say("update");
      expect(code).toBe(0);
      expect(text).toMatch(/acme\/old is abandoned.*Use acme\/blog instead/s);
    }
  });

  test("35: a moved tag changes nothing that a client sees: reference, address and checksum stay", async () => {
    const name = `acme/moving-${composer.version.replaceAll(".", "-")}`;
    const steps: Step[] = [{ manifest: { name }, files: { "a.txt": "first" }, tags: ["1.0.0"] }];
    const repository = await world.publish(acme, name, steps);
    const site = await project({ require: { [name]: "*" } });
    expect(await site.say("update")).toMatchObject({ code: 0 });
    const before = await readVersion(acme, name, "1.0.0");
    await repository.commit({ manifest: { name }, files: { "a.txt": "second" }, tags: ["1.0.0"] });
    const { skipped } = await world.sync(acme, repository);
    expect(skipped.map(({ ref }) => ref)).toEqual(["1.0.0"]);
    expect(skipped[0]?.reason).toContain(before.dist.reference.slice(0, 7));
    expect(skipped[0]?.reason).toContain((await repository.reference("1.0.0")).slice(0, 7));
    const after = await readVersion(acme, name, "1.0.0");
    expect(after).toEqual(before);
    const { text } = await site.say("update");
    expect(text).toContain("Nothing to install, update or remove");
  });

  test("36: a metapackage installs without an archive", async () => {
    const site = await project({ require: { "acme/bundle": "*" } });
    world.registry.recorder.take();
    expect(await site.say("update")).toMatchObject({ code: 0 });
    expect(await site.installed()).toEqual({ "acme/blog": "1.0.0", "acme/bundle": "1.0.0" });
    const archives = world.registry.recorder.take().filter(({ path }) => path.includes("/dists/"));
    expect(archives.map(({ path }) => path.split("/").slice(3, 5).join("/"))).toEqual(["acme/blog"]);
  });

  test("37: names with dots, underscores, double hyphens and digits are found", async () => {
    const oddRequires = Object.fromEntries(oddNames.map((name) => [name, "*"]));
    const site = await createProject(world, { composer, org: odd, manifest: { require: oddRequires } });
    expect(await site.say("update")).toMatchObject({ code: 0 });
    expect(Object.keys(await site.installed()).toSorted()).toEqual(oddNames.toSorted());
  });
});

test("16: Composer's own expansion of a document gives every version as it was committed", async () => {
  const { minified } = await readDocument(acme, "acme/history");
  const expanded = await expandWithComposer(minified);
  expect(expanded.map(({ version }) => version)).toEqual(["1.3.0", "1.2.0", "1.1.0", "1.0.0"]);
  for (const step of history) {
    const manifest = step.manifest as Record<string, unknown>;
    const record = expanded.find(({ version }) => version === step.tags?.[0]) ?? {};
    for (const key of ["name", "description", "keywords", "homepage", "require", "autoload"]) {
      const wanted = manifest[key] ?? undefined;
      if (Array.isArray(wanted) && wanted.length === 0) expect(record[key] ?? []).toEqual([]);
      else expect({ key, value: record[key] ?? undefined }).toEqual({ key, value: wanted });
    }
    if (manifest["license"]) expect([record["license"]].flat()).toEqual([manifest["license"]].flat());
    else expect(record["license"] ?? []).toEqual([]);
  }
});

test("17: a key that an older version lacks is taken away in words that Composer knows", async () => {
  const { minified } = await readDocument(acme, "acme/history");
  const byVersion = Object.fromEntries(minified.map((record) => [record["version"], record]));
  expect(byVersion["1.1.0"]?.["license"]).toBe("__unset");
  expect(byVersion["1.3.0"]).not.toContainValue("__unset");
});

test("18: no published record holds a null", async () => {
  for (const name of ["acme/history", "acme/blog", "acme/blog~dev", "acme/bundle", "acme/old~dev"]) {
    const { minified } = await readDocument(acme, name);
    expect(minified.length).toBeGreaterThan(0);
    for (const record of minified) expect(Object.values(record)).not.toContain(null);
  }
});

test("27, 28: refused tags are not in the document and are listed with a reason", async () => {
  const { records } = await readDocument(acme, "acme/bad");
  expect(records.map(({ version }) => version)).toEqual(["1.0.0"]);
  const { skipped } = await world.sync(acme, bad);
  const reasons = Object.fromEntries(skipped.map(({ ref, reason }) => [ref.replace(/^.*\//, ""), reason]));
  expect(Object.keys(reasons).toSorted()).toEqual(["1.1.0", "nightly"]);
  expect(reasons["1.1.0"]).toContain("not a version");
  expect(reasons["nightly"]).toContain("nightly");
});

test("30: exactly one version is marked as the default branch", async () => {
  for (const [name, version] of [
    ["acme/blog", "dev-main"],
    ["acme/numbered", "2.x-dev"],
  ] as const) {
    const { records: stable } = await readDocument(acme, name);
    const { records: dev } = await readDocument(acme, `${name}~dev`);
    const marked = [...stable, ...dev].filter((record) => "default-branch" in record);
    expect(marked.map((record) => [record.version, record["default-branch"]])).toEqual([[version, true]]);
  }
});

test("37: a name with ~dev at its end is the document of development versions", async () => {
  const { records } = await readDocument(odd, "odd/x~dev");
  expect(records.map(({ version }) => version)).toEqual(["dev-main"]);
});

async function publishNumbered(): Promise<void> {
  const name = "acme/numbered";
  const repository = await world.repository(name, [
    { manifest: { name }, tags: ["1.0.0"] },
    { branch: "2.x", manifest: { name } },
  ]);
  await repository.git("symbolic-ref", "HEAD", "refs/heads/2.x");
  expect(await world.add(acme, repository)).toMatchObject({ code: 0 });
}

async function expandWithComposer(minified: unknown[]): Promise<Record<string, unknown>[]> {
  const file = join(await mkdtemp(join(world.folder, "minified-")), "list.json");
  await Bun.write(file, JSON.stringify(minified));
  const script =
    "require 'Composer/MetadataMinifier/autoload.php';" +
    "$list = json_decode(file_get_contents($argv[1]), true);" +
    "echo json_encode(Composer\\MetadataMinifier\\MetadataMinifier::expand($list));";
  return JSON.parse(await succeeded(["php", "-r", script, file]));
}

function release(name: string): Step {
  return { manifest: { name }, tags: ["1.0.0"] };
}
