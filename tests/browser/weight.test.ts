// What a page costs on the wire, in Chromium against the built binary: the first one, and the next.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Page } from "playwright-core";
import { makeSamples } from "../attacks/people/samples.ts";
import type { Operator } from "../worlds/shell.ts";
import { grow } from "../pages/grown.ts";
import { signedIn } from "../pages/visitor.ts";
import type { TestApp } from "../worlds/process.ts";
import { startBrowser, type Browser } from "./browser.ts";
import type { Served } from "../tools/binary.ts";
import { openWorld } from "../worlds/world.ts";

const coldBytes = 60 * 1024;
const coldRequests = 6;

let world: TestApp;
let operator: Operator;
let server: Served;
let browser: Browser;
let secret: string;

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  world.tick(Date.now() - world.app.now());
  await makeSamples(world);
  for (const round of [1, 2, 3]) await grow(world, round);
  secret = (await signedIn(world, "ann")).cookies.get("pricore") ?? "";
  operator = await openWorld({ in: "shell", env: { DATA_DIR: world.app.config.dataDir } });
  server = await operator.serve();
  browser = await startBrowser();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await operator?.close();
  await world?.close();
});

type Cost = { bytes: number; requests: string[]; fonts: number };

/** Headers too. The faces are counted apart: they come after the text. */
async function costOf(page: Page, address: string): Promise<Cost> {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  const cost: Cost = { bytes: 0, requests: [], fonts: 0 };
  const urls = new Map<string, string>();
  session.on("Network.requestWillBeSent", ({ requestId, request }) => urls.set(requestId, request.url));
  session.on("Network.requestServedFromCache", ({ requestId }) => urls.delete(requestId));
  session.on("Network.responseReceived", ({ requestId, response }) => {
    if (response.fromDiskCache || response.fromPrefetchCache || !response.url.startsWith("http"))
      urls.delete(requestId);
  });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const url = urls.get(requestId);
    if (url === undefined) return;
    if (url.endsWith(".woff2")) cost.fonts += encodedDataLength;
    else {
      cost.bytes += encodedDataLength;
      cost.requests.push(url.slice(server.url.length));
    }
  });
  await page.goto(server.url + address, { waitUntil: "load" });
  await page.waitForTimeout(300);
  await session.detach();
  return cost;
}

const acme = "/organizations/acme";
const pages = [
  acme,
  `${acme}/packages`,
  `${acme}/packages/acme/blog`,
  `${acme}/repositories`,
  `${acme}/repositories/new`,
  `${acme}/settings/tokens`,
  `${acme}/activity`,
  "/account",
];

describe("a page costs little", () => {
  for (const path of pages)
    test(`FU14: ${path}`, async () => {
      const { page, close } = await browser.open(`${server.url}/health`);
      await page.context().addCookies([{ name: "pricore", value: secret, url: server.url }]);
      const cold = await costOf(page, path);
      const warm = await costOf(page, path);
      console.log(
        `${path}: ${cold.bytes} bytes in ${cold.requests.length} requests, faces ${cold.fonts}; then ${warm.bytes} in ${warm.requests.length}`,
      );
      expect(cold.bytes).toBeLessThanOrEqual(coldBytes);
      expect(cold.requests.length).toBeLessThanOrEqual(coldRequests);
      expect(cold.fonts).toBeLessThan(40 * 1024);
      expect(warm.requests).toEqual([path]);
      expect(warm.fonts).toBe(0);
      await close();
    }, 30_000);
});
