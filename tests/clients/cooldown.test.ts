// Composer's cooldown, which counts from when a version was published: 2.11 and later know it, the others ignore it.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { isAtLeast, withEachComposer } from "./clients.ts";
import { readDocument } from "./documents.ts";
import { createProject } from "./project.ts";
import type { Organization } from "../worlds/binary.ts";
import { openWorld, type ClientWorld } from "../worlds/world.ts";

let world: ClientWorld;
let acme: Organization;

beforeAll(async () => {
  world = await openWorld({ in: "binary", git: true });
  acme = await world.organization("acme");
  const manifest = { name: "acme/blog" };
  const blog = await world.publish(acme, "acme/blog", [
    { manifest, tags: ["1.0.0"] },
    { manifest, tags: ["1.1.0"], annotatedTags: ["1.2.0"] },
  ]);
  // Its commit says that it is from 2024, as those before it do; nobody had seen it.
  await blog.commit({ manifest, tags: ["1.3.0"] });
  await world.sync(acme, blog);
});
afterAll(() => world?.close());

withEachComposer((composer) => {
  const config = { "secure-http": false, policy: { cooldown: { period: "7 days" } } };
  const project = (constraint: string) =>
    createProject(world, { composer, org: acme, manifest: { require: { "acme/blog": constraint }, config } });

  test("FC3: what was there at the import installs at once, what came later waits", async () => {
    const site = await project("^1.0");
    expect(await site.say("update")).toMatchObject({ code: 0 });
    const newest = isAtLeast(composer, "2.11") ? "1.2.0" : "1.3.0";
    expect(await site.installed()).toEqual({ "acme/blog": newest });
    const branch = await project("dev-main");
    expect(await branch.say("update")).toMatchObject({ code: 0 });
  });
});

test("FC3: every record says when it was published, in a form that Composer reads, and never in the future", async () => {
  for (const name of ["acme/blog", "acme/blog~dev"]) {
    const { records } = await readDocument(acme, name);
    expect(records.length).toBeGreaterThan(0);
    for (const record of records) {
      const time = String(record["published-time"]);
      expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
      expect(Date.parse(time)).toBeLessThanOrEqual(Date.now());
    }
  }
});
