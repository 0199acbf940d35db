// The pages of accounts, members, invitations and mail in a real browser: how they look, and the way through them.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { invite } from "../../src/registry/organizations/invitations.ts";
import { getOrganization } from "../../src/store/organizations/organizations.ts";
import { signedIn, visitor } from "../pages/visitor.ts";
import type { TestApp } from "../worlds/process.ts";
import { linkTo } from "../tools/mails.ts";
import {
  forgetPictures,
  pictures,
  startBrowser,
  type Browser,
  type OpenOptions,
  type Tab,
} from "./browser.ts";
import { openWorld } from "../worlds/world.ts";

const hostile = "<img src=x onerror=alert(1)>\"'&<script>alert(1)</script>";
const members = "/organizations/acme/settings/members";

let world: TestApp;
let browser: Browser;
let links: { invitation: string; reset: string; verification: string; mail: string };

beforeAll(async () => {
  const known = { GITHUB_CLIENT_ID: "pricore", GITHUB_CLIENT_SECRET: "secret" };
  world = await openWorld({ in: "process", environment: { SIGN_UP_ENABLED: "true", ...known } });
  const { app } = world;
  await world.organization("acme");
  const ann = await signedIn(world, "ann", { roles: { acme: "owner" }, isAdmin: true });
  const mia = await signedIn(world, "mia", { roles: { acme: "admin" } });
  await signedIn(world, "a.very.long.name.that.goes.on", { roles: { acme: "member" } });
  await mia.post("/account", { name: hostile.slice(0, 100) });
  await ann.get("/organizations/acme");
  const organization = await getOrganization(app.db, "acme");
  const inviting = { organization, by: ann.user, client: "" };
  await invite(app, inviting, { email: "old@acme.test", role: "admin" });
  world.tick(8 * 86_400_000);
  const { link } = await invite(app, inviting, { email: "ben@acme.test", role: "member" });
  await visitor(world).post("/reset-password", { email: "mia@acme.test" });
  const reset = await linkTo(app, "mia@acme.test");
  const form = { name: "Zoe", email: "zoe@acme.test", password: "a long password of zoe" };
  await visitor(world).post("/sign-up", form);
  const verification = await linkTo(app, "zoe@acme.test");
  const owner = await signedIn(world, "ann");
  const [, mail = ""] = /href="(\/outbox\/[\w-]+)"/.exec(await owner.read("/outbox")) ?? [];
  links = { invitation: link.slice(app.config.appUrl.length), reset, verification, mail };
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await world?.close();
  await forgetPictures();
});

async function open(path: string, isSignedIn: boolean, options: OpenOptions = {}): Promise<Tab> {
  const { appUrl } = world.app.config;
  const tab = await browser.open(`${appUrl}/favicon.ico`, options);
  if (isSignedIn) {
    // A session each: one has only so many live pages.
    const value = (await signedIn(world, "ann")).cookies.get("pricore") ?? "";
    await tab.page.context().addCookies([{ name: "pricore", value, url: appUrl }]);
  }
  tab.forget();
  await tab.page.goto(appUrl + path);
  return tab;
}

const inside: Record<string, () => string> = {
  profile: () => "/account",
  password: () => "/account/password",
  "own-organizations": () => "/account/organizations",
  leave: () => "/account/organizations/acme/leave",
  "delete-account": () => "/account/delete",
  members: () => members,
  "members-none": () => `${members}?q=nobody`,
  invite: () => `${members}/invite`,
  transfer: () => `${members}/transfer`,
  outbox: () => "/outbox",
  mail: () => links.mail,
  "invitation-of-another": () => links.invitation,
};

const outside: Record<string, () => string> = {
  "forgot-password": () => "/reset-password",
  "new-password": () => links.reset,
  "sign-up": () => "/sign-up",
  "confirm-address": () => links.verification,
  invitation: () => links.invitation,
  "void-link": () => "/invitations/guessed",
};

describe.each([
  [1440, "light"],
  [360, "dark"],
] as const)("at %i px, %s", (width, theme) => {
  const pages = [
    ...Object.entries(inside).map(([name, path]) => [name, path, true] as const),
    ...Object.entries(outside).map(([name, path]) => [name, path, false] as const),
  ];
  test.each(pages)("%s is whole, readable and without a barrier", async (name, path, isSignedIn) => {
    const tab = await open(path(), isSignedIn, { width, theme });
    await tab.picture(join(pictures, `people-${name}-${width}-${theme}.png`));
    const faults = tab.faults().filter((fault) => !(name === "void-link" && fault.includes("404")));
    const found = { faults, barriers: await tab.barriers(), overhang: await tab.overhang() };
    expect(found).toEqual({ faults: [], barriers: [], overhang: 0 });
    await tab.close();
  });
});

describe("people in a browser", () => {
  test("are invited by clicking, and join through the link that is copied", async () => {
    const tab = await open("/organizations/acme", true);
    await tab.page.getByRole("link", { name: "Settings" }).first().click();
    await tab.page.getByRole("link", { name: "Members", exact: true }).click();
    await tab.page.getByRole("link", { name: "Invite" }).click();
    await tab.page.getByLabel("Email address").fill("cleo@acme.test");
    await tab.page.keyboard.press("Enter");
    const copy = tab.page.getByRole("button", { name: "Copy link" });
    const link = (await copy.getAttribute("data-copy")) ?? "";
    await tab.page.getByRole("link", { name: "Done, I've saved it" }).click();
    expect(await tab.page.getByText("cleo@acme.test").count()).toBeGreaterThan(0);
    expect(await copy.count()).toBe(0);
    const guest = await open(new URL(link).pathname, false);
    await guest.page.getByLabel("Your name").fill("Cleo");
    await guest.page.getByLabel("Password").fill("a long password of cleo");
    await guest.page.keyboard.press("Enter");
    await guest.page.waitForURL(/organizations\/acme$/);
    expect([...tab.faults(), ...guest.faults()]).toEqual([]);
    await tab.close();
    await guest.close();
  });

  test("are found while one types, and change their role in place", async () => {
    const tab = await open(members, true);
    await tab.page.getByLabel("Find a member").fill("a.very");
    await tab.page.waitForURL(/q=a.very/);
    expect(await tab.page.locator("#members tbody tr").count()).toBe(1);
    await tab.page.getByRole("button", { name: /^Make admin/ }).click();
    await tab.page.getByText("is now an admin.").waitFor();
    expect(tab.faults()).toEqual([]);
    await tab.close();
  });

  test("hand an organization on only when its address is typed", async () => {
    const tab = await open(`${members}/transfer`, true);
    const button = tab.page.getByRole("button", { name: "Transfer ownership" });
    expect(await button.isDisabled()).toBe(true);
    await tab.page.getByLabel(/to confirm/).fill("acme");
    expect(await button.isDisabled()).toBe(false);
    expect(tab.faults()).toEqual([]);
    await tab.close();
  });
});
