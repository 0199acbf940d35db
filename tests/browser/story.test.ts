// From the setup link in the terminal to a revoked token, in a browser, against the built binary.
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import type { Operator } from "../worlds/shell.ts";
import { composerEnvironment } from "../tools/composers.ts";
import { startGitHttp, type GitHttpServer } from "../tools/servers/git-http-server.ts";
import { finished, type Outcome } from "../tools/process.ts";
import { makeRepository } from "../tools/repositories.ts";
import { pictures, startBrowser, type Browser, type Tab } from "./browser.ts";
import type { Served } from "../tools/binary.ts";
import { openWorld } from "../worlds/world.ts";

let operator: Operator;
let server: Served;
let git: GitHttpServer;
let browser: Browser;
let ann: Tab;

const password = "a long password of ann";

beforeAll(async () => {
  operator = await openWorld({ in: "shell" });
  git = startGitHttp({ root: operator.folder });
  const readme = "# Blog\n\nPosts for *Acme*.\n";
  await makeRepository(operator.folder, "acme/blog", [
    { manifest: "{", tags: ["0.9.0"] },
    {
      manifest: { name: "acme/blog", description: "Posts" },
      files: { "README.md": readme },
      tags: ["1.0.0"],
    },
    { manifest: { name: "acme/blog", description: "Posts" }, tags: ["1.1.0"] },
  ]);
  server = await operator.serve();
  browser = await startBrowser();
  const link = /http:\S+\/setup\/\S+/.exec(server.printed())?.[0] ?? "";
  ann = await browser.open(link);
  ann.page.setDefaultTimeout(10_000);
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await git?.stop();
  await operator?.close();
});
afterEach(async () => {
  await picture("last");
  expect(ann.faults()).toEqual([]);
  expect(await ann.barriers()).toEqual([]);
  expect(await ann.overhang()).toBe(0);
});

test("the link of the terminal leads to an account and an organization", async () => {
  const { page } = ann;
  await page.getByLabel("Your name").fill("Ann");
  await page.getByLabel("Email address").fill("ann@acme.test");
  await page.getByLabel("Password").fill(password);
  await picture("setup-account");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Acme");
  await page.getByLabel("Address").fill("acme");
  await picture("setup-organization");
  await page.getByRole("button", { name: "Create organization" }).click();
  await page.getByRole("heading", { name: "Add the first repository" }).waitFor();
});

test("a repository is read while one looks, and the page shows how to install its package", async () => {
  const { page } = ann;
  await page.getByLabel("Repository URL").fill(`${git.url}/acme/blog.git`);
  await picture("setup-repository");
  await page.getByRole("button", { name: "Add repository" }).click();
  await page.getByRole("heading", { name: "Now install acme/blog" }).waitFor();
  await picture("setup-install");
});

test("Composer installs with the lines of the page, which sees it happen", async () => {
  const { page } = ann;
  const lines = await page.getByRole("button", { name: "Copy all" }).getAttribute("data-copy");
  expect(await shell(lines ?? "")).toMatchObject({ code: 0 });
  await page.getByRole("heading", { name: "It works" }).waitFor();
  await page.getByText("4 of 4").waitFor();
  await picture("setup-done");
  await page.getByRole("link", { name: "Go to Acme" }).click();
  await page.getByRole("heading", { name: "Acme", level: 1 }).waitFor();
  await picture("overview");
});

test("the package is found by clicking, with its versions and the reason of the one that is missing", async () => {
  const { page } = ann;
  await rail("Packages");
  await page
    .getByRole("link", { name: /acme\/ ?blog/ })
    .first()
    .click();
  await page.getByRole("heading", { name: /acme\/ ?blog/, level: 1 }).waitFor();
  await picture("package");
  await page
    .getByRole("link", { name: /^Versions/ })
    .first()
    .click();
  await page.getByRole("link", { name: "1.1.0" }).first().click();
  await page.getByText("composer require acme/blog").first().waitFor();
  await picture("version");
  await rail("Packages");
  await picture("packages");
});

test("the repository shows what became of every ref", async () => {
  const { page } = ann;
  await rail("Repositories");
  await picture("repositories");
  await page.getByRole("link", { name: "blog" }).first().click();
  await page.getByText("0.9.0").first().waitFor();
  await picture("repository");
});

test("a token is made, shown once, used, and refused from the moment it is revoked", async () => {
  const { page } = ann;
  await rail("Settings");
  await picture("settings");
  await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Tokens" }).click();
  await page.getByRole("link", { name: "New token" }).first().click();
  await page.getByLabel("Name", { exact: true }).fill("ci");
  await picture("token-new");
  await page.getByRole("button", { name: "Create token" }).click();
  const copy = page.getByRole("button", { name: "Copy token" });
  const token = (await copy.getAttribute("data-copy")) ?? "";
  expect(token).toMatch(/^prc_[0-9A-Za-z]{46}$/);
  await picture("token-made");
  expect(await root(token)).toBe(200);
  await page.reload();
  expect(await page.content()).not.toContain(token);
  await page.getByRole("row", { name: /^ci/ }).getByRole("link", { name: "Revoke" }).click();
  await page.getByRole("button", { name: /Revoke/ }).click();
  await page.getByRole("status").getByText("ci").waitFor();
  await picture("tokens");
  expect(await root(token)).toBe(401);
});

test("the palette leads anywhere by keyboard", async () => {
  const { page } = ann;
  await page.keyboard.press("Control+k");
  const box = page.getByRole("combobox", { name: "Find a package or action" });
  await box.fill("blog");
  await page
    .getByRole("option", { name: /acme\/blog/ })
    .first()
    .waitFor();
  await picture("palette");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: /acme\/ ?blog/, level: 1 }).waitFor();
});

async function root(token: string): Promise<number> {
  const answer = await fetch(`${server.url}/acme/packages.json`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  return answer.status;
}

async function rail(name: string): Promise<void> {
  await ann.page.getByRole("navigation", { name: "Main", exact: true }).getByRole("link", { name }).click();
}

async function picture(name: string): Promise<void> {
  await ann.picture(join(pictures, `${name}.png`), { whole: true });
}

/** Runs the lines in a PHP project, as a shell does. */
async function shell(lines: string): Promise<Outcome> {
  const [home, project] = [join(operator.folder, "home"), join(operator.folder, "site")];
  // Packagist has no part in this.
  const configuration = { repositories: [{ "packagist.org": false }] };
  await Bun.write(join(home, "config.json"), JSON.stringify(configuration));
  await Bun.write(join(project, "composer.json"), "{}");
  return finished(["sh", "-euc", lines], {
    cwd: project,
    env: { ...composerEnvironment(home), COMPOSER_NO_INTERACTION: "1" },
    timeoutMs: 60_000,
  });
}
