import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { RedisClient } from "bun";
import { openRedis, type RedisConnection } from "../../src/redis/connection.ts";
import { createDatabaseSessions } from "../../src/sessions/database.ts";
import { createRedisSessions } from "../../src/sessions/redis.ts";
import { mostSessions, type NewSession, type Sessions } from "../../src/sessions/sessions.ts";
import { addActivity } from "../../src/store/organizations/activity.ts";
import { migrate, openDatabase, type Database, type Db } from "../../src/store/engine/database.ts";
import { removeSessions } from "../../src/store/accounts/sessions.ts";
import { addUser, findUserById, markDeleted, type User } from "../../src/store/accounts/users.ts";
import { isMissing, makeDatabase, type TestDatabase } from "../tools/servers/databases.ts";
import { failureOf } from "../tools/failure.ts";
import { keepEveryWrite, startRedis, stopServers, type Server } from "../tools/servers/services.ts";
import { until } from "../tools/until.ts";

const now = Date.parse("2026-03-01T09:00:00Z");
const isWithoutRedis = isMissing("redis-server");
const log = { info() {}, warn() {} };

let place: TestDatabase;
let db: Database;
let ann: User;
let ben: User;
let server: Server;
let redis: RedisConnection;

beforeAll(async () => {
  if (!isWithoutRedis) server = await startRedis();
});
afterAll(stopServers);

beforeEach(async () => {
  place = await makeDatabase("sqlite");
  db = await openDatabase(place.address);
  await migrate(db);
  const person = { passwordHash: null, isAdmin: false, now };
  ann = await addUser(db, { ...person, email: "ann@acme.test", name: "Ann" });
  ben = await addUser(db, { ...person, email: "ben@acme.test", name: "Ben" });
  if (!isWithoutRedis) redis = openRedis({ url: server.url, use: "a test", log });
});
afterEach(async () => {
  await redis?.close();
  await db.close();
  await place.remove();
});

const ofBrowser = (hash: string): NewSession => ({
  hash,
  created_at: now,
  seen_at: now,
  expires_at: now + 60_000,
  confirmed_at: now,
  remembered: 0,
  address: "192.0.2.1",
  user_agent: "a browser",
});
const stored =
  (action: "session.started" | "session.ended") =>
  (open: Db): Promise<void> =>
    addActivity(open, { organizationId: null, actor: "cli", action, subject: "ann", now });
const start = (sessions: Sessions, user: User, hash: string, change: Partial<NewSession> = {}) =>
  sessions.add(user, { ...ofBrowser(hash), ...change }, stored("session.started"));
const actions = async () => {
  const rows = await db.read.selectFrom("activity").select("action").orderBy("id").execute();
  return rows.map(({ action }) => action);
};

const inRedis = (prefix: string) => createRedisSessions({ redis, db, prefix: `${prefix}:`, now: () => now });

