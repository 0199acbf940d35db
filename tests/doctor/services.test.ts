// Checks of the services that an installation needs: real databases, a real Redis, and the tests' bucket and mail server.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Database as Sqlite } from "bun:sqlite";
import { join } from "node:path";
import { RedisClient } from "bun";
import { sql } from "kysely";
import { openDatabase } from "../../src/store/engine/database.ts";
import { unavailable } from "../../src/errors.ts";
import { createSmtp } from "../../src/mail/smtp.ts";
import type { TestApp } from "../worlds/process.ts";
import { reservedPort } from "../tools/servers/ports.ts";
import { startS3 } from "../tools/servers/s3-server.ts";
import { startOwnRedis, stopServers } from "../tools/servers/services.ts";
import { until } from "../tools/until.ts";
import { startSmtp } from "../tools/servers/smtp-server.ts";
import { contextWith, examine } from "./examine.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
beforeAll(async () => {
  world = await openWorld({ in: "process" });
});
afterAll(async () => {
  await world.close();
  await stopServers();
});

test("OP39: database fails when it cannot be opened or is damaged, waits for changes, and is well when it is whole", async () => {
  const { app } = world;
  const appProblem = unavailable("The database is not there.", { advice: "Start it." });
  const away = await examine("database", contextWith(app, {}, { app: null, appProblem }));
  expect(away).toMatchObject({ status: "fail", seen: "The database is not there.", advice: "Start it." });
  const name = "0024_ensure_webhook";
  await sql`delete from kysely_migration where name = ${name}`.execute(app.db.write);
  const waiting = await examine("database", contextWith(app));
  expect(waiting).toMatchObject({ status: "warn", remedy: { do: "migrate" } });
  await sql`insert into kysely_migration (name, timestamp) values (${name}, '2026')`.execute(app.db.write);
  expect((await examine("database", contextWith(app))).seen).toMatch(/^SQLite 3\./);
});

test("OP39: database fails on a damaged file", async () => {
  const path = join(world.folder, "damaged.sqlite");
  const file = new Sqlite(path);
  file.run("create table words (word text); create index by_word on words (word)");
  const add = file.prepare("insert into words values (?)");
  for (let at = 0; at < 2000; at++) add.run(`word ${at}`);
  add.finalize();
  file.close(true);
  const bytes = await Bun.file(path).bytes();
  bytes.fill(0xaa, bytes.length - 4096 * 3, bytes.length - 4096);
  await Bun.write(path, bytes);
  const address = { engine: "sqlite" as const, path };
  const db = await openDatabase(address);
  const app = { ...world.app, db, config: { ...world.app.config, database: address } };
  const { status, advice } = await examine("database", contextWith(app));
  expect([status, advice]).toEqual([
    "fail",
    "Keep a copy of it, check the disk and restore the last backup.",
  ]);
  await db.close();
});

test("OP39: redis fails when it is away, evicts jobs or forgets them, and is well as the manual says", async () => {
  const redis = await startOwnRedis({ "maxmemory-policy": "allkeys-lru", appendonly: "no" });
  const client = new RedisClient(redis.url);
  const own = await openWorld({
    in: "process",
    environment: { REDIS_URL: redis.url, QUEUE_CONNECTION: "redis" },
  });
  const look = () => examine("redis", contextWith(own.app));
  try {
    const wrong = await look();
    expect(wrong.status).toBe("fail");
    expect(wrong.advice).toBe("Set maxmemory-policy noeviction in its configuration.");
    await client.send("CONFIG", ["SET", "maxmemory-policy", "noeviction"]);
    expect(await look()).toMatchObject({
      status: "warn",
      advice: "Set appendonly yes in its configuration.",
    });
    await client.send("CONFIG", ["SET", "appendonly", "yes"]);
    expect((await look()).status).toBe("ok");
    await redis.kill();
    client.close();
    expect((await look()).status).toBe("fail");
    await redis.start();
    // It has its first settings again, so what it says is another thing.
    await until(async () => (await look()).advice === wrong.advice);
  } finally {
    await own.close();
  }
});

test("OP39: redis on another machine without a password fails, and is well with one", async () => {
  const context = (url: string) => {
    const redis = { ask: async () => "redis_version:7.2.0\r\n", problem: () => null, close: async () => {} };
    const config = { ...world.app.config, redis: { url } };
    return contextWith({ ...world.app, config, redis: redis as never });
  };
  expect((await examine("redis", context("redis://10.0.0.9:6379"))).status).toBe("fail");
  expect((await examine("redis", context("redis://:secret@10.0.0.9:6379"))).status).toBe("ok");
});

