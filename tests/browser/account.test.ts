// What only a real browser can do: passkeys, with the authenticator that Chromium simulates. And how the pages look.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { codesIn } from "../pages/accounts/code-app.ts";
import { password, signedIn } from "../pages/visitor.ts";
import type { TestApp } from "../worlds/process.ts";
import { pictures, startBrowser, type Browser, type Tab } from "./browser.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
let browser: Browser;

beforeAll(async () => {
  [world, browser] = await Promise.all([openWorld({ in: "process" }), startBrowser()]);
  await world.get("/health", null);
});
afterAll(async () => {
  await browser?.close();
  await world?.close();
});

/** A tab with a device that keeps passkeys and always knows its owner. */
async function openWithDevice(path: string): Promise<Tab> {
  const tab = await browser.open(world.app.config.appUrl + path);
  const devtools = await tab.page.context().newCDPSession(tab.page);
  await devtools.send("WebAuthn.enable");
  await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return tab;
}

test("a passkey is added, signs in alone, stands in for the second factor, and is removed", async () => {
  await signedIn(world, "ann");
  const tab = await openWithDevice("/sign-in");
  const { page } = tab;
  const givePassword = async () => {
    await page.getByLabel("Email address").fill("ann@acme.test");
    await page.getByLabel("Password").fill(password("ann"));
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
  };
  const signOut = () => page.context().clearCookies();
  await givePassword();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  await page.goto(`${world.app.config.appUrl}/account/security/passkeys/new`);
  await page.getByLabel("Name").fill("Laptop");
  await page.getByRole("button", { name: "Add passkey" }).click();
  await page.waitForURL("**/account/security/recovery-codes");
  expect(codesIn(await page.content()).length).toBe(10);

  await signOut();
  await page.goto(`${world.app.config.appUrl}/sign-in?next=/account/sessions`);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  // The address before has the same words in its query.
  await page.waitForURL((url) => url.pathname === "/account/sessions");

  await signOut();
  await page.goto(`${world.app.config.appUrl}/sign-in?next=/account/security`);
  await givePassword();
  await page.waitForURL("**/sign-in/code?next=%2Faccount%2Fsecurity");
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await page.waitForURL("**/account/security");
  expect(await page.getByRole("row", { name: /Laptop/ }).count()).toBe(1);

  world.tick(11 * 60_000);
  await page.getByRole("link", { name: "Remove Laptop" }).click();
  await page.waitForURL("**/confirm?next=*");
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await page.waitForURL("**/remove");
  await page.getByRole("button", { name: "Remove passkey" }).click();
  await page.waitForURL("**/account/security");
  expect(await page.getByText("Your account is protected by a password only").count()).toBe(1);
  expect(tab.faults()).toEqual([]);
  await tab.close();
}, 60_000);

const pages = [
  ["/sign-in", "sign-in"],
  ["/confirm", "confirm"],
  ["/account/security", "security"],
  ["/account/security/app", "code-app"],
  ["/account/security/passkeys/new", "new-passkey"],
  ["/account/sessions", "sessions"],
  ["/account/appearance", "appearance"],
] as const;

test("the pages of sign-in and account hold at both widths and in both themes, without barriers", async () => {
  const ben = await signedIn(world, "ben");
  const session = ben.cookies.get("pricore") ?? "";
  for (const [width, theme] of [
    [1440, "light"],
    [360, "dark"],
  ] as const) {
    const tab = await browser.open(`${world.app.config.appUrl}/sign-in`, { width, theme });
    for (const [path, name] of pages) {
      if (path !== "/sign-in")
        await tab.page
          .context()
          .addCookies([{ name: "pricore", value: session, url: world.app.config.appUrl }]);
      await tab.page.goto(world.app.config.appUrl + path);
      await tab.picture(join(pictures, `account-${name}-${width}-${theme}.png`));
      expect([name, await tab.overhang(), await tab.barriers(), tab.faults()]).toEqual([name, 0, [], []]);
    }
    await tab.close();
  }
}, 120_000);
