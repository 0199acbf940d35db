// Lists as they stand on a phone, and rows that stay one line where there is room.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createToken } from "../../src/registry/tokens.ts";
import type { Organization } from "../../src/store/organizations/organizations.ts";
import { signedIn, type Visitor } from "../pages/visitor.ts";
import type { Mirrored, TestApp } from "../worlds/process.ts";
import { startBrowser, type Browser, type Tab } from "./browser.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
let acme: Organization;
let vault: Mirrored;
let browser: Browser;
let ann: Visitor & { user: { id: string } };
const base = "/organizations/acme";
const dayMs = 86_400_000;

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  acme = await world.organization("acme");
  ann = await signedIn(world, "ann", { roles: { acme: "owner" }, isAdmin: true });
  for (const name of ["billing-service-client", "vault"]) {
    const manifest = { name: `acme/${name}` };
    const mirrored = await world.mirror(acme, name, [{ manifest, tags: ["1.0.0"] }]);
    await mirrored.sync();
    vault = mirrored;
  }
  const owner = { organizationId: acme.id };
  for (const [name, days] of [
    ["ci", 365],
    ["laptop", null],
    ["soon", 3],
  ] as const) {
    const expiresAt = days === null ? null : world.app.now() + days * dayMs;
    await createToken(world.app, { owner, name, expiresAt, packages: [], actor: `user:${ann.user.id}` });
  }
  await ann.post(`${base}/settings/members/invitations`, { email: "ben@acme.test", role: "member" });
  browser = await startBrowser();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await world?.close();
});

async function open(path: string, width = 360): Promise<Tab> {
  const { appUrl: url } = world.app.config;
  const tab = await browser.open(`${url}/sign-in`, { width });
  await tab.page.context().addCookies([...ann.cookies].map(([name, value]) => ({ name, value, url })));
  await tab.page.goto(url + path, { waitUntil: "load" });
  return tab;
}

async function isGood(tab: Tab): Promise<void> {
  expect([await tab.overhang(), ...(await tab.barriers()), ...tab.faults()]).toEqual([0]);
  await tab.close();
}

test("FU18: the outbox of a phone shows the subject, which opens the mail, and to whom it went", async () => {
  const tab = await open("/outbox");
  const subject = tab.page.locator("table a").first();
  expect(await subject.isVisible()).toBe(true);
  expect(await subject.innerText()).toContain("acme");
  expect(await tab.page.getByText("to ben@acme.test").isVisible()).toBe(true);
  await subject.click();
  await tab.page.getByRole("heading", { level: 1 }).waitFor();
  expect(tab.page.url()).toMatch(/\/outbox\/[\w-]+$/);
  await isGood(tab);
});

test("FU19: dates of a phone's lists say what they are of, and only there", async () => {
  const phone = await open(`${base}/settings/tokens`);
  const rows = phone.page.locator("tbody tr");
  const textOf = (name: string) => rows.filter({ hasText: name }).innerText();
  expect(await textOf("ci")).toMatch(/Expires 1 Mar 2027/);
  expect(await textOf("laptop")).toMatch(/never expires/);
  expect(await textOf("soon")).toMatch(/Expires in 3 days/);
  expect(await textOf("soon")).toMatch(/never used/);
  await isGood(phone);
  const wide = await open(`${base}/settings/tokens`, 1440);
  expect(await wide.page.locator("tbody").innerText()).not.toContain("Expires");
  await wide.close();
  const members = await open(`${base}/settings/members`);
  expect(await members.page.locator("tr", { hasText: "ben@acme.test" }).innerText()).toMatch(/Expires in/);
  await isGood(members);
});

test("FU45: the source of a package stays one line while there is room beside it", async () => {
  for (const width of [1280, 1440]) {
    const tab = await open(`${base}/packages`, width);
    const source = tab.page.locator(".source", { hasText: "billing-service-client" });
    const { height, whole } = await source.evaluate((fact) => {
      const name = fact.lastElementChild as HTMLElement;
      return { height: fact.getBoundingClientRect().height, whole: name.scrollWidth <= name.clientWidth };
    });
    expect([width, height < 24, whole]).toEqual([width, true, true]);
    await tab.close();
  }
});

test("FU49: the requests that setup shows are one line each, archives too", async () => {
  await ann.post(`${base}/start/token`);
  const token = /prc_[0-9A-Za-z]{46}/.exec(await ann.read(`${base}/start`))?.[0] ?? "";
  const tab = await open(`${base}/start`, 1440);
  await tab.page.waitForTimeout(500);
  const { reference } = { reference: "0123456789abcdef0123456789abcdef01234567" };
  await world.get("/acme/packages.json", null);
  await world.get("/acme/p2/acme/billing-service-client.json", token);
  await world.get(`/acme/dists/acme/billing-service-client/${reference}.zip`, token);
  const lines = tab.page.locator(".log > li");
  await tab.page.locator(".log").getByText("0123456…").waitFor();
  const heights = await lines.evaluateAll((all) => all.map((line) => line.getBoundingClientRect().height));
  expect(heights.length).toBeGreaterThanOrEqual(3);
  expect(heights.filter((height) => height > 30)).toEqual([]);
  // Whole for who wants it.
  expect(await lines.last().locator(".path").getAttribute("title")).toContain(reference);
  await tab.close();
});

test("FU30: a deleted package is found from its repository and from the list, and offers nothing to install", async () => {
  expect((await ann.post(`${base}/packages/acme/vault/delete`, { confirm: "acme/vault" })).status).toBe(303);
  const tab = await open(`${base}/repositories/vault`, 1440);
  const { page } = tab;
  const ref = page.locator("tr", { hasText: "You can restore it on the page of the package" }).first();
  expect(await ref.innerText()).toContain("Skipped");
  expect(
    await page.locator(".ref-name", { hasText: "1.0.0" }).evaluate((name) => name.clientHeight),
  ).toBeLessThan(24);
  await ref.getByRole("link", { name: "Restore" }).click();
  await page.waitForURL("**/packages/acme/vault");
  const text = await page.locator("main").innerText();
  expect(text).toContain("This package was deleted");
  expect(text).not.toMatch(/proven fresh|composer require|up to date/i);
  await page.goto(`${world.app.config.appUrl}${base}/packages`);
  await page.getByText("Status", { exact: true }).click();
  await page.getByRole("link", { name: "Deleted" }).click();
  await page.locator("#packages a[title='acme/vault']").waitFor();
  const list = await page.locator("#packages table").innerText();
  expect(list).not.toContain("billing-service-client");
  expect(list).not.toContain("just now");
  expect(tab.faults()).toEqual([]);
  await tab.close();
  const use = await ann.read(`${base}/use?package=acme/vault`);
  expect(use.replaceAll(/<[^>]+>/g, "")).not.toContain("require acme/vault");
  // A sync that meets it again says the same, with the same way back.
  const { id } = await vault.sync();
  expect(await ann.read(`${base}/repositories/vault/syncs/${id}`)).not.toContain("composer require");
  expect(await ann.read(`${base}/repositories/vault`)).toContain(`href="${base}/packages/acme/vault"`);
});
