// The frame under the hands of somebody, in Chromium against the built binary.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { updateUser } from "../../src/store/accounts/users.ts";
import { makeSamples, type Samples } from "../attacks/people/samples.ts";
import { reservedPort } from "../tools/servers/ports.ts";
import type { Operator } from "../worlds/shell.ts";
import { addressOf } from "../pages/all-pages.ts";
import { signedIn } from "../pages/visitor.ts";
import type { TestApp } from "../worlds/process.ts";
import { startBrowser, type Browser, type Tab } from "./browser.ts";
import type { Served } from "../tools/binary.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
let samples: Samples;
let operator: Operator;
let server: Served;
let browser: Browser;
let secret: string;

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  world.tick(Date.now() - world.app.now());
  ({ samples } = await makeSamples(world));
  const ann = await signedIn(world, "ann");
  await updateUser(world.app.db, ann.user.id, { is_admin: 1 });
  secret = ann.cookies.get("pricore") ?? "";
  operator = await openWorld({ in: "shell", env: { DATA_DIR: world.app.config.dataDir } });
  server = await operator.serve({ env: { PORT: String(reservedPort()) } });
  browser = await startBrowser();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await operator?.close();
  await world?.close();
});

async function open(path: string, options: { width?: number; theme?: "light" | "dark" } = {}): Promise<Tab> {
  const tab = await browser.open(`${server.url}/sign-in`, options);
  tab.page.setDefaultTimeout(10_000);
  await tab.page.context().addCookies([{ name: "pricore", value: secret, url: server.url }]);
  await tab.page.goto(server.url + addressOf(samples, path), { waitUntil: "load" });
  return tab;
}

const acme = "/organizations/acme";

describe("by keyboard", () => {
  test("FU31: / finds and ? shows the shortcuts, but not while somebody types", async () => {
    const { page, faults, close } = await open(`${acme}/packages`);
    await page.keyboard.press("/");
    await page.waitForSelector("#palette[open] [role=option]");
    await page.keyboard.type("/?");
    expect(await page.inputValue("#palette [role=combobox]")).toBe("/?");
    await page.keyboard.press("Escape");
    await page.waitForSelector("#palette[open]", { state: "detached" });
    await page.keyboard.press("Shift+?");
    await page.waitForSelector("#shortcuts[open]");
    expect(await page.textContent("#shortcuts[open]")).toContain("Find a package or action");
    await page.keyboard.press("/");
    expect(await page.locator("#palette[open]").count()).toBe(0);
    await page.keyboard.press("Escape");
    await page.focus("input[name=q]:visible");
    await page.keyboard.type("a/b?");
    expect(await page.inputValue("input[name=q]:visible")).toBe("a/b?");
    expect(await page.locator("dialog[open]").count()).toBe(0);
    expect(faults()).toEqual([]);
    await close();
  });

  test("FU31: the shortcuts are no barrier, and the menu of the account leads to them", async () => {
    const tab = await open(acme);
    await tab.page.click(".of-viewer summary");
    await tab.page.click("text=Keyboard shortcuts");
    await tab.page.waitForSelector("#shortcuts[open]");
    expect(await tab.barriers()).toEqual([]);
    await tab.close();
  });

  test("FU31: the palette's New token opens the form", async () => {
    const { page, close } = await open(acme);
    await page.keyboard.press("Control+k");
    await page.waitForSelector("#palette[open] [role=option]");
    await page.keyboard.type("new token");
    await page.waitForFunction(() =>
      document.querySelector("#palette [aria-selected=true]")?.textContent?.includes("New token"),
    );
    await page.keyboard.press("Enter");
    await page.waitForURL(`**${acme}/settings/tokens/new`);
    await close();
  });

  test("FU31: on a phone a cross closes the palette", async () => {
    const { page, close } = await open(acme, { width: 360 });
    await page.click(".search-opener");
    await page.waitForSelector("#palette[open] [role=option]");
    const key = page.getByRole("button", { name: "Close", exact: true });
    expect((await key.innerText()).trim()).toBe("Close");
    expect((await key.boundingBox())?.width).toBeGreaterThanOrEqual(40);
    await key.click();
    expect(await page.locator("dialog[open]").count()).toBe(0);
    await close();
  });
});

