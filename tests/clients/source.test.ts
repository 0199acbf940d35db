// Whether clients are told where the source of a package is: not in a new organization, and not without a warning.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { withEachComposer } from "./clients.ts";
import { readVersion } from "./documents.ts";
import { createProject } from "./project.ts";
import type { Organization } from "../worlds/binary.ts";
import { openWorld, type ClientWorld } from "../worlds/world.ts";

let world: ClientWorld;
let acme: Organization;

beforeAll(async () => {
  world = await openWorld({ in: "binary", git: true });
  acme = await world.organization("acme");
  for (const name of ["acme/blog", "acme/secret"])
    await world.publish(acme, name, [{ manifest: { name }, tags: ["1.0.0"] }]);
});
afterAll(() => world?.close());

withEachComposer((composer) => {
  test("FC16: a token that may not see a package does not get it by its source either", async () => {
    const manifest = { require: { "acme/secret": "*" } };
    const site = await createProject(world, { composer, org: acme, manifest });
    expect(await site.say("update", "--no-install")).toMatchObject({ code: 0 });
    await site.authenticate(await world.token(acme, `blog ${composer.version}`, "--package", "acme/blog"));
    for (const way of ["--prefer-dist", "--prefer-source"]) {
      const { code, text } = await site.say("install", way);
      expect(code).not.toBe(0);
      expect(text).not.toContain("Cloning");
      expect(site.has("vendor/acme/secret")).toBe(false);
    }
  });

  test("FC16: switching the source makes a client reinstall once, as the page warns", async () => {
    const slug = `switch-${composer.version.replaceAll(".", "-")}`;
    const org = await world.organization(slug);
    const name = `${slug}/blog`;
    await world.publish(org, name, [{ manifest: { name }, tags: ["1.0.0"] }]);
    const site = await createProject(world, { composer, org, manifest: { require: { [name]: "*" } } });
    expect(await site.say("update")).toMatchObject({ code: 0 });
    for (const source of ["on", "off"]) {
      const { stderr } = await world.pricore("org", "update", slug, "--source", source);
      expect(stderr).toContain("reinstall each package once");
      const { text } = await site.say("update");
      expect([source, text]).toEqual([source, expect.stringContaining(`ing ${name} (1.0.0`)]);
      expect((await site.say("update")).text).not.toContain(`ing ${name} (1.0.0`);
    }
    await rm(join(site.dir, "vendor"), { recursive: true });
  });
});

test("FC16: a new organization tells no source", async () => {
  expect(await readVersion(acme, "acme/blog", "1.0.0")).not.toHaveProperty("source");
  expect(await readVersion(acme, "acme/blog", "dev-main")).not.toHaveProperty("source");
});

test("FC16: the warning is for a switch, and the help of the command has it", async () => {
  const same = await world.pricore("org", "update", "acme", "--source", "off");
  expect(same.stderr).not.toContain("reinstall");
  const help = await world.pricore("org", "update", "--help");
  expect(help.stdout).toContain("every client reinstalls each package once");
});
