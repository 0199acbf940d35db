// What was left out of a version is told on its page and where it is explained, as text whatever it holds.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Organization } from "../../../src/store/organizations/organizations.ts";
import type { TestApp } from "../../worlds/process.ts";
import { signedIn, type Visitor } from "../visitor.ts";
import { openWorld } from "../../worlds/world.ts";

let world: TestApp;
let acme: Organization;
let ann: Visitor;

const pkg = "/organizations/acme/packages/acme/blog";
const words = [
  "composer.json calls the package Acme/Blog; it is published as acme/blog",
  "composer.json: suggest.&lt;b&gt;x&lt;/b&gt; was left out; it must be a text.",
];

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  acme = await world.organization("acme");
  ann = await signedIn(world, "ann", { roles: { acme: "owner" } });
  const manifest = { name: "Acme/Blog", suggest: { "<b>x</b>": 5 } };
  const blog = await world.mirror(acme, "blog", [
    { manifest, tags: ["1.0.0"] },
    { manifest: { name: "acme/blog" }, tags: ["1.1.0"] },
  ]);
  await blog.sync();
});
afterAll(() => world?.close());

test("FC10: the page of a version has its notes, and that of another version has none", async () => {
  const page = await ann.read(`${pkg}/versions/1.0.0`);
  for (const word of ["Left out or changed", ...words]) expect(page).toContain(word);
  expect(await ann.read(`${pkg}/versions/1.1.0`)).not.toContain("Left out or changed");
});

test("FC10: why says them of the version that was asked for", async () => {
  const page = await ann.read(`${pkg}/why?version=1.0.0`);
  for (const word of words) expect(page).toContain(word);
  expect(await ann.read(`${pkg}/why?version=1.1.0`)).not.toContain("was left out");
});
