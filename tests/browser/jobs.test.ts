// The job dashboard in Chromium against the built binary: what a person does there is done by clicking.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { addAttempt } from "../../src/store/jobs/attempts.ts";
import { getOrganization } from "../../src/store/organizations/organizations.ts";
import type { Operator } from "../worlds/shell.ts";
import { signedIn } from "../pages/visitor.ts";
import type { TestApp } from "../worlds/process.ts";
import { addJobRow } from "../tools/jobs.ts";
import { pictures, startBrowser, type Browser, type Tab } from "./browser.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
let operator: Operator;
let browser: Browser;
let tab: Tab;
let origin: string;

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  // The binary has the clock of today, and forgets what is old.
  world.tick(Date.now() - world.app.now());
  await world.organization("acme");
  const ann = await signedIn(world, "ann", { isAdmin: true, roles: { acme: "owner" } });
  operator = await openWorld({ in: "shell", env: { DATA_DIR: world.app.config.dataDir } });
  origin = (await operator.serve()).url;
  browser = await startBrowser();
  tab = await browser.open(`${origin}/sign-in`);
  const value = ann.cookies.get("pricore") ?? "";
  await tab.page.context().addCookies([{ name: "pricore", value, url: origin }]);
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await operator?.close();
  await world?.close();
});

const mail = { name: "send-mails", payload: "{}" };
const showsText = (text: string) => tab.page.getByText(text).first().waitFor();

test("what fails appears while one looks, and is retried, looked at and forgotten by clicking", async () => {
  const { page } = tab;
  await page.goto(`${origin}/organizations/acme`);
  await page.getByRole("link", { name: "Jobs" }).click();
  await showsText("Queue is running");
  await showsText("No failed jobs.");
  await page.locator("summary", { hasText: "of sync-repository" }).click();
  await addJobRow(world.app, { ...mail, error: "The first reason." });
  await addJobRow(world.app, { ...mail, error: "The second reason." });
  await showsText("2 failed permanently");
  await showsText("The first reason.");
  // The menu that was opened stays open while its page follows along.
  expect(await page.getByRole("link", { name: "repair-archive" }).isVisible()).toBe(true);
  await page.keyboard.press("Escape");

  await page
    .getByRole("row", { name: /The first reason/ })
    .getByRole("button", { name: "Retry" })
    .click();
  await showsText("Retrying send-mails");
  await showsText("1 failed permanently");
  await page
    .getByRole("row", { name: /The second reason/ })
    .getByRole("link", { name: "Details" })
    .click();
  await showsText("It will not be retried automatically");
  expect(await tab.barriers()).toEqual([]);
  await page.getByRole("button", { name: "Forget" }).click();
  await showsText("send-mails forgotten");
  await showsText("No failed jobs.");
  for (let at = 0; at < 3; at++) await addJobRow(world.app, mail);
  await showsText("3 failed permanently");
  await page.getByRole("button", { name: "Retry all" }).click();
  await showsText("Retrying 3 jobs");
  expect(tab.faults()).toEqual([]);
}, 60_000);

test("everything, or jobs of one name, are paused and go on by clicking", async () => {
  const { page } = tab;
  await page.goto(`${origin}/horizon`);
  await page.getByRole("link", { name: "Pause", exact: true }).click();
  await showsText("Pause all jobs?");
  expect(await tab.barriers()).toEqual([]);
  await page.getByRole("button", { name: "Pause all jobs" }).click();
  await showsText("Queue is paused");
  await showsText("Paused by ann");
  await showsText("No new jobs start until you resume");
  expect(await tab.barriers()).toEqual([]);
  const id = await world.app.jobs.enqueue("count-downloads", {});
  await Bun.sleep(2500);
  expect((await world.app.jobs.find(id))?.state).toBe("waiting");
  await page.getByRole("button", { name: "Resume", exact: true }).click();
  await showsText("Queue is running");
  for (let look = 0; (await world.app.jobs.find(id))?.state !== "done"; look++) {
    expect(look).toBeLessThan(100);
    await Bun.sleep(100);
  }
  await page.locator("summary", { hasText: "Pause a job type" }).click();
  await page.getByRole("button", { name: "check-webhooks" }).click();
  await showsText("check-webhooks paused");
  await page.getByRole("row", { name: /check-webhooks .*Paused/ }).waitFor();
  await page.getByRole("button", { name: "Resume check-webhooks" }).click();
  await showsText("check-webhooks resumed");
  expect(tab.faults()).toEqual([]);
}, 60_000);

