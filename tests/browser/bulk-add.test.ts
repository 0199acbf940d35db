// Several repositories added at once, in a browser: the page follows each until its result.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { runSync } from "../../src/registry/syncs/sync.ts";
import type { Organization } from "../../src/store/organizations/organizations.ts";
import { findRepository } from "../../src/store/repositories/repositories.ts";
import { signedIn, type Visitor } from "../pages/visitor.ts";
import type { TestApp } from "../worlds/process.ts";
import { startGitHttp, type GitHttpServer } from "../tools/servers/git-http-server.ts";
import { makeRepository } from "../tools/repositories.ts";
import { startBrowser, type Browser, type Tab } from "./browser.ts";
import { openWorld } from "../worlds/world.ts";

const repositories = "/organizations/acme/repositories";

let world: TestApp;
let acme: Organization;
let browser: Browser;
let git: GitHttpServer;
let ann: Visitor;

beforeAll(async () => {
  world = await openWorld({ in: "process", environment: { OUTBOUND_ALLOW: "127.0.0.1" } });
  acme = await world.organization("acme");
  ann = await signedIn(world, "ann", { roles: { acme: "owner" } });
  const root = join(world.folder, "served");
  for (const name of ["acme/mailer", "acme/money"])
    await makeRepository(root, name, [{ manifest: { name }, tags: ["1.0.0", "1.1.0"] }]);
  await makeRepository(root, "acme/notes", [{ manifest: null }]);
  git = startGitHttp({ root });
  await ann.get("/sign-in");
  browser = await startBrowser();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await git?.stop();
  await world?.close();
});

async function open(path: string, width = 1440): Promise<Tab> {
  const { appUrl: url } = world.app.config;
  const tab = await browser.open(`${url}/sign-in`, { width });
  await tab.page.context().addCookies([...ann.cookies].map(([name, value]) => ({ name, value, url })));
  await tab.page.goto(url + path, { waitUntil: "load" });
  return tab;
}

async function sync(name: string): Promise<void> {
  const repository = await findRepository(world.app.db, acme.id, name);
  const request = { repositoryId: repository?.id ?? "", reason: "asked", confirmRemovals: false };
  await runSync(world.app, request, new AbortController().signal).catch(() => {});
}

const lines = (...names: string[]) => names.map((name) => `${git.url}/acme/${name}.git`).join("\n");

test("FU15: each line goes from added to its result, with the counts of the rail, and what was refused is offered again", async () => {
  const tab = await open(`${repositories}/new`);
  const { page } = tab;
  await page
    .getByLabel("URL", { exact: true })
    .fill(`${lines("mailer", "money", "notes", "absent")}\nhttps://10.0.0.1/private.git`);
  const connected = page.waitForResponse((response) => response.url().includes("/live?"));
  await page.getByRole("button", { name: "Add repository" }).click();
  await page.getByRole("heading", { name: "4 of 5 repositories added" }).waitFor();
  await connected;
  const part = page.locator("#added");
  expect(await part.getByText("Added, waiting for the first sync").count()).toBe(4);
  await Bun.sleep(400);

  for (const name of ["mailer", "money", "notes", "absent"]) await sync(name);
  await part.getByText("2 failed").waitFor();
  await part.getByText("2 up to date").waitFor();
  await part.getByRole("link", { name: "acme/money" }).waitFor();
  const text = await part.innerText();
  expect(text).toContain("acme/mailer 1.1.0, 3 versions");
  expect(text).not.toContain("waiting");
  // What helps depends on the cause: the address of one that is not there, nothing here for one without a manifest.
  const absent = part.getByRole("row").filter({ hasText: "absent" });
  await absent.getByRole("link", { name: "Edit the URL or credentials" }).waitFor();
  const notes = part.getByRole("row").filter({ hasText: "notes" });
  expect(await notes.getByRole("link", { name: /Edit/ }).count()).toBe(0);
  const rail = page.locator("#rail-tabs");
  await rail.getByText("2 of 4 failing").waitFor();
  await rail.getByRole("link", { name: /Packages\s*2/ }).waitFor();

  expect(tab.faults()).toEqual([]);
  expect(await tab.barriers()).toEqual([]);
  // Only what was not added is in the form again.
  const again = page.getByLabel("URL", { exact: true });
  expect(await again.inputValue()).toBe("https://10.0.0.1/private.git");
  await again.fill(`${git.url}/acme/money.git\n${git.url}/acme/other.git`);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "1 of 2 repositories added" }).waitFor();
  await page.getByText("Already added as money").waitFor();
  await tab.close();
}, 60_000);

test("FU15: the result fits a phone, light and dark", async () => {
  const rows = await Promise.all(
    ["mailer", "absent"].map((name) => findRepository(world.app.db, acme.id, name)),
  );
  const here = `${repositories}/new/added?ids=${rows.map((row) => row?.id).join(",")}`;
  const tab = await open(here, 360);
  expect([await tab.overhang(), ...(await tab.barriers()), ...tab.faults()]).toEqual([0]);
  await tab.page.emulateMedia({ colorScheme: "dark" });
  expect(await tab.barriers()).toEqual([]);
  await tab.close();
}, 60_000);

test("FU15: a secret in a refused address is neither shown nor offered again", async () => {
  const url = `https://ann:geheim@git.acme.test/x.git\n${git.url}/acme/mailer.git`;
  const text = await (await ann.post(repositories, { url, name: "", credential: "none" })).text();
  expect(text).not.toContain("geheim");
  expect(text).toContain("https://git.acme.test/x.git</textarea>");
});

test("FU15: the result shows nothing of another organization", async () => {
  const other = await world.organization("other");
  const theirs = await world.mirror(other, "other/ledger", [{ manifest: { name: "other/ledger" } }]);
  const page = await ann.read(`${repositories}/new/added?ids=${(await theirs.row()).id},x,,`);
  expect(page).not.toContain("ledger");
});
