// One stream of events for all tabs of a browser, against the built binary.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { BrowserContext, Page } from "playwright-core";
import { addActivity } from "../../src/store/organizations/activity.ts";
import { getOrganization } from "../../src/store/organizations/organizations.ts";
import type { Operator } from "../worlds/shell.ts";
import { signedIn } from "../pages/visitor.ts";
import type { TestApp } from "../worlds/process.ts";
import { startBrowser, type Browser } from "./browser.ts";
import type { Served } from "../tools/binary.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
let operator: Operator;
let server: Served;
let browser: Browser;
let secret: string;

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  world.tick(Date.now() - world.app.now());
  for (const slug of ["acme", "other"]) await world.organization(slug);
  const ann = await signedIn(world, "ann", { roles: { acme: "owner", other: "owner" } });
  secret = ann.cookies.get("pricore") ?? "";
  operator = await openWorld({ in: "shell", env: { DATA_DIR: world.app.config.dataDir } });
  server = await operator.serve();
  browser = await startBrowser();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await operator?.close();
  await world?.close();
});

type Tabs = {
  context: BrowserContext;
  open(slug: string): Promise<Page>;
  streams(): string[];
  close(): Promise<void>;
};

/** Of one browser, with the streams that its tabs read right now. */
async function tabs(): Promise<Tabs> {
  const first = await browser.open(`${server.url}/sign-in`);
  const context = first.page.context();
  await context.addCookies([{ name: "pricore", value: secret, url: server.url }]);
  const streams = new Set<string>();
  context.on("request", (request) => {
    const { pathname, search } = new URL(request.url());
    if (pathname === "/live") streams.add(search);
  });
  const over = (request: { url(): string }) => streams.delete(new URL(request.url()).search);
  context.on("requestfailed", over);
  context.on("requestfinished", over);
  return {
    context,
    streams: () => [...streams],
    close: () => first.close(),
    async open(slug) {
      const page = await context.newPage();
      await page.goto(`${server.url}/organizations/${slug}`, { waitUntil: "load", timeout: 15_000 });
      await page.evaluate(() => {
        document.body.addEventListener("activity", () => {
          document.body.dataset["heard"] = String(Number(document.body.dataset["heard"] ?? 0) + 1);
        });
      });
      return page;
    },
  };
}

async function happenIn(slug: string): Promise<void> {
  const { app } = world;
  const { id } = await getOrganization(app.db, slug);
  const entry = { actor: "cli", action: "organization.changed", subject: slug, now: Date.now() } as const;
  await addActivity(app.db, { organizationId: id, ...entry });
}

const receivedEvents = (page: Page, atLeast = 1) =>
  page.waitForFunction((least) => Number(document.body.dataset["heard"] ?? 0) >= least, atLeast, {
    timeout: 15_000,
  });

test("FU1: ten tabs load, all follow what happens, and one stream serves them", async () => {
  const all = await tabs();
  const pages: Page[] = [];
  for (let tab = 0; tab < 10; tab++) pages.push(await all.open("acme"));
  await pages[0]?.waitForTimeout(500);
  expect(all.streams()).toEqual(["?organization=acme"]);
  await happenIn("acme");
  await Promise.all(pages.map((page) => receivedEvents(page)));
  await all.close();
}, 120_000);

test("FU1: when the tab that reads the stream closes, another takes over", async () => {
  const all = await tabs();
  const [first, second, third] = [await all.open("acme"), await all.open("acme"), await all.open("acme")];
  await first.close();
  await second.waitForTimeout(1000);
  await second.close();
  await third.waitForTimeout(1000);
  expect(all.streams().length).toBe(1);
  await happenIn("acme");
  await receivedEvents(third);
  await all.close();
}, 60_000);

test("FU1: tabs of different organizations share the stream, and each receives its own events", async () => {
  const all = await tabs();
  const [acme, other] = [await all.open("acme"), await all.open("other")];
  await acme.waitForTimeout(500);
  expect(all.streams()).toEqual(["?organization=acme&organization=other"]);
  await happenIn("other");
  await receivedEvents(other);
  expect(await acme.evaluate(() => document.body.dataset["heard"])).toBeUndefined();
  await happenIn("acme");
  await receivedEvents(acme);
  await all.close();
}, 60_000);

test("FU1: a tab that nobody sees reads nothing, and catches up when it is seen again", async () => {
  const all = await tabs();
  const page = await all.open("acme");
  await page.waitForTimeout(500);
  const see = (isHidden: boolean) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, isHidden);
  await see(true);
  await page.waitForTimeout(300);
  expect(all.streams()).toEqual([]);
  const caughtUp = page.evaluate(
    () => new Promise((done) => document.body.addEventListener("live", () => done(true), { once: true })),
  );
  await see(false);
  expect(await caughtUp).toBe(true);
  await page.waitForTimeout(500);
  expect(all.streams()).toEqual(["?organization=acme"]);
  await all.close();
}, 60_000);

test("FU1: without locks, on an origin without TLS, each tab that is seen reads for itself", async () => {
  const all = await tabs();
  await all.context.addInitScript(() => Object.defineProperty(navigator, "locks", { value: undefined }));
  const pages = [await all.open("acme"), await all.open("acme")];
  await pages[0]?.waitForTimeout(500);
  await happenIn("acme");
  await Promise.all(pages.map((page) => receivedEvents(page)));
  await all.close();
}, 60_000);
