// Small things of pages that people stumbled over.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Organization } from "../../src/store/organizations.ts";
import { makeApp, type TestApp } from "../tools/app.ts";
import { signedIn, type Visitor } from "./visitor.ts";

let world: TestApp;
let acme: Organization;
let ann: Visitor;

beforeAll(async () => {
  world = await makeApp();
  acme = await world.organization("acme");
  ann = await signedIn(world, "ann", { roles: { acme: "owner" } });
  await (await world.mirror(acme, "blog", [{ manifest: { name: "acme/blog" }, tags: ["1.0.0"] }])).sync();
});
afterAll(() => world?.close());

test("FU37: a repository without credentials has one entry that says so, and it is chosen", async () => {
  const page = await ann.read("/organizations/acme/repositories/blog/edit");
  expect(page.match(/Public, no credentials/g)).toHaveLength(1);
  expect(page).not.toContain("As now");
  expect(page).not.toContain('value="keep"');
  expect(/<input[^>]*value="none"[^>]*>/.exec(page)?.[0]).toContain("checked");
});

test("FU40: no tab leads to a page that says that it does nothing", async () => {
  const page = await ann.read("/organizations/acme");
  expect(page).not.toContain("/organizations/acme/security");
  expect((await ann.get("/organizations/acme/security")).status).toBe(404);
});

test("FU47: one repository that is up to date is not counted as all one", async () => {
  const page = await ann.read("/organizations/acme");
  expect(page).toContain("Up to date");
  expect(page).not.toContain("All 1");
});

test("FU48: setup offers to be skipped until something was installed", async () => {
  const start = "/organizations/acme/start";
  expect(await ann.read(start)).toContain("Skip, go to the dashboard");
  const token = await world.token(acme);
  const report = { downloads: [{ name: "acme/blog", version: "1.0.0.0" }] };
  await world.get("/acme/packages.json", token);
  const { appUrl } = world.app.config;
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const sent = await fetch(`${appUrl}/acme/notify-batch`, {
    method: "POST",
    headers,
    body: JSON.stringify(report),
  });
  expect(sent.status).toBeLessThan(300);
  for (let checks = 0; checks < 100 && !(await ann.read(start)).includes("It works"); checks++)
    await Bun.sleep(50);
  expect(await ann.read(start)).not.toContain("Skip, go to the dashboard");
});
