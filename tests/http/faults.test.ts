// While something of ours is broken: what is known goes on being served, everything else is 503, never 404.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { isMissing, makeDatabase } from "../tools/servers/databases.ts";
import { startPostgres, stopServers } from "../tools/servers/services.ts";
import { endpointsOf, type Published } from "../worlds/published.ts";
import { until } from "../tools/until.ts";
import { openWorld } from "../worlds/world.ts";

let ground: Published;
beforeAll(async () => void (ground = await openWorld({ in: "shell", published: true })));
afterAll(async () => {
  await ground?.close();
  await stopServers();
});

const unknown = "/acme/p2/acme/unknown.json";
const foreign = "/acme/p2/symfony/console.json";

describe("a database that cannot be written", () => {
  test("R5: is read as before, and what has to be written is told to come again", async () => {
    using database = ground.database();
    database.run("begin immediate");
    const body = JSON.stringify({ downloads: [{ name: "acme/blog", version: "1.0.0.0" }] });
    const report = ground.ask("/acme/notify-batch", { method: "POST", body });
    for (const { method, path } of endpointsOf(ground)) {
      if (method === "POST" || path.includes("/providers/")) continue;
      expect([path, (await ground.ask(path)).status]).toEqual([path, 200]);
    }
    expect((await ground.ask(unknown)).status).toBe(200);
    expect((await ground.ask(foreign)).status).toBe(404);
    await expectUnavailable(await report);
    database.run("rollback");
    expect((await ground.ask("/acme/notify-batch", { method: "POST", body })).status).toBe(200);
  });
});

describe("a database that fails", () => {
  for (const [table, paths] of [
    ["documents", ["/acme/packages.json", "/acme/p2/acme/blog.json", unknown, foreign]],
    ["vendors", [unknown, foreign]],
    ["tokens", ["/acme/packages.json", unknown, foreign, "/acme/list.json", "/nobody/packages.json"]],
    ["packages", ["/acme/list.json", "/acme/search.json", "/acme/providers/acme/x.json"]],
  ] as const)
    test(`without its ${table} is a fault of ours, whatever is asked`, async () => {
      using database = ground.database();
      database.run(`alter table ${table} rename to hidden`);
      try {
        for (const path of paths) await expectUnavailable(await ground.ask(path), path);
      } finally {
        database.run(`alter table hidden rename to ${table}`);
      }
      expect((await ground.ask("/acme/packages.json")).status).toBe(200);
      expect((await ground.ask(foreign)).status).toBe(404);
    });

  test("tells the log what happened, and the client nothing of it", async () => {
    using database = ground.database();
    database.run("alter table documents rename to hidden");
    const text = await (await ground.ask("/acme/packages.json")).text();
    database.run("alter table hidden rename to documents");
    expect(text).not.toMatch(/documents|table|sql/i);
    expect(ground.server.printed()).toMatch(/"event":"http\.failed".*"reason":"no such table: documents"/);
  });
});

test("R7: an archive that is gone from the disk is 503, and 200 again when it is back", async () => {
  const folder = join(ground.ann.dataDir, "dists");
  const archive = (readdirSync(folder, { recursive: true }) as string[])
    .map((name) => join(folder, name))
    .find((path) => statSync(path).isFile());
  if (!archive) throw new Error("There is no archive");
  renameSync(archive, `${archive}.away`);
  await expectUnavailable(await ground.ask(ground.dist));
  renameSync(`${archive}.away`, archive);
  expect((await ground.ask(ground.dist)).status).toBe(200);
});

test("FC4: every 503 of Composer's routes asks for one second, whatever is broken and however long", async () => {
  const folder = join(ground.ann.dataDir, "dists");
  renameSync(folder, `${folder}.away`);
  await expectUnavailable(await ground.ask(ground.dist), ground.dist);
  renameSync(`${folder}.away`, folder);
  using database = ground.database();
  database.run("pragma busy_timeout = 5000");
  database.run("alter table tokens rename to hidden");
  try {
    for (const { method, path } of endpointsOf(ground)) {
      const body = method === "POST" ? { body: '{"downloads":[]}' } : {};
      // One that is not in memory, so that it has to be looked up.
      const token = `prc_${"1".repeat(46)}`;
      await expectUnavailable(await ground.ask(path, { method, token, ...body }), path);
    }
  } finally {
    database.run("alter table hidden rename to tokens");
  }
});

describe.skipIf(isMissing("postgres"))("a database server", () => {
  test("R14: that dies is 503 for every name, and everything is as before when it is back", async () => {
    const { address, remove } = await makeDatabase("pgsql");
    if (address.engine === "sqlite") throw new Error("not a server");
    const elsewhere = await openWorld({
      in: "shell",
      published: true,
      env: { DB_CONNECTION: "pgsql", DB_URL: address.url },
    });
    const postgres = await startPostgres();
    await postgres.kill();
    for (const path of ["/acme/packages.json", "/acme/p2/acme/blog.json", unknown, foreign, elsewhere.dist])
      await expectUnavailable(await elsewhere.ask(path), path);
    expect((await fetch(`${elsewhere.server.url}/health`)).status).toBe(503);
    expect(elsewhere.server.printed()).not.toContain(new URL(address.url).password);
    await postgres.start();
    await until(async () => (await elsewhere.ask("/acme/p2/acme/blog.json")).status === 200);
    expect((await elsewhere.ask(foreign)).status).toBe(404);
    await elsewhere.close();
    await remove();
  });
});

async function expectUnavailable(response: Response, what = ""): Promise<void> {
  const { status, headers } = response;
  expect([what, status, headers.get("Content-Type")]).toEqual([what, 503, "application/json"]);
  // Composer 2.11 waits that long before each of three retries, and holds the whole host meanwhile.
  expect(headers.get("Retry-After")).toBe("1");
  expect(await response.json()).toEqual({
    message: expect.stringContaining("Try again"),
    warning: expect.stringContaining("Try again"),
  });
}
