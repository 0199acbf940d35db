// What every page tells the browser.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { parseConfig } from "../../src/config/config.ts";
import type { RunningServer } from "../../src/http/server.ts";
import type { TestApp } from "../worlds/process.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
let server: RunningServer;
beforeAll(async () => {
  world = await openWorld({
    in: "process",
    environment: { APP_URL: "https://packages.test", HSTS_SECONDS: "86400" },
  });
  server = await world.serve();
});
afterAll(() => world?.close());

const headersOf = async (path: string) =>
  (await fetch(`http://127.0.0.1:${server.port}${path}`, { headers: { Host: "packages.test" } })).headers;

test("FA17: a page gives no feature of the browser away", async () => {
  const policy = (await headersOf("/sign-in")).get("Permissions-Policy") ?? "";
  for (const feature of ["camera", "microphone", "geolocation", "payment", "usb"])
    expect(policy).toContain(`${feature}=()`);
  // Passkeys and the buttons that copy need theirs.
  expect(policy).not.toMatch(/publickey|clipboard/);
});

test("FA17: who wants it has browsers ask by https only, for this host alone", async () => {
  for (const path of ["/", "/sign-in", "/nowhere", "/assets/none.css"])
    expect([path, (await headersOf(path)).get("Strict-Transport-Security")]).toEqual([path, "max-age=86400"]);
  const plain = await openWorld({ in: "process" });
  const answer = await plain.get("/sign-in", null);
  expect(answer.headers.get("Strict-Transport-Security")).toBe(null);
  await plain.close();
});

test("FA17: HSTS_SECONDS is for https, and a number", () => {
  const problems = (environment: Record<string, string>) => {
    const parsed = parseConfig({ DATA_DIR: "/nowhere", ...environment });
    return "problems" in parsed ? parsed.problems.join() : "";
  };
  expect(problems({ HSTS_SECONDS: "60", APP_URL: "http://packages.test" })).toContain("HSTS_SECONDS");
  expect(problems({ HSTS_SECONDS: "-1", APP_URL: "https://packages.test" })).toContain("HSTS_SECONDS");
  expect(problems({ HSTS_SECONDS: "60", APP_URL: "https://packages.test" })).toBe("");
});
