// composer.json files that Composer takes as they are, through the registry and into a project.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Step } from "../tools/repositories.ts";
import { withEachComposer } from "./clients.ts";
import { readDocument, readVersion } from "./documents.ts";
import { createProject } from "./project.ts";
import type { Organization } from "../worlds/binary.ts";
import { openWorld, type ClientWorld } from "../worlds/world.ts";

/** The text stands in the file as it is here. */
const ordered =
  '{"10":{"b":1,"a":1.0},"9":9007199254740993,"x":12345678901234567890,"1":[null,0.10],"":"","__proto__":1}';

/** What clients never read, or read leniently. */
const odd = [
  { require: { "acme/lib": "*", "acme/number": 1 } },
  { conflict: { "acme/gone": "*" }, replace: { "acme/gone": "*" } },
  { "minimum-stability": "rarely", config: { platform: { php: "eight" } } },
  { autoload: { "psr-5": {}, files: [] }, "autoload-dev": 5 },
  { extra: { "branch-alias": "2.x-dev" }, abandoned: 1 },
  { "php-ext": { priority: "high" }, bin: ["../../evil", "/bin/odd"] },
  { archive: "x", scripts: "x", support: "x", authors: "Ann", keywords: "x", type: 5 },
];
/** Composer before 2.6 stops at the constraint. */
const onlyForNewClients = [
  { tag: "1.1.0", conflict: { "acme/gone": "<9999999.2" } },
  { tag: "1.2.0", "require-dev": { "acme/gone": "^1 || 20240115123045123456" } },
  { tag: "100000.0.0", replace: { "acme/gone": "self.version" } },
];
let world: ClientWorld;
let acme: Organization;

beforeAll(async () => {
  world = await openWorld({ in: "binary", git: true });
  acme = await world.organization("acme");
  await world.publish(acme, "acme/lib", [{ manifest: { name: "Acme/Lib" }, tags: ["1.0.0"] }]);
  const steps = odd.map((fields, i): Step => ({
    manifest: { name: "acme/odd", ...fields },
    files: { "bin/odd": "#!/usr/bin/env php\n" },
    tags: [`1.${i}.0`],
  }));
  const deep = `{"name":"acme/odd","extra":${"[".repeat(300)}${"]".repeat(300)}}`;
  await world.publish(acme, "acme/odd", [
    ...steps,
    { manifest: deep, tags: ["1.98.0"] },
    { manifest: '{"name": null}', tags: ["1.99.0"] },
    { manifest: { name: "acme/odd" } },
  ]);
  await world.publish(acme, "acme/dated", [
    { manifest: { name: "acme/dated" }, tags: ["1.0.0"] },
    ...onlyForNewClients.map(({ tag, ...fields }): Step => ({
      manifest: { name: "acme/dated", ...fields },
      tags: [tag],
    })),
  ]);
  await world.publish(acme, "acme/ordered", [
    {
      manifest: `{"name":"acme/ordered","extra":${ordered},"require":{"PHP":"*","Acme/Lib":"*"},"suggest":{"Acme/X":"y"}}`,
      tags: ["1.0.0"],
    },
  ]);
});
afterAll(() => world?.close());

test("FC7: every odd version is there", async () => {
  const { records } = await readDocument(acme, "acme/odd");
  expect(records.map(({ version }) => version)).toEqual([
    "1.99.0",
    "1.98.0",
    ...odd.map((_, i) => `1.${i}.0`).toReversed(),
  ]);
});

test("FC8: extra stands in the document as it stands in composer.json", async () => {
  expect((await readDocument(acme, "acme/ordered")).text).toContain(`"extra":${ordered}`);
});

test("FC14: names in links are in lower case, as Composer dumps them", async () => {
  const record = await readVersion(acme, "acme/ordered", "1.0.0");
  expect([record["require"], record["suggest"]]).toEqual([{ "acme/lib": "*", php: "*" }, { "Acme/X": "y" }]);
});

test("FC7: a version with a constraint that only new clients read is left out with a reason", async () => {
  const { records } = await readDocument(acme, "acme/dated");
  expect(records.map(({ version }) => version)).toEqual(["1.0.0"]);
  const { stdout } = await world.pricore("why", "--org", "acme", "acme/dated", "1.2.0");
  expect(stdout).toContain("can be read only by Composer 2.6 and newer");
});

withEachComposer((composer) => {
  test("FC7: constraints that only new clients read stop nobody", async () => {
    const site = await createProject(world, {
      composer,
      org: acme,
      manifest: { require: { "acme/dated": "^1" } },
    });
    const { code, text } = await site.say("update");
    expect([code, text]).toEqual([0, expect.stringContaining("acme/dated (1.0.0)")]);
  });

  test("FC7: each odd version is installed", async () => {
    const site = await createProject(world, { composer, org: acme });
    for (const version of ["1.99.0", "1.98.0", ...odd.map((_, i) => `1.${i}.0`)]) {
      await site.manifest({ require: { "acme/odd": version } });
      const { code, text } = await site.say("update");
      expect([version, code, text]).toEqual([version, 0, expect.stringContaining(`acme/odd (${version})`)]);
    }
  });

  test("FC6: a package named in capitals is installed under its lower-case name", async () => {
    const site = await createProject(world, { composer, org: acme });
    // Newer clients ask for the name in lower case, older ones put it so.
    const { code } = await site.say("require", "acme/lib:^1.0");
    expect([code, await site.installed()]).toEqual([0, { "acme/lib": "1.0.0" }]);
  });

  test("FC8: a lock file holds the keys of extra in their order", async () => {
    const site = await createProject(world, {
      composer,
      org: acme,
      manifest: { require: { "acme/ordered": "*" } },
    });
    expect((await site.say("update")).code).toBe(0);
    const lock = await Bun.file(`${site.dir}/composer.lock`).text();
    const extra = lock.slice(lock.indexOf('"extra"'));
    expect(extra.replace(/\s/g, "")).toStartWith(
      '"extra":{"10":{"b":1,"a":1},"9":9007199254740993,"x":1.2345678901234567e+19,"1":[null,0.1],"":"","__proto__":1}',
    );
  });
});
