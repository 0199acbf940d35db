import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { RedisClient } from "bun";
import type { Event, Events, Change } from "../../src/events/events.ts";
import { createInProcessEvents } from "../../src/events/in-process.ts";
import { createRedisEvents } from "../../src/events/redis.ts";
import { openRedis } from "../../src/redis/connection.ts";
import { isMissing } from "../tools/servers/databases.ts";
import { startRedis, stopServers, type Server } from "../tools/servers/services.ts";
import { until } from "../tools/until.ts";

const activity = (organizationId: string, id: string): Change => ({ organizationId, kind: "activity", id });
const install = (organizationId: string, id: string): Change => ({ organizationId, kind: "install", id });
const request = (organizationId: string): Event => ({
  organizationId,
  kind: "request",
  id: "1",
  request: { at: 0, method: "GET", path: "/acme/packages.json", status: 200, tokenName: "ci" },
});

type Opened = { events: Events; warned: string[]; starts(): number; looks(): number };

function openLocal(found: Change[][], everyMs: number): Opened {
  const warned: string[] = [];
  let starts = 0;
  let looks = 0;
  const events = createInProcessEvents({
    changes: {
      everyMs,
      begin() {
        starts += 1;
        return async () => {
          looks += 1;
          if (looks === 1 && found.length === 0) throw new Error("the database is away");
          return found.shift() ?? [];
        };
      },
    },
    log: { warn: (event) => void warned.push(event) },
  });
  return { events, warned, starts: () => starts, looks: () => looks };
}

let redis: Server;
const isWithoutRedis = isMissing("redis-server");
beforeAll(async () => {
  if (!isWithoutRedis) redis = await startRedis();
});
afterAll(stopServers);

function openOnRedis(found: Change[][], everyMs: number, prefix: string = crypto.randomUUID()): Opened {
  const local = openLocal(found, everyMs);
  const log = { debug() {}, info() {}, warn() {} };
  const at = { url: redis.url, use: "a test", log };
  const asking = openRedis(at);
  const made = createRedisEvents({
    local: local.events,
    redis: asking,
    listen: (whenReady) => openRedis({ ...at, whenReady }),
    prefix: `${prefix}:`,
    log,
  });
  const close = async () => {
    await made.close();
    await asking.close();
  };
  const events: Events = Object.defineProperties({} as Events, {
    ...Object.getOwnPropertyDescriptors(made),
    close: { value: close },
  });
  return { ...local, events };
}

for (const { name, make } of [
  { name: "events of one process", make: openLocal },
  { name: "events over Redis", make: openOnRedis },
])
  describe.skipIf(make === openOnRedis && isWithoutRedis)(name, () => {
    const open = (found: Change[][] = [], everyMs = 1) => make(found, everyMs);

    test("reach everybody who listens to that organization, in their order, and nobody else", async () => {
      const { events } = open();
      const received: string[] = [];
      events.subscribe("acme", ({ id }) => received.push(`ann ${id}`));
      events.subscribe("acme", ({ id }) => received.push(`ben ${id}`));
      events.subscribe("other", ({ id }) => received.push(`zoe ${id}`));
      for (const id of ["1", "2"]) events.publish(activity("acme", id));
      await Bun.sleep(50);
      expect(received).toEqual(["ann 1", "ben 1", "ann 2", "ben 2"]);
      await events.close();
    });

    test("no longer reach a subscriber that has left", async () => {
      const { events } = open();
      const received: string[] = [];
      const leave = events.subscribe("acme", ({ id }) => received.push(id));
      events.publish(activity("acme", "1"));
      leave();
      leave();
      events.publish(activity("acme", "2"));
      expect(received).toEqual(["1"]);
      await events.close();
    });

    test("tell what Composer asks only to those who asked for that", async () => {
      const { events } = open();
      const received: string[] = [];
      events.subscribe("acme", ({ kind }) => received.push(`page ${kind}`));
      expect(events.watchesRequests).toBe(false);
      const leave = events.subscribe("acme", ({ kind }) => received.push(`setup ${kind}`), {
        withRequests: true,
      });
      expect([events.watchesRequests, events.watchesRequestsOf("acme")]).toEqual([true, true]);
      expect(events.watchesRequestsOf("other")).toBe(false);
      events.publish(request("acme"));
      events.publish(request("other"));
      leave();
      await until(() => !events.watchesRequests && !events.watchesRequestsOf("acme"));
      expect(received).toEqual(["setup request"]);
      await events.close();
    });

    test("of other processes are looked for while somebody listens, and not before or after", async () => {
      const { events, starts, looks } = open([[activity("acme", "1")], [activity("other", "2")]]);
      await Bun.sleep(20);
      expect(starts()).toBe(0);
      const received: string[] = [];
      const leave = events.subscribe("acme", ({ id }) => received.push(id));
      while (looks() < 4) await Bun.sleep(1);
      leave();
      const before = looks();
      await Bun.sleep(30);
      expect([starts(), received, looks()]).toEqual([1, ["1"], before]);
      await events.close();
    });

    test("are looked for at once when something was committed here, whatever the pause between looks", async () => {
      const { events, looks } = open([[], [], []], 600_000);
      const leave = events.subscribe("acme", () => {});
      await until(() => looks() === 1);
      await Bun.sleep(300);
      const before = looks();
      for (let times = 0; times < 20; times++) events.pollNow();
      await until(() => looks() > before);
      await Bun.sleep(300);
      expect(looks()).toBe(before + 1);
      leave();
      events.pollNow();
      await Bun.sleep(300);
      expect(looks()).toBe(before + 1);
      await events.close();
    });

    test("come again after a look that failed", async () => {
      const { events, warned, looks } = open();
      const leave = events.subscribe("acme", () => {});
      while (looks() < 3) await Bun.sleep(1);
      leave();
      expect(warned).toEqual(["events.not_seen"]);
      await events.close();
    });
  });

