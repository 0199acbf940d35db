// The documentation in a browser where nobody is signed in.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import type { Operator } from "../worlds/shell.ts";
import { pictures, startBrowser, type Browser } from "./browser.ts";
import { openWorld } from "../worlds/world.ts";

let operator: Operator;
let browser: Browser;
let origin = "";

beforeAll(async () => {
  operator = await openWorld({ in: "shell" });
  origin = (await operator.serve()).url;
  browser = await startBrowser();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await operator?.close();
});

for (const [view, options] of Object.entries({
  phone: { width: 360, theme: "dark" },
  desk: { width: 1440, theme: "light" },
} as const))
  test(`the docs of the executable are read on a ${view} without signing in`, async () => {
    const tab = await browser.open(`${origin}/docs`, options);
    const hold = async (name: string) => {
      await tab.picture(join(pictures, `open-docs-${name}-${view}.png`));
      const seen = { barriers: await tab.barriers(), faults: tab.faults(), overhang: await tab.overhang() };
      expect(seen).toEqual({ barriers: [], faults: [], overhang: 0 });
    };
    await hold("list");
    await tab.page.getByRole("main").getByRole("link", { name: "Operations" }).last().click();
    await tab.page.waitForURL(`${origin}/docs/operations`);
    await hold("operations");
    await tab.page.getByRole("navigation", { name: "On this page" }).getByText("Restore").click();
    expect(tab.page.url()).toEndWith("#restore");
    const image = tab.page.locator("article img");
    await image.scrollIntoViewIfNeeded();
    await tab.page.waitForFunction(
      () => (document.querySelector("article img") as HTMLImageElement).naturalWidth > 0,
    );
    await tab.page.getByRole("link", { name: "Sign in" }).click();
    await tab.page.waitForURL(/\/sign-in/);
    await tab.close();
  }, 60_000);