for (const { name, isRedis } of [
  { name: "sessions in the database", isRedis: false },
  { name: "sessions in Redis", isRedis: true },
])
  describe.skipIf(isRedis && isWithoutRedis)(name, () => {
    const open = () => (isRedis ? inRedis(crypto.randomUUID()) : createDatabaseSessions(db));

    test("are found by their hash, with whose they are, and by no other", async () => {
      const sessions = open();
      const session = await start(sessions, ann, "first", { remembered: 1 });
      await start(sessions, ben, "second");
      const found = await sessions.find("first");
      expect(found?.session).toMatchObject({ ...session, remembered: 1 });
      expect(found?.user.id).toBe(ann.id);
      expect(await sessions.find("third")).toBeNull();
      expect(await actions()).toEqual(["session.started", "session.started"]);
    });

    test("FA13: a person has fifty at most, and the one that was unused for longest makes room", async () => {
      const sessions = open();
      for (let at = 0; at < mostSessions; at++)
        await start(sessions, ann, `s${at}`, { seen_at: now + ((at * 7) % mostSessions) });
      await start(sessions, ben, "of ben", { seen_at: now - 1000 });
      await start(sessions, ann, "one more", { seen_at: now + 1000 });
      const kept = await sessions.list(ann);
      expect(kept.map(({ hash }) => hash)).toContain("one more");
      expect([kept.length, await sessions.find("s0")]).toEqual([50, null]);
      expect((await sessions.find("of ben"))?.user.id).toBe(ben.id);
      for (let at = 0; at < 30; at++) await start(sessions, ann, `later ${at}`, { seen_at: now + 2000 + at });
      expect((await sessions.list(ann)).length).toBe(50);
    });

    test("are listed for each person, the newest first", async () => {
      const sessions = open();
      await start(sessions, ann, "older", { seen_at: now - 1000 });
      const newer = await start(sessions, ann, "newer");
      await start(sessions, ben, "other");
      expect((await sessions.list(ann)).map(({ hash }) => hash)).toEqual(["newer", "older"]);
      const lookups = [
        { id: newer.id, userId: ann.id },
        { id: "nothing", userId: ben.id },
      ];
      expect((await sessions.listAmong(lookups)).map(({ id }) => id)).toEqual([newer.id]);
      expect(await sessions.listAmong([])).toEqual([]);
    });

    test("keep what is learnt of them, and go on under another hash", async () => {
      const sessions = open();
      const session = await start(sessions, ann, "first");
      await sessions.update(session, { seen_at: now + 5, address: "192.0.2.2" });
      await sessions.update(session, { hash: "second", confirmed_at: now + 7 });
      expect(await sessions.find("first")).toBeNull();
      const known = { id: session.id, seen_at: now + 5, confirmed_at: now + 7, address: "192.0.2.2" };
      expect((await sessions.find("second"))?.session).toMatchObject(known);
      expect(await sessions.list(ann)).toMatchObject([known]);
      await sessions.remove(ann.id, session.id, stored("session.ended"));
      expect(await sessions.find("second")).toBeNull();
    });

    test("end one by one, by whose they are, and are told of once", async () => {
      const sessions = open();
      const session = await start(sessions, ann, "first");
      await start(sessions, ann, "second");
      await sessions.remove(ben.id, session.id, stored("session.ended"));
      expect(await sessions.find("first")).not.toBeNull();
      await sessions.remove(ann.id, session.id, stored("session.ended"));
      await sessions.remove(ann.id, session.id, stored("session.ended"));
      expect(await sessions.find("first")).toBeNull();
      expect((await sessions.list(ann)).map(({ hash }) => hash)).toEqual(["second"]);
      expect((await actions()).filter((action) => action === "session.ended")).toHaveLength(1);
    });

    test("that have ended are not brought back by what was still being written", async () => {
      const sessions = open();
      const session = await start(sessions, ann, "first");
      await sessions.remove(ann.id, session.id, stored("session.ended"));
      await sessions.update(session, { seen_at: now + 1 });
      await sessions.update(session, { hash: "second" });
      expect([await sessions.find("first"), await sessions.find("second")]).toEqual([null, null]);
      expect(await sessions.list(ann)).toEqual([]);
    });

    test("all end with the commit that says so, but for the one that is kept", async () => {
      const sessions = open();
      const kept = await start(sessions, ann, "kept");
      const other = await start(sessions, ann, "other");
      await start(sessions, ben, "of ben");
      const generation = await db.transaction((inside) => removeSessions(inside, ann.id, kept.id));
      expect(await sessions.find("other")).toBeNull();
      await sessions.keepOne(kept, generation, { hash: "renewed" });
      const now = (await findUserById(db, ann.id)) ?? ann;
      expect((await sessions.list(now)).map(({ hash }) => hash)).toEqual(["renewed"]);
      const lookups = [kept, other].map(({ id }) => ({ id, userId: ann.id }));
      expect((await sessions.listAmong(lookups)).map(({ id }) => id)).toEqual([kept.id]);
      expect((await sessions.find("renewed"))?.user.id).toBe(ann.id);
      expect(await sessions.find("of ben")).not.toBeNull();
      await start(sessions, now, "new");
      await db.transaction((inside) => removeSessions(inside, ann.id, null));
      expect([await sessions.find("renewed"), await sessions.find("new")]).toEqual([null, null]);
    });

    test("of a transaction that was rolled back have not ended", async () => {
      const sessions = open();
      await start(sessions, ann, "first");
      await db
        .transaction(async (inside) => {
          await removeSessions(inside, ann.id, null);
          throw new Error("something else went wrong");
        })
        .catch(() => {});
      expect(await sessions.find("first")).not.toBeNull();
    });
  });

