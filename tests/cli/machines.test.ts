// Two servers that share a database, a Redis and a folder, as two machines behind one address would.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { password, visitorAt, type Visitor } from "../pages/visitor.ts";
import { isMissing, makeDatabase, type TestDatabase } from "../tools/servers/databases.ts";
import { openEventStream, type EventStream } from "../tools/event-stream.ts";
import { keepEveryWrite, startRedis, stopServers, type Server } from "../tools/servers/services.ts";
import type { Operator } from "../worlds/shell.ts";
import { until } from "../tools/until.ts";
import type { Served } from "../tools/binary.ts";
import { openWorld } from "../worlds/world.ts";

const appUrl = "http://packages.acme.test";
const host = { Host: new URL(appUrl).host };

let place: TestDatabase;
let redis: Server;
let operator: Operator;
let near: Served;
let far: Served;
let token: string;

describe.skipIf(isMissing("postgres") || isMissing("redis-server"))("two servers and a Redis", () => {
  beforeAll(async () => {
    place = await makeDatabase("pgsql");
    redis = await startRedis();
    await keepEveryWrite(redis);
    if (place.address.engine === "sqlite") throw new Error("not a server");
    operator = await openWorld({
      in: "shell",
      env: {
        APP_URL: appUrl,
        DB_CONNECTION: "pgsql",
        DB_URL: place.address.url,
        REDIS_URL: redis.url,
        SESSION_DRIVER: "redis",
        CACHE_STORE: "redis",
        QUEUE_CONNECTION: "redis",
        LOG_LEVEL: "info",
      },
    });
    const person = ["--email", "ann@acme.test", "--name", "Ann", "--password-stdin"];
    const made = await operator.run(["user", "create", ...person], { stdin: password("ann") });
    expect(made.code).toBe(0);
    await operator.must("org", "create", "acme", "--owner", "ann@acme.test");
    token = await operator.must("token", "create", "--org", "acme", "--name", "ci");
    near = await operator.serve({ env: { APP_URL: appUrl } });
    far = await operator.serve({ env: { APP_URL: appUrl } });
  }, 120_000);
  afterAll(async () => {
    await operator?.close();
    await place?.remove();
    await stopServers();
  });

  /** The same browser, whichever server takes its request. */
  function browser(): { at(server: Served): Visitor } {
    const cookies = new Map<string, string>();
    return { at: ({ url }) => visitorAt(appUrl, { address: url, cookies }) };
  }
  async function signedIn() {
    const ann = browser();
    const form = { email: "ann@acme.test", password: password("ann") };
    expect((await ann.at(near).post("/sign-in", form)).status).toBe(303);
    return ann;
  }
  const stream = (server: Served, person: Visitor, query: string): Promise<EventStream> => {
    const cookie = [...person.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    return openEventStream(`${server.url}/live?organization=acme${query}`, { ...host, Cookie: cookie });
  };
  const composer = async (server: Served) => {
    const headers = { ...host, Authorization: `Bearer ${token}` };
    return (await fetch(`${server.url}/acme/packages.json`, { headers })).status;
  };

  test("who signs in at one is known to the other, and signed out at the other is out at both", async () => {
    const ann = await signedIn();
    expect((await ann.at(far).get("/organizations/acme")).status).toBe(200);
    const kept = new Map(ann.at(near).cookies);
    expect((await ann.at(far).post("/sign-out")).headers.get("location")).toBe("/sign-in");
    const again = ann.at(near);
    for (const [name, value] of kept) again.cookies.set(name, value);
    expect((await again.get("/organizations/acme")).headers.get("location")).toStartWith("/sign-in");
  });

  test("a page at one sees what Composer asks the other, and what a command does", async () => {
    const ann = await signedIn();
    const events = await stream(near, ann.at(near), "&requests=1");
    expect(events.status).toBe(200);
    await until(async () => {
      expect(await composer(far)).toBe(200);
      await Bun.sleep(200);
      return events.events.some(({ event }) => event === "request");
    });
    expect(await events.next("request")).toMatchObject({ path: "/acme/packages.json", tokenName: "ci" });
    await operator.must("org", "vendor", "add", "acme", "acme");
    await events.next("activity");
    events.close();
  });

  test("without Redis Composer is served by both, and nobody is signed out", async () => {
    const ann = await signedIn();
    await redis.kill();
    for (const server of [near, far]) {
      const answer = await ann.at(server).get("/organizations/acme");
      expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"]);
      expect(await composer(server)).toBe(200);
    }
    await redis.start();
    await until(async () => (await ann.at(far).get("/organizations/acme")).status === 200);
    await until(async () => (await ann.at(near).get("/organizations/acme")).status === 200);
    for (const server of [near, far]) {
      expect(server.events()).toContain("redis.away");
      expect(server.printed()).not.toContain(new URL(redis.url).password);
    }
  }, 60_000);
});
