// The pages of packages in a real browser: reached by clicking, typed into, by keyboard.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { TestApp } from "../worlds/process.ts";
import { signedIn } from "../pages/visitor.ts";
import { startBrowser, type Browser, type Tab } from "./browser.ts";
import { openWorld } from "../worlds/world.ts";

const dot = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"></svg>';
const guideText = [
  "# Guide\n\n## Options\n\n### Times\n\n[to the end](#the-end)\n\n- [x] read",
  "![Dot](docs/dot.svg) ![Pixel](https://tracker.test/p.png)",
  "| Option | Default | What it does |\n|---|---|---|\n| `connection_timeout_seconds` | 30 | How long it waits |",
  "## The end",
].join("\n\n");

let world: TestApp;
let browser: Browser;
let secret = "";

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  const acme = await world.organization("acme");
  for (const name of ["blog", "mailer"]) {
    const manifest = { name: `acme/${name}`, description: "Words" };
    const files = { "README.md": "# Read\n\n<b hx-get='/evil' hx-trigger='load'>me</b>" };
    const mirrored = await world.mirror(acme, `acme/${name}`, [
      { manifest, files, tags: ["1.0.0"] },
      { manifest },
    ]);
    await mirrored.sync();
  }
  const guide = await world.mirror(acme, "acme/guide", [
    {
      manifest: { name: "acme/guide" },
      files: { "README.md": guideText, "docs/dot.svg": dot },
      tags: ["1.0.0"],
    },
  ]);
  await guide.sync();
  const ann = await signedIn(world, "ann", { roles: { acme: "admin" } });
  await ann.get("/organizations/acme");
  secret = ann.cookies.get("pricore") ?? "";
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await world?.close();
});

async function open(path: string, options = {}): Promise<Tab> {
  const { appUrl } = world.app.config;
  const tab = await browser.open(`${appUrl}/sign-in`, options);
  await tab.page.context().addCookies([{ name: "pricore", value: secret, url: appUrl }]);
  await tab.page.goto(appUrl + path);
  return tab;
}

describe("packages in a browser", () => {
  test("are found while one types, and the field keeps the focus and its text", async () => {
    const tab = await open("/organizations/acme/packages");
    await tab.page.getByLabel("Search packages").pressSequentially("mai", { delay: 300 });
    await tab.page.waitForURL(/q=mai/);
    await tab.page.keyboard.type("ler");
    await tab.page.waitForURL(/q=mailer/);
    expect(await tab.page.getByLabel("Search packages").inputValue()).toBe("mailer");
    expect(await tab.page.locator("#packages tbody tr").count()).toBe(1);
    await tab.page.locator("#packages a[title='acme/mailer']").click();
    await tab.page.waitForURL(/packages\/acme\/mailer$/);
    expect(tab.faults()).toEqual([]);
    await tab.close();
  });

  test("explain a missing version in place", async () => {
    const tab = await open("/organizations/acme/packages/acme/blog");
    await tab.page.getByLabel("Version, tag or branch").fill("2.0.0");
    await tab.page.keyboard.press("Enter");
    await tab.page.getByText("2.0.0 is not installable. No tag or branch of").waitFor();
    expect(tab.page.url()).toEndWith("/packages/acme/blog");
    expect(tab.faults()).toEqual([]);
    await tab.close();
  });

  test("FU27: show a README in sizes that tell its levels, whole words in tables, and no request to a third host", async () => {
    const tab = await open("/organizations/acme/packages/acme/guide", { width: 360 });
    const { page } = tab;
    const sizes = await page
      .locator(".readme :is(h3, h4, h5)")
      .evaluateAll((heads) => heads.map((each) => Number.parseFloat(getComputedStyle(each).fontSize)));
    expect(sizes).toEqual([20, 17, 15, 17]);
    // A word in a cell stands on one line, and the table scrolls.
    const cell = page.locator(".readme td code");
    expect(await cell.evaluate((code) => code.getClientRects().length)).toBe(1);
    expect(await page.getByRole("checkbox", { name: "Done" }).isChecked()).toBe(true);
    await page.getByRole("link", { name: "Pixel" }).waitFor();
    expect(await page.locator(".readme img").evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(
      1,
    );
    await page.getByRole("link", { name: "to the end" }).click();
    expect(page.url()).toEndWith("#readme-the-end");
    expect(await page.locator("#readme-the-end").isVisible()).toBe(true);
    expect(await tab.overhang()).toBe(0);
    expect(tab.faults()).toEqual([]);
    expect(await tab.barriers()).toEqual([]);
    await tab.close();
  });

  test("C13: ask for nothing that a README wants", async () => {
    const requested: string[] = [];
    const tab = await open("/organizations/acme/packages");
    tab.page.on("request", (request) => requested.push(request.url()));
    // What the sanitizer would have to let through first.
    await world.app.db.write
      .updateTable("readmes")
      .set({ html: '<b hx-get="/evil" hx-trigger="load">me</b>' })
      .execute();
    await tab.page.goto(`${world.app.config.appUrl}/organizations/acme/packages/acme/blog`);
    await tab.page.waitForTimeout(500);
    expect(requested.filter((url) => url.endsWith("/evil"))).toEqual([]);
    await tab.page.evaluate(() => document.querySelector(".readme")?.removeAttribute("hx-ignore"));
    await tab.page.evaluate(() => {
      const { htmx } = window as unknown as { htmx: { process(element: Element | null): void } };
      htmx.process(document.querySelector(".readme"));
    });
    await tab.page.waitForTimeout(500);
    expect(requested.filter((url) => url.endsWith("/evil"))).toHaveLength(1);
    await tab.close();
  });

  test("are deleted by the name that is typed, and brought back", async () => {
    const tab = await open("/organizations/acme/packages/acme/blog/versions/1.0.0");
    await tab.page.getByRole("link", { name: "Delete version" }).click();
    const button = tab.page.getByRole("button", { name: "Delete version" });
    await tab.page.getByLabel(/to confirm/).fill("1.0.0");
    await button.click();
    await tab.page.getByText("acme/blog 1.0.0 was deleted.").waitFor();
    await tab.page.goto(
      `${world.app.config.appUrl}/organizations/acme/packages/acme/blog/versions?stability=deleted`,
    );
    await tab.page.getByRole("button", { name: "Restore" }).click();
    await tab.page.getByText("will be restored by the next sync").waitFor();
    expect(tab.faults()).toEqual([]);
    await tab.close();
  });
});
