// Small things of pages that people stumbled over.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { forgeHrefs } from "../../src/http/pages/repositories/forge-links.ts";
import type { Organization } from "../../src/store/organizations/organizations.ts";
import type { TestApp } from "../worlds/process.ts";
import { signedIn, type Visitor } from "./visitor.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
let acme: Organization;
let ann: Visitor;

beforeAll(async () => {
  world = await openWorld({ in: "process" });
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

test("FU28: a version's page is titled with its package and leads to its neighbors and its archive", async () => {
  const shop = await world.mirror(
    acme,
    "shop",
    ["1.0.0", "1.1.0", "1.2.0"].map((tag) => ({
      manifest: { name: "acme/shop", description: tag },
      tags: [tag],
    })),
  );
  await shop.sync();
  const versions = "/organizations/acme/packages/acme/shop/versions";
  const page = await ann.read(`${versions}/1.1.0`);
  expect(page).toContain("<title>acme/shop 1.1.0 ");
  expect(page.match(/<h1/g)).toHaveLength(1);
  expect(page).toContain('aria-label="Views of the package"');
  expect(page).toContain(`href="${versions}/1.0.0" rel="prev"`);
  expect(page).toContain(`href="${versions}/1.2.0" rel="next"`);
  // The version before the first release in the list is a branch, which is none of its neighbors.
  expect(await ann.read(`${versions}/dev-main`)).not.toContain('rel="next"');
  expect(await ann.read(`${versions}/1.0.0`)).not.toContain('rel="prev"');
  const archive = await ann.get(`${versions}/1.1.0/archive`);
  expect(archive.headers.get("content-type")).toBe("application/zip");
  expect(archive.headers.get("content-disposition")).toMatch(/filename="acme-shop-[0-9a-f]{7}\.zip"/);
  const eve = await signedIn(world, "eve");
  expect((await eve.get(`${versions}/1.1.0/archive`)).status).toBe(404);
  expect((await ann.get(`${versions}/9.9.9/archive`)).status).toBe(404);
});

test("FU28: what changed since the version before is a link to the git host", () => {
  const hrefs = (url: string) => forgeHrefs(world.app, { url, provider: null }).compare("a", "b");
  expect(hrefs("https://github.com/acme/blog.git")).toBe("https://github.com/acme/blog/compare/a...b");
  expect(hrefs("https://gitlab.com/acme/blog.git")).toBe("https://gitlab.com/acme/blog/-/compare/a...b");
  expect(hrefs("https://bitbucket.org/acme/blog.git")).toBe(
    "https://bitbucket.org/acme/blog/branches/compare/b%0Da",
  );
  expect(hrefs("https://git.example.com/acme/blog.git")).toBe(null);
});

test("FU29: the command to install stands once on a package's page", async () => {
  const page = await ann.read("/organizations/acme/packages/acme/blog");
  expect(page.match(/data-copy="composer require acme\/blog:\^1\.0"/g)).toHaveLength(1);
  expect(page.match(/class="command-line/g)).toHaveLength(1);
});
