// The limits of streams of events, lower than they usually are.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createLive } from "../../src/http/live/streams.ts";
import { startSession, type Viewer } from "../../src/registry/accounts/sessions.ts";
import type { Organization } from "../../src/store/organizations/organizations.ts";
import { setMember } from "../../src/store/organizations/members.ts";
import { makePerson } from "../pages/visitor.ts";
import type { TestApp } from "../worlds/process.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
let acme: Organization;
let viewer: Viewer;

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  acme = await world.organization("acme");
  const user = await makePerson(world, "ann");
  const { app } = world;
  await setMember(app.db, acme.id, { userId: user.id, role: "member", now: app.now() });
  const browser = { address: "127.0.0.1", userAgent: "a test" };
  const { session } = await startSession(app, { user, browser, isRemembered: false });
  viewer = { user, session };
});
afterAll(() => world?.close());

const newRequest = () => ({
  viewer,
  address: "192.0.2.1",
  organizations: new Map([["acme", acme.id]]),
  isReconnect: false,
  withRequests: false,
  withJobs: false,
});

test("all streams together have a limit, which says that the page is right without them", () => {
  const live = createLive(world.app, { inAll: 2 });
  live.open(newRequest());
  live.open(newRequest());
  expect(() => live.open(newRequest())).toThrow("The page works without live updates");
  live.close();
  live.open(newRequest());
  live.close();
});

test("FA13: streams have a limit for a browser, a person and a network, and a place is given back", () => {
  const live = createLive(world.app, { ofSession: 2, ofPerson: 3, ofNetwork: 4 });
  const as = (sessionId: string, userId: string, address: string) => {
    const session = { ...viewer.session, id: sessionId };
    return () =>
      live.open({ ...newRequest(), viewer: { user: { ...viewer.user, id: userId }, session }, address });
  };
  const first = as("one", "ann", "2001:db8::1")();
  as("one", "ann", "2001:db8::2")();
  expect(as("one", "ann", "2001:db8::3")).toThrow("A browser can have 2");
  as("two", "ann", "2001:db8::4")();
  expect(as("three", "ann", "198.51.100.7")).toThrow("A user can have 3");
  as("four", "ben", "2001:db8:0:0:9::1")();
  expect(as("five", "zoe", "2001:db8::ffff:1")).toThrow("A network can have 4");
  as("five", "zoe", "2001:db8:0:1::1")();
  void first.body?.cancel();
  as("six", "eve", "2001:db8::5")();
  live.close();
});

test("a stream ends after its longest time", async () => {
  const live = createLive(world.app, { heartbeatMs: 10, maxMs: 50 });
  expect(await live.open(newRequest()).text()).toContain(": still here");
  const lasting = createLive(world.app, { heartbeatMs: 10 });
  const reader = lasting.open(newRequest()).body?.getReader();
  await Bun.sleep(100);
  expect((await reader?.read())?.done).toBe(false);
  lasting.close();
});

test("a reader that takes nothing is let go, and its events are not kept", async () => {
  const live = createLive(world.app, { maxUnreadBytes: 200 });
  const answer = live.open(newRequest());
  for (let number = 0; number < 100; number++)
    world.app.events.publish({ organizationId: acme.id, kind: "activity", id: `entry ${number}` });
  const text = await answer.text();
  expect(text).toContain("entry 0");
  expect(text).not.toContain("entry 99");
});
