// Signing in by a forge, in a real browser against the built binary: the button, the forge's page, the second factor.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { codesIn, keyIn } from "../pages/accounts/code-app.ts";
import { password } from "../pages/visitor.ts";
import type { Operator } from "../worlds/shell.ts";
import type { FakeForge } from "../tools/forges/fake-forge.ts";
import { startForge } from "../tools/forges/forge.ts";
import { startOAuthForge, type OAuthServer } from "../tools/forges/oauth-server.ts";
import { generateSync } from "otplib";
import { pictures, startBrowser, type Browser, type Tab } from "./browser.ts";
import { openWorld } from "../worlds/world.ts";

let github: OAuthServer;
let gitlab: OAuthServer;
let forge: FakeForge;
let operator: Operator;
let browser: Browser;
let origin: string;
let codes: string[];

beforeAll(async () => {
  github = startOAuthForge("github");
  gitlab = startOAuthForge("gitlab", { behind: (forge = startForge("gitlab")) });
  github.person = { id: 7, login: "ann-hub", emails: [{ email: "ann@home.test", verified: true }] };
  gitlab.person = {
    id: 8,
    login: "cleo",
    name: "Cleo",
    emails: [{ email: "cleo@acme.test", verified: true }],
  };
  operator = await openWorld({
    in: "shell",
    env: { ...github.environment, ...gitlab.environment, SIGN_UP_ENABLED: "true" },
  });
  await operator.run(["user", "create", "--email", "ann@acme.test", "--name", "Ann", "--password-stdin"], {
    stdin: `${password("ann")}\n`,
  });
  origin = (await operator.serve()).url;
  browser = await startBrowser();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await operator?.close();
  await github?.stop();
  await gitlab?.stop();
  await forge?.stop();
});

/** No barrier, nothing that scrolls sideways, and a picture. */
async function look(tab: Tab, name: string): Promise<void> {
  await tab.picture(join(pictures, `oauth-${name}.png`));
  expect([name, await tab.barriers(), await tab.overhang(), tab.faults()]).toEqual([name, [], 0, []]);
}

test("somebody connects GitHub to their account and signs in by it, with their second factor", async () => {
  const tab = await browser.open(`${origin}/sign-in`);
  const { page } = tab;
  await look(tab, "sign-in-1440-light");
  await page.getByLabel("Email address").fill("ann@acme.test");
  await page.getByLabel("Password").fill(password("ann"));
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");

  await page.goto(`${origin}/account`);
  await page.getByRole("link", { name: "Connected accounts" }).click();
  await look(tab, "connections-none-1440-light");
  await page.getByRole("button", { name: "Connect GitHub" }).click();
  await page.getByRole("link", { name: "Authorize" }).click();
  await page.waitForURL("**/account/connections");
  await page.getByText("GitHub is connected. You can sign in with it now.").waitFor();
  await look(tab, "connections-1440-light");

  await page.goto(`${origin}/account/security/app`);
  const secret = keyIn(await page.content());
  const code = (steps: number) => generateSync({ secret, epoch: Math.floor(Date.now() / 1000) + steps * 30 });
  await page.locator("input[name=code]").fill(code(0));
  await page.waitForURL("**/recovery-codes");
  codes = codesIn(await page.content());

  await page.context().clearCookies();
  await page.goto(`${origin}/sign-in?next=/account/sessions`);
  await page.getByRole("link", { name: "Sign in with GitHub" }).click();
  await page.getByRole("link", { name: "Authorize" }).click();
  await page.waitForURL("**/sign-in/code?next=*");
  await look(tab, "second-factor-1440-light");
  // Six digits send themselves.
  await page.locator("input[name=code]").fill(code(1));
  await page.waitForURL("**/account/sessions");
  expect(tab.faults()).toEqual([]);
  await tab.close();
}, 60_000);

test("somebody makes an account with GitLab, is asked there again, and cannot take the last way in away", async () => {
  const tab = await browser.open(`${origin}/sign-up`, { width: 360, theme: "dark" });
  const { page } = tab;
  await look(tab, "sign-up-360-dark");
  await page.getByRole("link", { name: "Sign up with GitLab" }).click();
  await page.getByRole("link", { name: "Cancel" }).click();
  tab.forget();
  await look(tab, "failed-360-dark");
  await page.getByRole("link", { name: "Back to sign-in" }).click();
  await look(tab, "sign-in-360-dark");
  await page.getByRole("link", { name: "Sign in with GitLab" }).click();
  await page.getByRole("link", { name: "Authorize" }).click();
  await page.waitForURL((url) => url.origin === origin);

  await page.goto(`${origin}/account/connections`);
  await look(tab, "connections-360-dark");
  await page.getByRole("link", { name: "Disconnect GitLab" }).click();
  await look(tab, "disconnect-360-dark");
  await page.getByRole("button", { name: "Disconnect GitLab" }).click();
  await page.getByText("This is the only way to sign in to your account.").waitFor();
  tab.forget();

  await page.goto(`${origin}/confirm?next=/account/password`);
  await look(tab, "confirm-360-dark");
  await page.getByRole("button", { name: "Confirm with GitLab" }).click();
  await page.getByRole("link", { name: "Authorize" }).click();
  await page.waitForURL("**/account/password");
  await look(tab, "first-password-360-dark");
  expect(tab.faults()).toEqual([]);
  await tab.close();
}, 60_000);

test("an admin connects GitLab for an organization by agreeing there", async () => {
  await operator.run(["org", "create", "acme", "--name", "Acme", "--owner", "ann@acme.test"]);
  for (const [width, theme] of [
    [1440, "light"],
    [360, "dark"],
  ] as const) {
    const tab = await browser.open(`${origin}/sign-in?next=/organizations/acme/settings/credentials`, {
      width,
      theme,
    });
    const { page } = tab;
    await page.getByRole("link", { name: "Sign in with GitHub" }).click();
    await page.getByRole("link", { name: "Authorize" }).click();
    await page.waitForURL("**/sign-in/code?next=*");
    await page.getByRole("link", { name: "Use a recovery code" }).click();
    await page.getByLabel("Recovery code").fill(codes.pop() ?? "");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/settings/credentials");
    await page.getByRole("link", { name: "Connect a Git host" }).click();
    await page.getByRole("link", { name: "GitLab" }).click();
    await look(tab, `connect-forge-${width}-${theme}`);
    await page.getByRole("button", { name: "Connect GitLab" }).click();
    await page.getByRole("link", { name: "Authorize" }).click();
    await page.waitForURL("**/settings/credentials");
    await page.getByText("is connected: it can read repositories").waitFor();
    await look(tab, `connected-forge-${width}-${theme}`);
    expect(await page.getByRole("row", { name: /ann at 127/ }).count()).toBe(1);
    await tab.close();
  }
}, 60_000);