describe.skipIf(isWithoutRedis)("two processes with a Redis", () => {
  function openTwo() {
    const prefix = crypto.randomUUID();
    const [near, far] = [openOnRedis([[]], 600_000, prefix), openOnRedis([[]], 600_000, prefix)];
    return { near, far, close: () => Promise.all([near.events.close(), far.events.close()]) };
  }

  test("receive installs and requests from each other, once, and of no other organization", async () => {
    const { near, far, close } = openTwo();
    const received: string[] = [];
    far.events.subscribe("acme", ({ kind }) => received.push(`page ${kind}`));
    far.events.subscribe("acme", ({ kind }) => received.push(`setup ${kind}`), { withRequests: true });
    await until(() => near.events.watchesRequests);
    expect([near.events.watchesRequestsOf("acme"), near.events.watchesRequestsOf("other")]).toEqual([
      true,
      false,
    ]);
    near.events.publish(request("acme"));
    near.events.publish(request("other"));
    near.events.publish(install("other", "1"));
    near.events.publish(install("acme", "1"));
    await until(() => received.length >= 3);
    await Bun.sleep(100);
    expect(received).toEqual(["setup request", "page install", "setup install"]);
    await close();
  });

  test("ask for no requests once the last page that wants them is closed, or its process", async () => {
    const { near, far, close } = openTwo();
    const leave = far.events.subscribe("acme", () => {}, { withRequests: true });
    await until(() => near.events.watchesRequests);
    leave();
    await until(() => !near.events.watchesRequests);
    far.events.subscribe("acme", () => {}, { withRequests: true });
    await until(() => near.events.watchesRequests);
    await far.events.close();
    await until(() => !near.events.watchesRequests);
    await close();
  });

  test("look at once when the other has committed something", async () => {
    const { near, far, close } = openTwo();
    far.events.subscribe("acme", () => {});
    // When it begins to hear it looks as well, for what it may have missed.
    await until(() => far.looks() === 2);
    near.events.pollNow();
    await until(() => far.looks() === 3);
    await close();
  });

  test("go on alone while Redis is away, and reach each other again when it is back", async () => {
    const { near, far, close } = openTwo();
    const received: string[] = [];
    far.events.subscribe("acme", ({ kind, id }) => received.push(`${kind} ${id}`), { withRequests: true });
    await until(() => near.events.watchesRequests);
    await redis.kill();
    near.events.publish(install("acme", "lost"));
    far.events.publish(install("acme", "own"));
    await until(() => !near.events.watchesRequests);
    expect(received).toEqual(["install own"]);
    expect(far.events.watchesRequests).toBe(true);
    const before = far.looks();
    await redis.start();
    await until(() => near.events.watchesRequests);
    await until(() => far.looks() > before);
    near.events.publish(install("acme", "again"));
    await until(() => received.includes("install again"));
    expect(received).toEqual(["install own", "install again"]);
    await close();
  }, 60_000);

  test("are not disturbed by what somebody else says in their channels", async () => {
    const prefix = crypto.randomUUID();
    const { events } = openOnRedis([[]], 600_000, prefix);
    const received: string[] = [];
    events.subscribe("acme", ({ id }) => received.push(id));
    const stranger = new RedisClient(redis.url);
    await until(async () => (await stranger.publish(`${prefix}:events:acme`, "noise")) > 0);
    for (const noise of ["null", "1", '{"from":"x"}']) await stranger.publish(`${prefix}:events:acme`, noise);
    await stranger.publish(
      `${prefix}:events:acme`,
      JSON.stringify({ from: "x", event: install("acme", "1") }),
    );
    await until(() => received.length > 0);
    expect(received).toEqual(["1"]);
    stranger.close();
    await events.close();
  });
});
