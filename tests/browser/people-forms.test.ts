// Forms in a real browser: what was typed outlives the end of a session, and a field is there when it is needed.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { password, signedIn } from "../pages/visitor.ts";
import type { TestApp } from "../worlds/process.ts";
import { forgetPictures, startBrowser, type Browser } from "./browser.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
let browser: Browser;

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  await world.organization("acme");
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await world?.close();
  await forgetPictures();
});

async function openAs(name: string, path: string) {
  const { appUrl } = world.app.config;
  const person = await signedIn(world, name, { roles: { acme: "owner" } });
  // The server starts with the first request.
  await person.read("/account");
  const tab = await browser.open(`${appUrl}/favicon.ico`, {});
  const value = person.cookies.get("pricore") ?? "";
  await tab.page.context().addCookies([{ name: "pricore", value, url: appUrl, httpOnly: true }]);
  await tab.page.goto(appUrl + path);
  return tab.page;
}

test("FU35: what was typed is there again after the session had ended and somebody signed in", async () => {
  const page = await openAs("ann", "/organizations/acme/settings/tokens/new");
  await page.getByLabel("Name").fill("ci-of-the-shop");
  await page.getByLabel("Expires").selectOption("30");
  await page.getByLabel("May read").fill("acme/*\nacme/blog");
  await world.app.db.write.deleteFrom("sessions").execute();
  await page.getByRole("button", { name: "Create token" }).click();
  await page.getByText("You were signed out. Sign in to continue.").waitFor();
  // A wrong password first: it is kept all the same.
  for (const text of ["wrong", password("ann")]) {
    await page.getByLabel("Email address").fill("ann@acme.test");
    await page.getByLabel("Password").fill(text);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
  }
  await page.waitForURL(/tokens\/new$/);
  expect(await page.getByLabel("Name").inputValue()).toBe("ci-of-the-shop");
  expect(await page.getByLabel("Expires").inputValue()).toBe("30");
  expect(await page.getByLabel("May read").inputValue()).toBe("acme/*\nacme/blog");
  // Nothing of it stays, here or for the next form.
  expect(await page.evaluate("sessionStorage.getItem('kept-text')")).toBeNull();
  await page.reload();
  expect(await page.getByLabel("Name").inputValue()).toBe("");
}, 60_000);

test("FU35: a form that asks for the password first keeps its text, and no secret", async () => {
  const page = await openAs("ben", "/organizations/acme/repositories/new");
  await page
    .getByLabel(/address|URL/i)
    .first()
    .fill("https://git.example.com/acme/blog.git");
  await page.locator("#credential-basic").check();
  await page.locator("[name=username]").fill("robot");
  await page.locator("[name=password]").fill("very secret");
  world.tick(11 * 60_000);
  await page.locator("form[method=post] button[type=submit]").last().click();
  await page.getByRole("heading", { name: "Confirm it's you" }).waitFor();
  expect(await page.evaluate("sessionStorage.getItem('kept-text')")).not.toContain("very secret");
  await page.getByLabel("Password").fill(password("ben"));
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForURL(/repositories\/new$/);
  expect(await page.locator("[name=url]").inputValue()).toContain("https://git.example.com/acme/blog.git");
  expect(await page.locator("[name=username]").inputValue()).toBe("robot");
  expect(await page.locator("[name=password]").inputValue()).toBe("");
}, 60_000);

test("FU36: the date of a token is there when it expires on a date, and only then", async () => {
  const page = await openAs("ann", "/organizations/acme/settings/tokens/new");
  const date = page.getByLabel("Expiry date");
  expect(await date.isVisible()).toBe(false);
  await page.getByLabel("Expires").selectOption("date");
  expect(await date.isVisible()).toBe(true);
  await page.getByLabel("Expires").selectOption("never");
  expect(await date.isVisible()).toBe(false);
}, 60_000);
