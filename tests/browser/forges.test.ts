// Connecting a forge and choosing from it in a browser, with scripts and without.
import { forgeNames } from "../../src/forges/forge.ts";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { connectForge } from "../../src/registry/credentials/connect.ts";
import { getOrganization } from "../../src/store/organizations/organizations.ts";
import { listRepositories } from "../../src/store/repositories/repositories.ts";
import { signedIn } from "../pages/visitor.ts";
import type { TestApp } from "../worlds/process.ts";
import type { FakeForge } from "../tools/forges/fake-forge.ts";
import { startForge } from "../tools/forges/forge.ts";
import { startBrowser, type Browser, type OpenOptions, type Tab } from "./browser.ts";
import { openWorld } from "../worlds/world.ts";

const base = "/organizations/acme";

let world: TestApp;
let browser: Browser;
let forge: FakeForge;
let secret = "";

beforeAll(async () => {
  world = await openWorld({ in: "process", environment: { OUTBOUND_ALLOW: "127.0.0.1" } });
  await world.organization("acme");
  await world.organization("plain");
  forge = startForge("github");
  for (let number = 0; number < 130; number++) forge.add(`acme/package-${100 + number}`);
  forge.add("acme/blog", { description: '<img src=x onerror="alert(1)"><script>alert(2)</script>' });
  const ann = await signedIn(world, "ann", { roles: { acme: "owner", plain: "owner" } });
  secret = ann.cookies.get("pricore") ?? "";
  await ann.get("/sign-in");
  browser = await startBrowser();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await forge?.stop();
  await world?.close();
});

async function open(path: string, options: OpenOptions = {}): Promise<Tab> {
  const { appUrl: url } = world.app.config;
  const tab = await browser.open(`${url}/sign-in`, options);
  await tab.page.context().addCookies([{ name: "pricore", value: secret, url }]);
  await tab.page.goto(url + path);
  return tab;
}

const mirrored = async (slug: string) => {
  const { id } = await getOrganization(world.app.db, slug);
  return (await listRepositories(world.app.db, id)).map(({ name }) => name);
};

test("somebody connects a forge and adds a page of its repositories, by keyboard and mouse", async () => {
  const tab = await open(`${base}/repositories/new`);
  const { page } = tab;
  await page.getByRole("link", { name: "Choose from a Git host" }).click();
  await page.getByRole("link", { name: "Connect a Git host" }).click();
  await page.getByRole("link", { name: "Bitbucket Cloud" }).click();
  expect(await page.getByLabel("Email of the Atlassian account").isVisible()).toBe(true);
  await page.getByRole("link", { name: "Another Git host" }).click();
  await page.getByRole("link", { name: "GitHub" }).click();
  expect(await page.getByLabel("Email of the Atlassian account").count()).toBe(0);
  await page.getByRole("link", { name: "Use another address" }).click();
  await page.getByLabel("Address").fill(forge.origin);
  await page.keyboard.press("Enter");
  await page.getByLabel("Token", { exact: true }).fill("wrong");
  await page.getByRole("button", { name: "Connect" }).click();
  await page.getByText("rejected the token").waitFor();
  expect(await page.getByLabel("Address").inputValue()).toBe(forge.origin);
  tab.forget();
  await page.getByLabel("Token", { exact: true }).fill(forge.token);
  await page.keyboard.press("Enter");
  await page.getByText("can read repositories and manage webhooks").waitFor();

  await page.goto(`${world.app.config.appUrl}${base}/repositories/new/from-forge?owner=acme`);
  const search = page.getByRole("searchbox", { name: "Search the Git host" });
  await search.fill("package-19");
  await search.press("Enter");
  await page.getByText("acme/package-199").waitFor();
  await page.getByText("acme/package-100", { exact: true }).waitFor({ state: "detached" });
  expect(new URL(page.url()).searchParams.get("q")).toBe("package-19");
  const all = page.getByRole("checkbox", { name: "Select all on this page" });
  await all.check();
  await page.getByRole("checkbox", { name: "acme/package-195" }).uncheck();
  expect(await all.evaluate((box: HTMLInputElement) => box.indeterminate)).toBe(true);
  await page.getByRole("button", { name: "Add selected" }).click();
  await page.getByRole("heading", { name: "9 of 9 repositories added" }).waitFor();
  expect((await mirrored("acme")).length).toBe(9);
  expect(tab.faults()).toEqual([]);
  expect(await tab.barriers()).toEqual([]);
  await tab.close();
}, 60_000);

test("it works without scripts, too", async () => {
  const plain = await getOrganization(world.app.db, "plain");
  const fields = { provider: "github", address: forge.origin, email: "", token: forge.token, name: "" };
  await connectForge(world.app, plain, { input: fields, actor: "cli" });
  const tab = await open("/organizations/plain/repositories/new/from-forge", { scripts: false });
  const { page } = tab;
  await page.getByText("Owner", { exact: true }).click();
  await page.getByRole("link", { name: "acme", exact: true }).click();
  await page.getByRole("link", { name: "Next page" }).click();
  await page.getByRole("checkbox", { name: "acme/package-229" }).check();
  expect(await page.getByRole("checkbox", { name: "Select all on this page" }).isVisible()).toBe(false);
  await page.getByRole("button", { name: "Add selected" }).click();
  await page.getByRole("heading", { name: "1 of 1 repositories added" }).waitFor();
  expect(await mirrored("plain")).toEqual(["package-229"]);
  await tab.close();
}, 60_000);

test("every page about forges is free of barriers and no wider than a phone, also with hostile words", async () => {
  const paths = [
    `${base}/settings/credentials`,
    `${base}/settings/credentials/connect`,
    ...forgeNames.map((name) => `${base}/settings/credentials/connect?forge=${name}`),
    `${base}/settings/credentials/connect?forge=gitea&address=${encodeURIComponent("https://git.acme.test")}`,
    `${base}/repositories/new/from-forge?owner=acme`,
    `${base}/repositories/new/from-forge?owner=nobody`,
  ];
  for (const path of paths)
    for (const [width, theme] of [
      [360, "dark"],
      [1440, "light"],
    ] as const) {
      const tab = await open(path, { width, theme });
      expect([path, await tab.overhang(), ...(await tab.barriers()), ...tab.faults()]).toEqual([path, 0]);
      await tab.close();
    }
}, 120_000);
