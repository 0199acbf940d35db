// The pages of an organization in a real browser: without a barrier or a fault, at two widths, light and dark.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { createToken } from "../../src/registry/tokens.ts";
import { addInstalls, countInstalls } from "../../src/store/packages/downloads.ts";
import { updateRepository } from "../../src/store/repositories/repositories.ts";
import type { TestApp } from "../worlds/process.ts";
import { signedIn } from "../pages/visitor.ts";
import { pictures, startBrowser, type Browser, type OpenOptions, type Tab } from "./browser.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
let browser: Browser;
let secret = "";
const base = "/organizations/acme";

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  const { app } = world;
  const acme = await world.organization("acme");
  for (const name of ["billing", "auth-sdk", "a-package-with-quite-a-long-name-in-it"]) {
    const mirrored = await world.mirror(acme, name, [
      { manifest: { name: `acme/${name}` }, tags: ["1.0.0"] },
    ]);
    await mirrored.sync();
    world.tick(20 * 60_000);
  }
  const broken = await world.mirror(acme, "reporting", [{ manifest: null }]);
  await broken.sync();
  await updateRepository(app.db, (await broken.row()).id, { error: "401 from git.acme.test" });
  const day = 86_400_000;
  for (let ago = 50; ago >= 0; ago--) {
    const count = ago % 7 < 2 ? 12 : 40 + ((ago * 13) % 30);
    const rows = Array.from({ length: count }, (_, token) => ({
      organization_id: acme.id,
      package_name: "acme/billing",
      version_normalized: "1.0.0.0",
      token_id: `t${token}`,
      minute: Math.floor((app.now() - ago * day) / 60_000),
    }));
    await addInstalls(app.db, rows);
    await app.db.transaction((tx) => countInstalls(tx, { now: app.now(), keepMs: 0 }));
  }
  const ann = await signedIn(world, "ann", { roles: { acme: "owner" } });
  const owner = { organizationId: acme.id };
  const actor = `user:${ann.user.id}`;
  for (const [name, days, packages] of [
    ["ci-gitlab", 240, []],
    ["deploy-production", null, ["acme/billing*", "acme/auth-sdk"]],
    ["chloe-laptop", 5, []],
    ["contractor-q3", 0.001, ["acme/ui-kit"]],
  ] as const) {
    const expiresAt = days === null ? null : app.now() + days * day;
    await createToken(app, { owner, name, expiresAt, packages: [...packages], actor });
    world.tick(3 * 60_000);
  }
  await ann.post(`${base}/settings/vendors`, { vendor: "acme" });
  // Anew, so that the password was given a short while ago.
  secret = (await signedIn(world, "ann")).cookies.get("pricore") ?? "";
  browser = await startBrowser();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await world?.close();
});

async function open(path: string, options: OpenOptions = {}): Promise<Tab> {
  const { appUrl } = world.app.config;
  const tab = await browser.open(`${appUrl}/sign-in`, options);
  await tab.page.context().addCookies([{ name: "pricore", value: secret, url: appUrl }]);
  await tab.page.goto(appUrl + path);
  return tab;
}

const pages: Record<string, string> = {
  overview: base,
  "overview-table": `${base}?view=table`,
  activity: `${base}/activity`,
  use: `${base}/use`,
  settings: `${base}/settings`,
  "settings-address": `${base}/settings/address`,
  vendor: `${base}/settings/vendors/acme`,
  tokens: `${base}/settings/tokens`,
  "tokens-new": `${base}/settings/tokens/new`,
  danger: `${base}/settings/danger-zone`,
  "danger-delete": `${base}/settings/danger-zone/delete`,
  organizations: "/organizations",
  "organizations-new": "/organizations/new",
  "account-tokens": "/account/tokens",
};

describe("the pages of an organization", () => {
  for (const [name, path] of Object.entries(pages))
    test(`${name}: no fault, no barrier, nothing beside the window`, async () => {
      for (const [width, theme] of [
        [1440, "light"],
        [1440, "dark"],
        [360, "light"],
      ] as const) {
        const tab = await open(path, { width, theme });
        await tab.picture(join(pictures, `organization-${name}-${width}-${theme}.png`), { whole: true });
        const found = {
          faults: tab.faults(),
          barriers: await tab.barriers(),
          overhang: await tab.overhang(),
        };
        expect({ width, theme, ...found }).toEqual({ width, theme, faults: [], barriers: [], overhang: 0 });
        await tab.close();
      }
    }, 60_000);

  test("a token is made by keyboard, shown once, and gone with a reload", async () => {
    const tab = await open(`${base}/settings/tokens`);
    await tab.page.getByRole("link", { name: "New token" }).click();
    await tab.page.getByLabel("Name").fill("ci-github-actions");
    await tab.page.keyboard.press("Enter");
    await tab.page.getByText("Token ci-github-actions is ready").waitFor();
    for (const width of [1440, 360]) {
      await tab.page.setViewportSize({ width, height: 900 });
      await tab.picture(join(pictures, `organization-token-made-${width}.png`), { whole: true });
      expect(await tab.overhang()).toBe(0);
    }
    expect(await tab.barriers()).toEqual([]);
    await tab.page.reload();
    await tab.page.getByText("It cannot be shown again").waitFor();
    expect(await tab.page.content()).not.toContain("prc_");
    expect(tab.faults()).toEqual([]);
    await tab.close();
  }, 60_000);

  test("a new organization's address follows its name until it is typed", async () => {
    const tab = await open("/organizations/new");
    const address = tab.page.getByLabel("Address");
    await tab.page.getByLabel("Name").fill("Ärzte & Söhne");
    expect(await address.inputValue()).toBe("arzte-sohne");
    await address.fill("doctors");
    await tab.page.getByLabel("Name").fill("Another");
    expect(await address.inputValue()).toBe("doctors");
    await tab.close();
  });
});
