// Two servers on one database share large documents in Redis, and never believe it.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { RedisClient } from "bun";
import { putDocument } from "../../src/store/packages/documents.ts";
import { getOrganization, type Organization } from "../../src/store/organizations/organizations.ts";
import type { TestApp } from "../worlds/process.ts";
import { isMissing, makeDatabase, type TestDatabase } from "../tools/servers/databases.ts";
import { queriesOf } from "../tools/queries.ts";
import { startRedis, stopServers, type Server } from "../tools/servers/services.ts";
import { startTcpProxy, type TcpProxy } from "../tools/servers/tcp-proxy.ts";
import { until } from "../tools/until.ts";
import { openWorld } from "../worlds/world.ts";

describe.skipIf(isMissing("postgres") || isMissing("redis-server"))("with CACHE_STORE=redis", () => {
  let place: TestDatabase;
  let redis: Server;
  let proxy: TcpProxy;
  let near: TestApp;
  let far: TestApp;
  let acme: Organization;
  let token: string;
  let modified = Date.parse("2026-03-01T09:00:00Z") / 1000;

  beforeAll(async () => {
    place = await makeDatabase("pgsql");
    redis = await startRedis();
    proxy = await startTcpProxy(Number(new URL(redis.url).port));
    const through = new URL(redis.url);
    through.port = String(proxy.port);
    if (place.address.engine === "sqlite") throw new Error("not a server");
    const shared = { DB_CONNECTION: "pgsql", DB_URL: place.address.url, CACHE_STORE: "redis" };
    const key = { APP_KEY: Buffer.alloc(32, 1).toString("base64"), REDIS_URL: through.href };
    near = await openWorld({ in: "process", environment: { ...shared, ...key } });
    far = await openWorld({ in: "process", environment: { ...shared, ...key } });
    await near.organization("acme");
    acme = await getOrganization(near.app.db, "acme");
    token = await near.token(acme);
  }, 120_000);
  beforeEach(async () => {
    const client = new RedisClient(redis.url);
    await client.send("FLUSHALL", []);
    client.close();
  });
  afterAll(async () => {
    await near?.close();
    await far?.close();
    proxy?.stop();
    await place?.remove();
    await stopServers();
  });

  /** Random, so that it stays as large when it is gzipped. */
  async function publish(pkg: string, kilobytes: number): Promise<string> {
    const text = JSON.stringify({ noise: randomBytes(kilobytes * 1024).toString("base64") });
    const hash = new Bun.CryptoHasher("sha256").update(text).digest("hex");
    const body = new Uint8Array(gzipSync(text));
    modified += 1;
    const row = { organization_id: acme.id, name: pkg, last_modified: modified, hash, body };
    await putDocument(near.app.db, row);
    return text;
  }
  const read = async (world: TestApp, pkg: string) => {
    const answer = await world.get(`/acme/p2/${pkg}.json`, token);
    return answer.status === 200 ? answer.text() : `status ${answer.status}`;
  };
  const names = async () => {
    const client = new RedisClient(redis.url);
    const found = await client.keys("*document:*");
    client.close();
    return found;
  };
  const isWhole = (statement: string) => /hash., .body. from/.test(statement);

  test("a large one is read from the database once and by the other server from Redis", async () => {
    // On a busy machine a server stops waiting for Redis and leaves it alone for five seconds: then once more.
    await until(async () => {
      const text = await publish("acme/large", 100);
      const first = await queriesOf(near, async () => expect(await read(near, "acme/large")).toBe(text));
      expect(first.filter(isWhole)).toHaveLength(1);
      await Bun.sleep(50);
      const second = await queriesOf(far, async () => expect(await read(far, "acme/large")).toBe(text));
      return second.filter(isWhole).length === 0;
    });
    expect((await names()).join()).not.toContain(token);
  });

  test("a small one stays out of it", async () => {
    const text = await publish("acme/small", 10);
    expect([await read(near, "acme/small"), await read(far, "acme/small")]).toEqual([text, text]);
    await Bun.sleep(100);
    expect(await names()).toEqual([]);
  });

  test("a changed one is never answered as it was", async () => {
    for (let change = 0; change < 5; change++) {
      const text = await publish("acme/changing", 100);
      expect([await read(near, "acme/changing"), await read(far, "acme/changing")]).toEqual([text, text]);
    }
  });

  test("without Redis every server reads the database, and shares again when it is back", async () => {
    await redis.kill();
    const text = await publish("acme/alone", 100);
    expect([await read(near, "acme/alone"), await read(far, "acme/alone")]).toEqual([text, text]);
    await redis.start();
    await until(() => near.app.redis?.problem() === null && far.app.redis?.problem() === null);
    await until(async () => {
      await publish("acme/alone", 100);
      await read(near, "acme/alone");
      return (await names()).length > 0;
    });
  });

  test("a Redis that says nothing is not waited for", async () => {
    proxy.freeze();
    const text = await publish("acme/frozen", 100);
    expect([await read(near, "acme/frozen"), await read(far, "acme/frozen")]).toEqual([text, text]);
    proxy.thaw();
  });
});