test("OP39: storage fails with the right that the bucket lacks, and is well once it has it", async () => {
  const s3 = startS3();
  const own = await openWorld({ in: "process", environment: { ...s3.environment } });
  const look = () => examine("storage", contextWith(own.app));
  try {
    s3.fault = "forbidden";
    // Nothing is put beside an empty database: a start would take it for what a lost one has left.
    expect((await look()).status).toBe("ok");
    await own.organization("acme");
    const refused = await look();
    expect(refused.status).toBe("fail");
    expect(refused.seen).toContain("put: ");
    expect(refused.advice).toContain("allow them to put, get, list and delete");
    s3.fault = "forgetful";
    expect((await look()).status).toBe("fail");
    s3.fault = null;
    expect((await look()).status).toBe("ok");
    expect(s3.objects.size).toBe(0);
  } finally {
    await own.close();
    await s3.stop();
  }
});

test("OP39: mail warns without a server, fails when it refuses us, and is well with the right password and records", async () => {
  expect((await examine("mail", contextWith(world.app))).remedy).toEqual({
    do: "change-setting",
    variable: "MAIL_MAILER",
    to: "smtp",
  });
  const server = await startSmtp({ credentials: { username: "ann", password: "right" } });
  const smtp = {
    host: "127.0.0.1",
    port: server.port,
    encryption: "none" as const,
    from: { address: "pricore@acme.test", name: "Pricore" },
  };
  const look = (password: string, texts: Record<string, string[]> = {}, port = server.port) => {
    const own = { ...smtp, port, credentials: { username: "ann", password } };
    const mail = createSmtp({ ...own, policy: { allow: [{ host: "127.0.0.1", port: null }] } });
    const config = { ...world.app.config, mail: { kind: "smtp" as const, smtp: own } };
    const facts = { texts: async (name: string) => texts[name] ?? [] };
    return examine("mail", contextWith({ ...world.app, config, mail }, facts));
  };
  try {
    expect(await look("right", {}, reservedPort())).toMatchObject({ status: "fail" });
    const refused = await look("wrong");
    expect([refused.status, refused.seen]).toEqual([
      "fail",
      expect.stringContaining("rejected the user or password"),
    ]);
    expect(await look("right")).toMatchObject({
      status: "warn",
      seen: expect.stringContaining("no SPF and no DMARC"),
    });
    const records = { "acme.test": ["v=spf1 mx -all"], "_dmarc.acme.test": ["v=DMARC1; p=none"] };
    expect((await look("right", records)).status).toBe("ok");
    expect(server.mails).toEqual([]);
  } finally {
    server.stop();
  }
});

test("OP39: clock fails far from the clocks of others, warns of half a minute, and is well when they agree", async () => {
  let ahead = 0;
  const servers = [1, 2, 3].map(() =>
    Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: () => new Response("", { headers: { Date: new Date(Date.now() + ahead).toUTCString() } }),
    }),
  );
  const [gitea, gitlab, github] = servers.map(({ port }) => ({ origin: `http://127.0.0.1:${port}` }));
  const forges = { ...world.app.config.forges, gitea, gitlab, github } as typeof world.app.config.forges;
  const config = { ...world.app.config, forges, outboundAllow: [{ host: "127.0.0.1", port: null }] };
  const look = () => examine("clock", contextWith({ ...world.app, config }, {}, { config }));
  ahead = 600_000;
  const wrong = await look();
  expect([wrong.status, wrong.seen]).toEqual(["fail", expect.stringContaining("behind others")]);
  expect(wrong.advice).toContain("Synchronize the clock");
  ahead = 60_000;
  expect((await look()).status).toBe("warn");
  ahead = 0;
  expect((await look()).status).toBe("ok");
  await Promise.all(servers.map((server) => server.stop(true)));
  expect((await look()).status).toBe("unknown");
});

test("OP39: version fails on a security release, warns of a newer one, and is well on the newest", async () => {
  let newest: unknown = { version: "99.0.0", security: true, url: "https://example.com/99" };
  const agents: (string | null)[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      agents.push(request.headers.get("user-agent"));
      return Response.json(newest);
    },
  });
  const allow = [{ host: "127.0.0.1", port: null }];
  const look = (path: string) => {
    const config = { ...world.app.config, outboundAllow: allow, releaseUrl: `${server.url.href}${path}` };
    return examine("version", contextWith({ ...world.app, config }));
  };
  const remedy = { do: "upgrade", version: "99.0.0", href: "https://example.com/99" };
  expect(await look("a")).toMatchObject({ status: "fail", remedy });
  expect(await look("a")).toMatchObject({ status: "fail", remedy });
  expect(agents).toHaveLength(1);
  newest = { version: "99.0.0", url: "javascript:alert(1)" };
  expect(await look("b")).toMatchObject({ status: "warn", remedy: { ...remedy, href: null } });
  newest = { version: "0.0.1" };
  expect((await look("c")).status).toBe("ok");
  newest = { version: "<script>" };
  expect((await look("d")).status).toBe("unknown");
  expect(new Set(agents)).toEqual(new Set(["pricore"]));
  await server.stop(true);
});
