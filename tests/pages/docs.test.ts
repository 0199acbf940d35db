// The documentation inside the product: for everybody, from the files of docs/.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { docs } from "../../src/docs/pages.ts";
import { renderPage } from "../../src/docs/render.ts";
import { pageNames } from "../../src/docs/names.ts";
import { addOrganization, getOrganization } from "../../src/store/organizations/organizations.ts";
import { root } from "../docs/pages.ts";
import type { TestApp } from "../worlds/process.ts";
import { signedIn, visitor } from "./visitor.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
beforeAll(async () => {
  world = await openWorld({ in: "process" });
  await world.organization("acme");
});
afterAll(() => world?.close());

test("are the files of docs/, in the order of the README", () => {
  const files = readdirSync(join(root, "docs")).filter((file) => file.endsWith(".md"));
  expect(docs.pages.map(({ name }) => name)).toEqual(pageNames);
  expect(pageNames.map((name) => `${name}.md`).toSorted()).toEqual(files.toSorted());
});

test("are read without signing in, with a menu, their contents and a way to sign in", async () => {
  const nobody = visitor(world);
  const index = await nobody.read("/docs");
  for (const { name, label } of docs.pages) {
    expect(index).toContain(`href="/docs/${name}"`);
    expect(index).toContain(label);
  }
  const page = await nobody.read("/docs/commands");
  expect(page).toContain("<h1>Commands</h1>");
  expect(page).toContain('<a href="#repositories">Repositories</a>');
  expect(page).toContain('<h2 id="repositories">');
  expect(page).toContain('href="/sign-in?next=%2Fdocs%2Fcommands"');
  expect((await nobody.get("/docs/nothing")).status).toBe(404);
});

test("stand in the frame of the signed-in user, with the rail's link marked", async () => {
  const ann = await signedIn(world, "ann", { roles: { acme: "member" } });
  const page = await ann.read("/docs/webhooks");
  expect(page).toContain("<h1>Webhooks</h1>");
  expect(page).toMatch(/<a class="tab" href="\/docs" title="Docs" aria-current="page">/);
  expect(page).not.toContain("/sign-in?next=");
});

test("lead to each other and to headings that are there, and no id stands twice", async () => {
  const ann = await signedIn(world, "ann", { roles: { acme: "member" } });
  const pages = new Map<string, string>();
  for (const name of pageNames) pages.set(`/docs/${name}`, await ann.read(`/docs/${name}`));
  const idsIn = (page: string) => [...page.matchAll(/ id="([^"]+)"/g)].map(([, id = ""]) => id);
  for (const [path, page] of pages) {
    const ids = idsIn(page);
    expect([path, ids.length]).toEqual([path, new Set(ids).size]);
    const article = page.slice(page.indexOf("<article"), page.indexOf("</article>"));
    for (const [, href = ""] of article.matchAll(/ href="([^"]+)"/g)) {
      if (/^https?:/.test(href)) continue;
      const [target = "", anchor] = href.split("#");
      const wanted = target === "" ? page : pages.get(target);
      expect([path, href, wanted !== undefined]).toEqual([path, href, true]);
      if (anchor) expect([path, href, idsIn(wanted ?? "").includes(anchor)]).toEqual([path, href, true]);
    }
  }
});

test("have their images from here", async () => {
  const page = await visitor(world).read("/docs/operations");
  const [, source = ""] = /<img[^>]* src="([^"]+)"/.exec(page) ?? [];
  const image = await visitor(world).get(source);
  expect([image.status, image.headers.get("content-type")]).toEqual([200, "image/webp"]);
  expect((await image.arrayBuffer()).byteLength).toBeLessThan(150_000);
  expect((await visitor(world).get("/docs/images/absent.webp")).status).toBe(404);
});

test("are linked from the pages that need them", async () => {
  const ann = await signedIn(world, "ida", { roles: { acme: "owner" }, isAdmin: true });
  const base = "/organizations/acme";
  for (const [path, target] of [
    [`${base}/settings/credentials/connect`, "/docs/git-hosts#connect-an-account"],
    [`${base}/settings/tokens`, "/docs/use-in-a-project"],
    ["/account/tokens", "/docs/use-in-a-project"],
    [`${base}/use`, "/docs/use-in-a-project"],
    ["/horizon", "/docs/operations#jobs"],
  ] as const)
    expect([path, (await ann.read(path)).includes(`href="${target}"`)]).toEqual([path, true]);
});

test("a page keeps code and text as they are, and drops links to files that are no page", () => {
  const { title, html, contents } = renderPage(
    "# A & B\n\nSee [x](security.md#attacks), [y](../STYLE.md).\n\n## One `two`\n\n| a |\n| - |\n| `<b>` |\n",
  );
  expect([title, contents]).toEqual(["A & B", [{ id: "one-two", title: "One two" }]]);
  expect(html).toContain('<a href="/docs/security#attacks">x</a>, y.');
  expect(html).toContain("<code>&lt;b&gt;</code>");
  expect(html).not.toContain("<h1");
});

describe("an organization that has had the address docs", () => {
  let older: TestApp;
  beforeAll(async () => {
    older = await openWorld({ in: "process" });
    const { app } = older;
    const row = await addOrganization(app.db, { slug: "docs", name: "Docs", now: app.now() });
    const mirrored = await older.mirror(row, "docs/blog", [
      { manifest: { name: "docs/blog" }, tags: ["1.0.0"] },
    ]);
    await mirrored.sync();
  });
  afterAll(() => older?.close());

  test("keeps it for Composer, and the pages stand under /account/docs", async () => {
    const token = await older.token(await getOrganization(older.app.db, "docs"));
    for (const path of ["/docs/packages.json", "/docs/list.json", "/docs/p2/docs/blog.json"])
      expect([path, (await older.get(path, token)).status]).toEqual([path, 200]);
    const ann = await signedIn(older, "ann", { roles: { docs: "owner" } });
    const moved = await ann.get("/docs/webhooks");
    expect([moved.status, moved.headers.get("location")]).toEqual([303, "/account/docs/webhooks"]);
    const page = await ann.read("/account/docs/webhooks");
    expect(page).toContain("<h1>Webhooks</h1>");
    expect(page).toContain('<a class="tab" href="/account/docs" title="Docs"');
    expect(await visitor(older).read("/account/docs")).toContain('href="/account/docs/webhooks"');
  });
});

test("elsewhere /account/docs leads to /docs", async () => {
  const moved = await visitor(world).get("/account/docs/commands");
  expect([moved.status, moved.headers.get("location")]).toEqual([303, "/docs/commands"]);
});