test("the hour, the day and the week, and the job whose run times are shown, are addresses", async () => {
  const { page } = tab;
  await page.goto(`${origin}/horizon`);
  await page.getByRole("link", { name: "7 d" }).click();
  await page.waitForURL(/period=7d/);
  await page.locator("summary", { hasText: "of sync-repository" }).click();
  await page.locator(".menu-list a", { hasText: "count-downloads" }).click();
  await page.waitForURL(/period=7d&job=count-downloads/);
  await page.getByRole("link", { name: "Show scheduled jobs" }).click();
  await page.waitForURL(/period=7d&job=count-downloads&timetable=1/);
  await showsText("jobs in the last week");
  await page.goBack();
  await page.goBack();
  await page.waitForURL(/period=7d&job=sync-repository|period=7d$/);
  await page.getByRole("link", { name: "View all" }).click();
  await showsText("Done jobs");
  expect(await tab.barriers()).toEqual([]);
  expect(tab.faults()).toEqual([]);
}, 60_000);

test("FW6: failed work is found, looked at, retried and forgotten at every width and in both themes", async () => {
  const { app } = world;
  const acme = await getOrganization(app.db, "acme");
  const names = ["billing", "enterprise-resource-planning-connector"];
  for (const name of names) {
    const mirrored = await world.mirror(acme, `acme/${name}`, [
      { manifest: { name: `acme/${name}` }, tags: ["1.0.0"] },
    ]);
    const payload = JSON.stringify({ repositoryId: (await mirrored.row()).id, reason: "push" });
    const error = `git.acme.test refused the credential of ${name}.`;
    const id = await addJobRow(app, { payload, state: "failed", attempts: 1, error });
    const attempt = { job_id: id, started_at: app.now() - 3000, ended_at: app.now() };
    for (const number of [1, 2]) await addAttempt(app.db, { ...attempt, attempt: number, error });
  }
  await addJobRow(app, { ...mail, error: "The mail server is away." });
  for (const [width, theme] of [
    [360, "light"],
    [360, "dark"],
    [1440, "light"],
    [1440, "dark"],
  ] as const) {
    await tab.page.setViewportSize({ width, height: 900 });
    await tab.page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    const shown = [
      "/horizon",
      "/horizon/jobs",
      "/horizon/jobs?q=billing",
      "/horizon/forget-all",
      "/horizon/pause",
    ];
    const [{ id = "" } = {}] = (await app.jobs.list({ state: "failed", limit: 1 })).jobs;
    for (const [at, path] of [...shown, `/horizon/jobs/${id}`].entries()) {
      await tab.page.goto(origin + path);
      await tab.picture(`${pictures}/jobs-${at}-${width}-${theme}.png`, { whole: true });
      expect([path, width, await tab.overhang()]).toEqual([path, width, 0]);
      expect([path, width, theme, await tab.barriers()]).toEqual([path, width, theme, []]);
    }
  }
  const { page } = tab;
  await page.goto(`${origin}/horizon/jobs`);
  await page.getByRole("searchbox", { name: "Search jobs" }).fill("billing");
  await page.keyboard.press("Enter");
  await page.waitForURL(/q=billing/);
  expect(await page.getByRole("row", { name: /connector/ }).count()).toBe(0);
  await page.locator('a[href$="/repositories/billing"]:visible').click();
  await page.waitForURL(/repositories\/billing/);
  await page.goto(`${origin}/horizon`);
  await page.getByRole("link", { name: "Forget all" }).click();
  await showsText("Forget 3 failed jobs?");
  await page.getByRole("button", { name: "Forget all" }).click();
  await showsText("3 failed jobs forgotten");
  expect(tab.faults()).toEqual([]);
}, 120_000);
