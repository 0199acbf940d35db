// What nobody asked for, sent to every address at once, and a thousand connections that mean no good, against the
// built binary.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createRequestGuard } from "../../src/http/request/guard.ts";
import { createTokenAuth } from "../../src/http/composer/token-auth.ts";
import { createPages } from "../../src/http/pages.ts";
import { directRoutes } from "../../src/http/routes.ts";
import { type Published } from "../worlds/published.ts";
import { makeRepository } from "../tools/repositories.ts";
import { forgetPeak, memoryOf, open, upload } from "./hostile.ts";
import { openWorld } from "../worlds/world.ts";

let ground: Published;
beforeAll(async () => {
  ground = await openWorld({ in: "shell", published: true });
  // Loads the pages.
  await ground.ask("/sign-in");
});
afterAll(() => ground?.close());

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const nowhere = ["/", "/nowhere", "/webhooks", "/webhooks/git", "/webhooks/a/b/c", "/webhooks/a/b/c/d/e"];

test("FA1: 60 bodies of 24 MB at once hold no memory, at any path by any method", async () => {
  const { port, pid } = ground.server;
  const wrong: string[] = [];
  for (const path of [...nowhere, ...(await pathsOfTheProgram())])
    for (const method of methods) {
      const attempts = { port, method, path, megabytes: 24 };
      const statuses = await Promise.all(Array.from({ length: 60 }, () => upload(attempts)));
      const taken = statuses.filter((status) => status < 400 && status !== 0);
      if (taken.length > 0) wrong.push(`${method} ${path}: ${taken[0]}`);
    }
  expect(wrong).toEqual([]);
  expect(memoryOf(pid).peak).toBeLessThan(150);
}, 600_000);

/** Of every route, with something in the place of each parameter. */
async function pathsOfTheProgram(): Promise<string[]> {
  const world = await openWorld({ in: "process" });
  const guards = { tokenAuth: createTokenAuth(world.app), guard: createRequestGuard(world.app) };
  const patterns = [
    ...Object.keys(directRoutes),
    ...createPages(world.app, guards).routes.map(({ path }) => path),
  ];
  await world.close();
  const filled = patterns.map((path) =>
    path.replace(/:(?:organization|slug)/, "acme").replace(/:\w+|\*/g, "x"),
  );
  return [...new Set(filled)];
}

test("FA1: the webhook's own address holds 150 MB as well, with the length announced", async () => {
  const { port, pid } = ground.server;
  const attempt = { port, method: "POST", path: `/webhooks/git/${crypto.randomUUID()}`, megabytes: 24 };
  for (const announced of [true, false])
    await Promise.all(Array.from({ length: 60 }, () => upload({ ...attempt, announced })));
  expect(memoryOf(pid).peak).toBeLessThan(150);
}, 60_000);

/** What a thousand connections say at first, and then again and again. */
const hostile: Record<string, (host: string, token: string) => { text: string; more?: string }> = {
  silent: () => ({ text: "" }),
  "slow heads": (host) => ({ text: `GET /sign-in HTTP/1.1\r\nHost: ${host}\r\n`, more: "X-More: x\r\n" }),
  "heads as large as they may be": (host) => ({
    text: `GET /sign-in HTTP/1.1\r\nHost: ${host}\r\n${`X-Fill: ${"x".repeat(1000)}\r\n`.repeat(14)}`,
  }),
  "forms that never end": (host) => ({
    text: `POST /sign-in HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 262144\r\n\r\n${"x".repeat(260_000)}`,
    more: "x",
  }),
  "deliveries that never end": (host) => ({
    text: `POST /webhooks/git/${crypto.randomUUID()} HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    more: `10000\r\n${"x".repeat(65_536)}\r\n`,
  }),
  "pages that are not read": (host) => ({
    text: `GET /sign-in HTTP/1.1\r\nHost: ${host}\r\n\r\n`.repeat(100),
  }),
  "refusals that are not read": (host) => ({
    text: `POST /nowhere HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\n\r\nhello`.repeat(500),
  }),
  "documents that are not read": (host, token) => ({
    text: `GET /acme/p2/acme/blog.json HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\n\r\n`.repeat(
      500,
    ),
  }),
};

for (const [kind, say] of Object.entries(hostile))
  test(`FA1: a thousand connections (${kind}) leave the server below 200 MB, and others are served`, async () => {
    const { port, pid, url } = ground.server;
    const words = say(new URL(url).host, ground.token);
    forgetPeak(pid);
    const close = await open(port, 1000, { ...words, reads: false });
    for (let round = 0; round < 6; round++) {
      await Bun.sleep(500);
      expect((await ground.ask("/acme/packages.json")).status).toBe(200);
      expect((await ground.ask(ground.dist)).status).toBe(200);
      const report = { method: "POST", body: '{"downloads":[]}' };
      expect((await ground.ask("/acme/notify-batch", report)).status).toBe(200);
      expect((await ground.ask("/sign-in", { token: null })).status).toBe(200);
    }
    const { peak } = memoryOf(pid);
    close();
    expect(peak).toBeLessThan(200);
  }, 60_000);

test("FA23: a thousand downloads at once of archives just below 1 MiB stay below 150 MB", async () => {
  const noise = () => Buffer.from(crypto.getRandomValues(new Uint8Array(64_000))).toString("base64");
  const files = Object.fromEntries(Array.from({ length: 15 }, (_, at) => [`data-${at}.txt`, noise()]));
  const heavy = await makeRepository(ground.ann.folder, "acme/heavy", [
    { manifest: { name: "acme/heavy" }, files, tags: ["1.0.0"] },
  ]);
  await ground.ann.must("repo", "add", "--org", "acme", heavy.path, "--sync", "--wait");
  const dist = `/acme/dists/acme/heavy/1.0.0/${await heavy.reference("1.0.0")}.zip`;
  const size = Number((await ground.ask(dist, { method: "HEAD" })).headers.get("Content-Length"));
  expect([size > 700_000, size < 1024 * 1024]).toEqual([true, true]);
  // As nobody has asked since a start: the first proves the archive.
  ground.server.kill("SIGTERM");
  await ground.server.ended;
  const server = await ground.ann.serve();
  const download = async () => {
    const answer = await fetch(server.url + dist, { headers: { Authorization: `Bearer ${ground.token}` } });
    return (await answer.bytes()).length;
  };
  const sizes = await Promise.all(Array.from({ length: 1000 }, download));
  expect(new Set(sizes)).toEqual(new Set([size]));
  expect(memoryOf(server.pid).peak).toBeLessThan(150);
}, 120_000);
