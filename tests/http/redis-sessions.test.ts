// Who is signed in stands in Redis, and Redis goes away, comes back and is emptied.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { RedisClient } from "bun";
import { resetPassword } from "../../src/registry/accounts/users.ts";
import { makePerson, password, visitor, type Visitor } from "../pages/visitor.ts";
import type { TestApp } from "../worlds/process.ts";
import { isMissing } from "../tools/servers/databases.ts";
import { keepEveryWrite, startRedis, stopServers, type Server } from "../tools/servers/services.ts";
import { until } from "../tools/until.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
let redis: Server;
let token: string;

describe.skipIf(isMissing("redis-server"))("with SESSION_DRIVER=redis", () => {
  beforeAll(async () => {
    redis = await startRedis();
    world = await openWorld({
      in: "process",
      environment: { SESSION_DRIVER: "redis", REDIS_URL: redis.url },
    });
    const acme = await world.organization("acme");
    token = await world.token(acme);
    for (const name of ["ann", "ben", "zoe"]) await makePerson(world, name);
    await makePerson(world, "ida", { isAdmin: true });
  });
  afterAll(async () => {
    await world?.close();
    await stopServers();
  });

  const isIn = async (person: Visitor) => (await person.get("/account")).status === 200;
  const isBack = () => until(() => world.app.redis?.problem() === null);

  async function signIn(name: string, text = password(name)): Promise<Visitor> {
    const person = visitor(world);
    const answer = await person.post("/sign-in", { email: `${name}@acme.test`, password: text });
    expect(answer.status).toBe(303);
    return person;
  }

  async function keys(): Promise<string> {
    const client = new RedisClient(redis.url);
    const names = await client.keys("*");
    client.close();
    return names.join(" ");
  }

  test("somebody signs in, sees the other browser, ends it, and signs out", async () => {
    const [ann, other] = [await signIn("ann"), await signIn("ann")];
    const page = await ann.read("/account/sessions");
    const ids = [...page.matchAll(/\/account\/sessions\/([0-9a-f-]{36})\/end/g)].map((match) => match[1]);
    expect(ids).toHaveLength(1);
    await ann.post("/account/sessions/end-others");
    expect([await isIn(ann), await isIn(other)]).toEqual([true, false]);
    const secret = ann.cookies.get("pricore") ?? "";
    await ann.post("/sign-out");
    ann.cookies.set("pricore", secret);
    expect(await isIn(ann)).toBe(false);
    expect(await world.app.db.read.selectFrom("sessions").selectAll().execute()).toEqual([]);
  });

  test("no secret of a cookie stands in Redis", async () => {
    const ann = await signIn("ann");
    const names = await keys();
    expect(names).toContain(":session:");
    const client = new RedisClient(redis.url);
    const values = await Promise.all(names.split(" ").map((name) => client.hgetall(name)));
    client.close();
    for (const secret of ann.cookies.values()) expect(names + JSON.stringify(values)).not.toContain(secret);
  });

  test("a changed password ends every other session with the next request, and this one goes on", async () => {
    const [ben, other] = [await signIn("ben"), await signIn("ben")];
    const form = { current: password("ben"), password: "another long password" };
    expect((await ben.post("/account/password", form)).status).toBe(303);
    expect([await isIn(ben), await isIn(other)]).toEqual([true, false]);
    await signIn("ben", form.password);
  });

  test("without Redis pages say when to come again, Composer is served, and nobody is signed out", async () => {
    await keepEveryWrite(redis);
    const [ann, ida] = [await signIn("ann"), await signIn("ida")];
    const cookie = ann.cookies.get("pricore");
    const verbose = async () => (await (await ida.get("/health?verbose")).json()) as object;
    expect(await verbose()).toEqual({ status: "ok", problems: [], redis: "ok" });
    await redis.kill();
    for (const path of ["/account", "/organizations/acme", "/live?organization=acme"]) {
      const answer = await ann.get(path);
      expect([path, answer.status, answer.headers.get("retry-after")]).toEqual([path, 503, "5"]);
      expect(await answer.text()).toContain("Nobody was signed out");
    }
    expect((await ann.post("/sign-out")).status).toBe(503);
    expect(ann.cookies.get("pricore")).toBe(cookie ?? "none");
    const form = { email: "zoe@acme.test", password: password("zoe") };
    expect((await visitor(world).post("/sign-in", form)).status).toBe(503);
    expect((await visitor(world).get("/sign-in")).status).toBe(200);
    expect((await world.get("/acme/packages.json", token)).status).toBe(200);
    expect((await world.get("/health", null)).status).toBe(200);
    await redis.start();
    await isBack();
    expect(await isIn(ann)).toBe(true);
    expect(world.log.some((line) => line.includes('"redis.away"'))).toBe(true);
    expect(world.log.join("\n")).not.toContain(new URL(redis.url).password);
  }, 60_000);

  test("a password that an operator resets while Redis is away ends the sessions all the same", async () => {
    await keepEveryWrite(redis);
    const zoe = await signIn("zoe");
    await redis.kill();
    const reset = { email: "zoe@acme.test", password: "another long password", actor: "cli" };
    await resetPassword(world.app, reset);
    await redis.start();
    await isBack();
    expect(await keys()).toContain(":session:");
    expect(await isIn(zoe)).toBe(false);
    expect(zoe.cookies.has("pricore")).toBe(true);
  }, 60_000);

  test("what is asked for again is remembered under a new secret", async () => {
    const ann = await signIn("ann");
    const before = ann.cookies.get("pricore") ?? "";
    world.tick(11 * 60_000);
    expect((await ann.get("/account/security/passkeys/new")).headers.get("location")).toStartWith("/confirm");
    expect((await ann.post("/confirm", { password: password("ann") })).status).toBe(303);
    expect((await ann.get("/account/security/passkeys/new")).status).toBe(200);
    const planted = visitor(world);
    planted.cookies.set("pricore", before);
    expect(await isIn(planted)).toBe(false);
  });

  test("a Redis that is full lets in who is signed in, and nobody new", async () => {
    const ann = await signIn("ann");
    const client = new RedisClient(redis.url);
    await client.send("CONFIG", ["SET", "maxmemory", "1"]);
    world.tick(2 * 60_000);
    expect(await isIn(ann)).toBe(true);
    expect(world.log.some((line) => line.includes('"session.use_not_written"'))).toBe(true);
    const form = { email: "ann@acme.test", password: password("ann") };
    expect((await visitor(world).post("/sign-in", form)).status).toBe(503);
    await client.send("CONFIG", ["SET", "maxmemory", "0"]);
    client.close();
    await signIn("ann");
  });

  test("a Redis that is emptied means signing in again, and no more", async () => {
    const ann = await signIn("ann");
    const client = new RedisClient(redis.url);
    await client.send("FLUSHALL", []);
    client.close();
    expect((await ann.get("/account")).headers.get("location")).toBe("/sign-in?next=%2Faccount");
    expect(await isIn(await signIn("ann"))).toBe(true);
  });
});
