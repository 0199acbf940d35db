// Pages of repositories in a browser: what happens elsewhere appears without a reload.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { requestWebhook } from "../../src/registry/webhooks/webhooks.ts";
import type { Mirrored, TestApp } from "../worlds/process.ts";
import { updateWebhook } from "../../src/store/webhooks/webhooks.ts";
import { signedIn, type Visitor } from "../pages/visitor.ts";
import { startBrowser, type Browser, type Tab } from "./browser.ts";
import { openWorld } from "../worlds/world.ts";

const repositories = "/organizations/acme/repositories";

let world: TestApp;
let browser: Browser;
let blog: Mirrored;
let ann: Visitor;

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  const acme = await world.organization("acme");
  ann = await signedIn(world, "ann", { roles: { acme: "owner" } });
  blog = await world.mirror(acme, "acme/blog", [{ manifest: { name: "acme/blog" }, tags: ["1.0.0"] }]);
  await ann.get("/sign-in");
  browser = await startBrowser();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await world?.close();
});

async function open(path: string, width = 1440): Promise<Tab> {
  const { appUrl: url } = world.app.config;
  const tab = await browser.open(`${url}/sign-in`, { width });
  await tab.page.context().addCookies([...ann.cookies].map(([name, value]) => ({ name, value, url })));
  const connected = tab.page.waitForResponse((response) => response.url().includes("/live?"));
  await tab.page.goto(url + path, { waitUntil: "load" });
  await connected;
  return tab;
}

test("a repository's page and the list follow a sync that somebody else started", async () => {
  const [page, list] = [await open(`${repositories}/blog`), await open(repositories)];
  await page.page.getByText("Waiting to start").waitFor();
  await list.page.getByText("0 packages").waitFor();
  await Bun.sleep(400);
  await blog.sync();
  await page.page.getByText("New version 1.0.0").waitFor();
  await list.page.getByText("1 package").first().waitFor();
  await blog.git.commit({ manifest: { name: "acme/blog" }, tags: ["1.1.0"] });
  await blog.sync();
  await page.page.getByText("New version 1.1.0").waitFor();
  for (const tab of [page, list]) {
    expect(tab.faults()).toEqual([]);
    expect(await tab.barriers()).toEqual([]);
    await tab.close();
  }
}, 60_000);

test("nothing is wider than a phone, and every page is accessible", async () => {
  const { id } = await blog.sync();
  const paths = ["", "/new", "/blog", "/blog/edit", "/blog/remove", "/blog/syncs", `/blog/syncs/${id}`];
  const settings = ["credentials", "credentials/new", "ssh-keys", "ssh-keys/new"];
  await ann.post("/organizations/acme/settings/ssh-keys", { name: "deploy" });
  for (const path of [
    ...paths.map((each) => repositories + each),
    ...settings.map((each) => `/organizations/acme/settings/${each}`),
  ]) {
    const tab = await open(path, 360);
    expect([path, await tab.overhang(), ...(await tab.barriers()), ...tab.faults()]).toEqual([path, 0]);
    await tab.close();
  }
}, 120_000);

test("what comes to a webhook appears on both of its pages at once", async () => {
  const { app } = world;
  const repository = await blog.row();
  const secret = await requestWebhook(app, { repository, action: "webhook.set_up", actor: "cli" });
  const [page, webhook] = [await open(`${repositories}/blog`), await open(`${repositories}/blog/webhook`)];
  await page.page.getByText("No deliveries yet").waitFor();
  await webhook.page.getByText("No deliveries yet").waitFor();
  const url = `${app.config.appUrl}/webhooks/git/${repository.id}`;
  expect((await fetch(url, { method: "POST" })).status).toBe(401);
  for (const tab of [page, webhook]) await tab.page.getByText("signature did not match").waitFor();
  const headers = { "X-Webhook-Token": secret ?? "" };
  expect((await fetch(url, { method: "POST", headers, body: '{"ref":"refs/heads/main"}' })).status).toBe(202);
  await page.page.getByText("push", { exact: true }).waitFor();
  await webhook.page.getByText("waiting to sync").waitFor();
  await updateWebhook(app.db, repository.id, { state: "failed", error: "It was refused." });
  await blog.sync();
  await webhook.page.getByText("no changes").waitFor();
  for (const tab of [page, webhook]) {
    await tab.page.getByText("Webhook failed").waitFor();
    expect(await tab.page.locator("#webhook-state").count()).toBe(1);
  }
  await page.page.locator(".folded").waitFor();
  for (const tab of [page, webhook]) expect(tab.faults()).toEqual([]);
});

test("FU21: the name of a tag stays in one line beside a long reason, and the reason keeps off its icon", async () => {
  await blog.git.commit({ manifest: '{"name" oops', tags: ["1.2.0-beta.1"] });
  await blog.sync();
  for (const width of [1440, 360]) {
    const tab = await open(`${repositories}/blog`, width);
    const row = tab.page.getByRole("row", { name: /1\.2\.0-beta\.1/ });
    const name = (await row.locator(".ref-name").boundingBox())!;
    const icon = (await row.locator(".at-state svg").boundingBox())!;
    const reason = (await row.locator(".at-note").boundingBox())!;
    const found = { isOneLine: name.height < 28, apart: icon.x + icon.width <= reason.x };
    expect({ width, ...found }).toEqual({ width, isOneLine: true, apart: true });
    await tab.close();
  }
}, 60_000);
