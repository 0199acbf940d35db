// An answer that was given before is given again, and never to somebody who may not have it any more.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect } from "node:net";
import { createToken } from "../../src/registry/tokens.ts";
import { revokeToken } from "../../src/store/tokens.ts";
import type { Organization } from "../../src/store/organizations/organizations.ts";
import type { TestApp } from "../worlds/process.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
let acme: Organization;
beforeAll(async () => {
  world = await openWorld({ in: "process" });
  acme = await world.organization("acme");
  await (
    await world.mirror(acme, "acme/blog", [{ manifest: { name: "acme/blog" }, tags: ["1.0.0"] }])
  ).sync();
});
afterAll(() => world?.close());

const path = "/acme/p2/acme/blog.json";

async function tokenFor(expiresAt: number | null, packages: string[] = []) {
  const owner = { organizationId: acme.id };
  return createToken(world.app, { owner, name: "test", expiresAt, packages, actor: "cli" });
}

/** Three times, so that the answer is known. */
async function warm(token: string): Promise<Response> {
  for (let time = 0; time < 2; time++) expect((await world.get(path, token)).status).toBe(200);
  return world.get(path, token);
}

test("a revoked token is refused at once", async () => {
  const { text, token } = await tokenFor(null);
  await warm(text);
  await revokeToken(world.app.db, token.id, world.app.now());
  expect((await world.get(path, text)).status).toBe(401);
});

test("an expired token is refused when its time has come, without anything being committed", async () => {
  const { text } = await tokenFor(world.app.now() + 60_000);
  await warm(text);
  world.tick(59_999);
  expect((await world.get(path, text)).status).toBe(200);
  world.tick(1);
  expect((await world.get(path, text)).status).toBe(401);
});

test("a token that sees less than before is answered with less", async () => {
  const { text, token } = await tokenFor(null, ["acme/*"]);
  expect(await (await warm(text)).text()).toContain("1.0.0");
  await world.app.db.write
    .updateTable("tokens")
    .set({ packages: '["acme/other"]' })
    .where("id", "=", token.id)
    .execute();
  expect(await (await world.get(path, text)).text()).not.toContain("1.0.0");
});

test("a new version is there at once, and If-Modified-Since is looked at each time", async () => {
  const { text } = await tokenFor(null);
  const since = (await warm(text)).headers.get("Last-Modified") ?? "";
  const conditional = { "If-Modified-Since": since };
  expect((await world.get(path, text, conditional)).status).toBe(304);
  expect((await world.get(path, text)).status).toBe(200);
  const identity = await world.get(path, text, { "Accept-Encoding": "identity" });
  expect(identity.headers.get("Content-Encoding")).toBe(null);
  const sent = await world.get(path, text, { "Accept-Encoding": "gzip" });
  expect(sent.headers.get("Content-Encoding")).toBe("gzip");
  await world.app.db.write
    .updateTable("documents")
    .set((e) => ({ last_modified: e("last_modified", "+", 60) }))
    .execute();
  expect((await world.get(path, text, conditional)).status).toBe(200);
});

test("another method, another host and another token are not taken for the known request", async () => {
  const { text } = await tokenFor(null);
  await warm(text);
  const { host, port } = new URL(world.app.config.appUrl);
  const own = `Host: ${host}`;
  const post = await statusOf(`POST ${path} HTTP/1.1\r\n${own}`);
  const two = await statusOf(`GET ${path} HTTP/1.1\r\n${own}\r\nHost: evil.test`);
  const other = await statusOf(`GET ${path} HTTP/1.1\r\nHost: evil.test`);
  expect([post, two, other]).toEqual([405, 400, 421]);
  expect((await world.get(path, `${text}x`)).status).toBe(401);
  expect((await world.get(path, null)).status).toBe(401);

  function statusOf(head: string): Promise<number> {
    return new Promise((resolve) => {
      const socket = connect(Number(port), "localhost");
      socket.on("data", (bytes) => {
        resolve(Number(/ (\d+)/.exec(bytes.toString())?.[1]));
        socket.destroy();
      });
      socket.write(`${head}\r\nAuthorization: Bearer ${text}\r\n\r\n`);
    });
  }
});