describe.skipIf(isWithoutRedis)("Redis", () => {
  test("opens nothing for somebody who is deleted", async () => {
    const sessions = inRedis(crypto.randomUUID());
    const session = await start(sessions, ann, "first");
    await markDeleted(db, ann.id, now);
    expect(await sessions.find("first")).toBeNull();
    expect(await sessions.listAmong([{ id: session.id, userId: ann.id }])).toEqual([]);
  });

  test("opens nothing for a session that began before a password was changed and is written after it", async () => {
    const sessions = inRedis(crypto.randomUUID());
    await db.transaction((inside) => removeSessions(inside, ann.id, null));
    await start(sessions, ann, "late");
    expect(await sessions.find("late")).toBeNull();
  });

  test("forgets a session when its time is over, and the person's list with the last of them", async () => {
    const prefix = crypto.randomUUID();
    const sessions = inRedis(prefix);
    await start(sessions, ann, "long", { expires_at: now + 600 });
    await start(sessions, ann, "short", { expires_at: now + 100 });
    const client = new RedisClient(server.url);
    const keys = async () => (await client.keys(`${prefix}:*`)).length;
    expect(await keys()).toBe(3);
    await until(async () => (await keys()) === 2);
    expect((await sessions.list(ann)).map(({ hash }) => hash)).toEqual(["long"]);
    await until(async () => (await keys()) === 0);
    client.close();
  });

  test("keeps a list of what is there, however often somebody signs in", async () => {
    const prefix = crypto.randomUUID();
    const sessions = inRedis(prefix);
    const client = new RedisClient(server.url);
    await start(sessions, ann, "long");
    for (let time = 0; time < 50; time++) await start(sessions, ann, `${time}`, { expires_at: now + 1 });
    await until(async () => (await client.keys(`${prefix}:session:*`)).length === 1);
    await start(sessions, ann, "last");
    expect(await client.hlen(`${prefix}:sessions:${ann.id}`)).toBeLessThanOrEqual(20);
    expect((await sessions.list(ann)).map(({ hash }) => hash).toSorted()).toEqual(["last", "long"]);
    client.close();
  });

  test("that is emptied has nobody signed in", async () => {
    const sessions = inRedis(crypto.randomUUID());
    const session = await start(sessions, ann, "first");
    const client = new RedisClient(server.url);
    await client.send("FLUSHALL", []);
    client.close();
    expect(await sessions.find("first")).toBeNull();
    expect(await sessions.list(ann)).toEqual([]);
    await sessions.keepOne(session, "later", { hash: "second" });
    expect(await sessions.find("second")).toBeNull();
  });

  test("that is away is said to be, and sessions are there when it is back", async () => {
    const sessions = inRedis(crypto.randomUUID());
    await keepEveryWrite(server);
    const session = await start(sessions, ann, "first");
    await server.kill();
    const acts = [
      () => sessions.find("first"),
      () => sessions.list(ann),
      () => sessions.listAmong([{ id: session.id, userId: ann.id }]),
      () => sessions.update(session, { seen_at: now }),
      () => sessions.remove(ann.id, session.id, stored("session.ended")),
      () => start(sessions, ann, "second"),
    ];
    for (const act of acts) {
      const failure = await failureOf(act());
      expect([failure.kind, failure.code, failure.retryAfterSeconds]).toEqual([
        "unavailable",
        "sessions_away",
        5,
      ]);
      expect(failure.message).toContain("Nobody was signed out");
    }
    const changed = await failureOf(sessions.keepOne(session, "later", {}));
    expect(changed.message).toBe("Your change is saved, and all your sessions have ended. Sign in again.");
    expect(await actions()).toEqual(["session.started"]);
    await server.start();
    await until(() => redis.problem() === null);
    expect((await sessions.find("first"))?.session.id).toBe(session.id);
  }, 60_000);
});
