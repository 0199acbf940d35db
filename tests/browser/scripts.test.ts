// What the small scripts do, by keyboard and pointer, on the sample pages.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { startBrowser, type Browser, type Tab } from "./browser.ts";
import { startGallery, type Gallery } from "./gallery.tsx";

let browser: Browser;
let gallery: Gallery;

beforeAll(async () => {
  gallery = startGallery();
  browser = await startBrowser();
});

afterAll(async () => {
  await browser.close();
  await gallery.stop();
});

async function on(name: string, work: (tab: Tab) => Promise<void>, options = {}): Promise<void> {
  const tab = await browser.open(`${gallery.url}/${name}`, options);
  try {
    await work(tab);
    expect(tab.faults()).toEqual([]);
  } finally {
    await tab.close();
  }
}

test("the icons of the sprite are drawn", () =>
  on("overview", async ({ page }) => {
    await page.waitForFunction(() => {
      const drawn = document.querySelector<SVGUseElement>(".rail .icon use");
      return drawn !== null && drawn.getBBox().width > 0;
    });
  }));

test("the palette opens by keyboard, finds, moves and follows, and gives the focus back", () =>
  on("overview", async ({ page }) => {
    await page.keyboard.press("Control+k");
    await page.waitForSelector("#palette[open] [role=option]");
    await page.keyboard.type("bill");
    await page.waitForFunction(() => document.querySelectorAll("#palette [role=option]").length === 2);
    expect(await page.locator("#palette mark").first().textContent()).toBe("bill");
    await page.keyboard.press("ArrowDown");
    const input = page.locator("#palette [role=combobox]");
    const active = await input.getAttribute("aria-activedescendant");
    expect(await page.locator(`#${active}`).getAttribute("aria-selected")).toBe("true");
    await page.keyboard.press("Escape");
    expect(await page.evaluate(() => document.activeElement?.className)).toBe("search-opener");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#palette[open]");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/package?acme/billing*");
  }));

test("the palette is no barrier while it is open", () =>
  on("overview", async (tab) => {
    await tab.page.keyboard.press("Control+k");
    await tab.page.waitForSelector("#palette[open] [role=option]");
    expect(await tab.barriers()).toEqual([]);
  }));

test("a copied command is said to be copied", () =>
  on("package", async ({ page }) => {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.click(".command .copy");
    await page.waitForFunction(() => document.querySelector(".command .copy.is-copied") !== null);
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
      "composer require acme/billing:^3.4",
    );
    await page.waitForFunction(
      () => document.getElementById("announcements")?.textContent === "Command copied",
    );
  }));

test("a removal waits for the name, and Escape leads back to the menu", () =>
  on("package", async (tab) => {
    const { page } = tab;
    await page.click(".page-head summary");
    await page.click("[data-dialog=remove]");
    await page.waitForSelector("#remove[open]");
    const act = page.locator("#remove button[data-waits]");
    expect(await act.isDisabled()).toBe(true);
    expect(await tab.barriers()).toEqual([]);
    await page.keyboard.type("acme/billing");
    expect(await act.isDisabled()).toBe(false);
    await page.keyboard.press("Escape");
    expect(await page.locator("#remove[open]").count()).toBe(0);
  }));

test("a menu opens by keyboard and closes with Escape", () =>
  on("overview", async (tab) => {
    const { page } = tab;
    await page.focus(".switcher summary");
    await page.keyboard.press("Enter");
    await page.keyboard.press("ArrowDown");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Acme");
    expect(await tab.barriers()).toEqual([]);
    await page.keyboard.press("Escape");
    expect(await page.locator("details.menu[open]").count()).toBe(0);
  }));

test("the theme changes at once and is saved on the server", () =>
  on("overview", async ({ page }) => {
    await page.click(".of-viewer summary");
    const saved = page.waitForResponse("**/account/theme");
    await page.click("button[name=theme][value=dark]");
    await saved;
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe(
      "rgb(15, 21, 23)",
    );
    expect(gallery.posted.some((each) => each.startsWith("/account/theme") && each.includes("dark"))).toBe(
      true,
    );
  }));

test("a code sends itself after the sixth digit", () =>
  on("second-factor", async ({ page }) => {
    const sent = page.waitForRequest("**/sign-in/code");
    await page.keyboard.type("41 90a23");
    expect((await sent).postData()).toContain("code=419023");
  }));

test("a page shows its events as events of the document", () =>
  on("overview", async ({ page }) => {
    await page.evaluate(() =>
      document.body.addEventListener("sync", () => document.body.classList.add("heard")),
    );
    await page.waitForFunction(() => document.body.classList.contains("heard"));
  }));

test("a page says when it lost its events, and takes it back when they come again", async () => {
  const { page, close } = await browser.open(`${gallery.url}/overview`);
  const paused = page.locator("#live-paused");
  await page.waitForFunction(() => document.readyState === "complete");
  await page.evaluate(
    () => new Promise((done) => document.body.addEventListener("sync", done, { once: true })),
  );
  expect(await paused.isVisible()).toBe(false);
  gallery.cut();
  await paused.waitFor({ state: "visible" });
  gallery.heal();
  await paused.waitFor({ state: "hidden" });
  await close();
});

test("a button says that it works", () =>
  on("second-factor", async ({ page }) => {
    await page.goto(`${gallery.url}/sign-in`);
    await page.fill("[name=email]", "ann@acme.example");
    await page.fill("[name=password]", "correct horse");
    await page.click("button:has-text('Sign in')");
    await page.waitForSelector(".button.is-busy .while:visible");
  }));

test("a page says everything without scripts", () =>
  on(
    "overview",
    async ({ page }) => {
      expect(await page.getAttribute(".search-opener", "href")).toBe("/palette?organization=acme");
      await page.click(".of-viewer summary");
      await page.click("button:has-text('Sign out')");
      expect(gallery.posted.some((each) => each.startsWith("/sign-out"))).toBe(true);
    },
    { scripts: false },
  ));
