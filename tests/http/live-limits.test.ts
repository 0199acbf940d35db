// The limits of streams of events, lower than they usually are.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createLive } from "../../src/http/live.ts";
import { startSession, type Viewer } from "../../src/registry/people/sessions.ts";
import type { Organization } from "../../src/store/organizations.ts";
import { setMember } from "../../src/store/members.ts";
import { makePerson } from "../pages/visitor.ts";
import { makeApp, type TestApp } from "../tools/app.ts";

let world: TestApp;
let acme: Organization;
let viewer: Viewer;

beforeAll(async () => {
  world = await makeApp();
  acme = await world.organization("acme");
  const user = await makePerson(world, "ann");
  const { app } = world;
  await setMember(app.db, acme.id, { userId: user.id, role: "member", now: app.now() });
  const browser = { address: "127.0.0.1", userAgent: "a test" };
  const { session } = await startSession(app, { user, browser, isRemembered: false });
  viewer = { user, session };
});
afterAll(() => world?.close());

const asked = () => ({
  viewer,
  organizations: new Map([["acme", acme.id]]),
  isAgain: false,
  withRequests: false,
  withJobs: false,
});

test("all streams together have a limit, which says that the page is right without them", () => {
  const live = createLive(world.app, { streamsInAll: 2 });
  live.open(asked());
  live.open(asked());
  expect(() => live.open(asked())).toThrow("The page is right without them");
  live.close();
  live.open(asked());
  live.close();
});

test("a stream ends after its longest time", async () => {
  const live = createLive(world.app, { beatMs: 10, longestMs: 50 });
  expect(await live.open(asked()).text()).toContain(": still here");
  const lasting = createLive(world.app, { beatMs: 10 });
  const reader = lasting.open(asked()).body?.getReader();
  await Bun.sleep(100);
  expect((await reader?.read())?.done).toBe(false);
  lasting.close();
});

test("a reader that takes nothing is let go, and its events are not kept", async () => {
  const live = createLive(world.app, { unreadBytes: 200 });
  const answer = live.open(asked());
  for (let number = 0; number < 100; number++)
    world.app.events.publish({ organizationId: acme.id, kind: "activity", id: `entry ${number}` });
  const text = await answer.text();
  expect(text).toContain("entry 0");
  expect(text).not.toContain("entry 99");
});
