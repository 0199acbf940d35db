// Development versions for which a document has no room are told of where people look for them.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { findPackage, updatePackage } from "../../../src/store/packages/packages.ts";
import type { Organization } from "../../../src/store/organizations/organizations.ts";
import type { Mirrored, TestApp } from "../../worlds/process.ts";
import { signedIn, type Visitor } from "../visitor.ts";
import { openWorld } from "../../worlds/world.ts";

let world: TestApp;
let acme: Organization;
let blog: Mirrored;
let ann: Visitor;

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  acme = await world.organization("acme");
  ann = await signedIn(world, "ann", { roles: { acme: "owner" } });
  blog = await world.mirror(acme, "blog", [{ manifest: { name: "acme/blog" }, tags: ["1.0.0"] }]);
});
afterAll(() => world?.close());

const repository = "/organizations/acme/repositories/blog";
const words = "3 development versions are not available to Composer";

test("nothing is said while all are in", async () => {
  const { id } = await blog.sync();
  expect(await ann.read("/organizations/acme/packages/acme/blog")).not.toContain("left out");
  expect(await ann.read(`${repository}/syncs/${id}`)).not.toContain("left out");
});

test("the package's page and the page of the sync that came to it tell how many", async () => {
  const pkg = await findPackage(world.app.db, acme.id, "acme/blog");
  await updatePackage(world.app.db, pkg?.id ?? "", { left_out: 3 });
  const { id, left_out } = await blog.sync();
  expect(left_out).toBe(3);
  expect(await ann.read("/organizations/acme/packages/acme/blog")).toContain(words);
  expect(await ann.read(`${repository}/syncs/${id}`)).toContain(words);
});