describe("what destroys", () => {
  const confirmations = [
    `${acme}/settings/tokens/:id/revoke`,
    `${acme}/settings/danger-zone/delete`,
    `${acme}/repositories/:name/remove`,
    `${acme}/packages/:vendor/:name/delete`,
    `${acme}/packages/:vendor/:name/versions/:version/delete`,
    `${acme}/settings/credentials/:id/remove`,
    `${acme}/settings/ssh-keys/:id/remove`,
    "/account/connections/:id/remove",
  ];
  for (const theme of ["light", "dark"] as const)
    for (const path of confirmations)
      test(`FU20: has a title of one size and a red act, ${theme}: ${path}`, async () => {
        const { page, close } = await open(path.replace(":slug", "acme"), { theme });
        const sizes = await page
          .locator("h1")
          .evaluate((h1) =>
            [h1, ...h1.querySelectorAll("*")].map((each) =>
              Number.parseFloat(getComputedStyle(each).fontSize),
            ),
          );
        expect(sizes[0]).toBe(22);
        for (const size of sizes) expect(size).toBeGreaterThanOrEqual(21);
        const act = page.locator(".actions > .button.destroys");
        await page.evaluate(() => {
          for (const each of document.querySelectorAll<HTMLButtonElement>(".button.destroys"))
            each.disabled = false;
        });
        const [fail, ground] = await act.evaluate((button) => {
          const probe = document.createElement("i");
          probe.style.color = "var(--fail)";
          button.append(probe);
          return [getComputedStyle(probe).color, getComputedStyle(button).backgroundColor];
        });
        expect(ground).toBe(fail as string);
        await close();
      }, 30_000);

  test("FU20: is red in the danger zone before anybody points at it", async () => {
    const { page, close } = await open(`${acme}/settings/danger-zone`);
    const colors = await page.locator("a.button.destroys").evaluate((link) => getComputedStyle(link).color);
    expect(colors).toBe("rgb(176, 36, 28)");
    await close();
  });
});

test("FU43: the ring of the focus is whole on every entry of the rail", async () => {
  const { page, close } = await open(acme);
  const cut = await page.evaluate(() => {
    const rail = document.querySelector(".rail")?.getBoundingClientRect() as DOMRect;
    const found: string[] = [];
    for (const link of document.querySelectorAll<HTMLElement>(".rail a")) {
      link.focus({ focusVisible: true } as FocusOptions);
      const { outlineOffset, outlineWidth } = getComputedStyle(link);
      const reach = Number.parseFloat(outlineOffset) + Number.parseFloat(outlineWidth);
      const { left, right } = link.getBoundingClientRect();
      if (left - reach < rail.left || right + reach > rail.right) found.push(link.textContent ?? "");
    }
    return found;
  });
  expect(cut).toEqual([]);
  await close();
});

test("FU44: a column with a head says its number alone, and a phone without the head says of what", async () => {
  const desk = await open(`${acme}/repositories`);
  const unit = (tab: Tab) =>
    tab.page
      .locator("td .unit")
      .first()
      .evaluate((each) => each.getBoundingClientRect().width);
  expect(await unit(desk)).toBeLessThan(2);
  await desk.close();
  const phone = await open(`${acme}/repositories`, { width: 360 });
  expect(await unit(phone)).toBeGreaterThan(30);
  await phone.close();
});

test("FU51: where nothing waits there are no heads of columns", async () => {
  const { page, close } = await open("/horizon");
  await page.getByText("No jobs are waiting").first().waitFor();
  const waiting = page.locator("table[aria-label=Waiting]");
  for (const table of await waiting.all())
    expect(await table.locator("tbody tr:not(.is-note)").count()).not.toBe(0);
  await close();
});

describe("a form that is sent while the server is away", () => {
  test("FU34: stays, says so, keeps what was typed, and goes through when the server is back", async () => {
    const { page, close } = await open(`${acme}/settings/tokens/new`);
    await page.fill("[name=name]", "typed with care");
    const { port } = new URL(server.url);
    server.kill("SIGTERM");
    await server.ended;
    await page.click("form button:has-text('Create token')");
    await page.getByText("The server cannot be reached").waitFor();
    expect(await page.inputValue("[name=name]")).toBe("typed with care");
    expect(page.url()).toEndWith("/settings/tokens/new");
    server = await operator.serve({ env: { PORT: port } });
    await page.click("form button:has-text('Create token')");
    await page.waitForURL("**/settings/tokens**");
    await page.getByText("typed with care").first().waitFor();
    await close();
  }, 60_000);
});
