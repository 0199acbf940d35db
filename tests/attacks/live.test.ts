// Streams of events, and who may listen to them.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { endSession } from "../../src/registry/accounts/sessions.ts";
import { getOrganization } from "../../src/store/organizations/organizations.ts";
import { listen } from "../pages/listener.ts";
import { makePerson, signedIn, visitor } from "../pages/visitor.ts";
import type { TestApp } from "../worlds/process.ts";
import { until } from "../tools/until.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  await world.organization("acme");
  await world.organization("other");
  await makePerson(world, "ann");
});
afterAll(() => world?.close());

test("T13: nobody receives events of an organization that is not theirs, as if it did not exist", async () => {
  const ann = await signedIn(world, "ann", { roles: { acme: "member" } });
  const ben = await signedIn(world, "ben");
  const foreign = await listen(world, ben);
  const none = await listen(world, ben, { query: "organization=nowhere" });
  expect([foreign.status, none.status]).toEqual([404, 404]);
  await Promise.all([foreign.ended, none.ended]);
  expect(foreign.text()).toBe(none.text());
  expect(world.log.some((line) => line.includes('"sse.denied"'))).toBe(true);
  expect((await listen(world, visitor(world))).status).not.toBe(200);
  const own = await listen(world, ann);
  expect(own.status).toBe(200);
  own.close();
});

test("T13: a stream ends within five seconds of signing out, of the session's end and of leaving", async () => {
  const [ann, ben, zoe, eve] = await Promise.all(
    ["ann", "ben", "zoe", "eve"].map((name) => signedIn(world, name, { roles: { acme: "member" } })),
  );
  if (!ann || !ben || !zoe || !eve) throw new Error("nobody is there");
  const streams = await Promise.all([ann, ben, zoe, eve].map((person) => listen(world, person)));
  expect(streams.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  await ann.post("/sign-out");
  for (const session of await world.app.sessions.list(ben.user))
    await endSession(world.app, { user: ben.user, session });
  const { id } = await getOrganization(world.app.db, "acme");
  await world.app.db.write
    .deleteFrom("members")
    .where("organization_id", "=", id)
    .where("user_id", "=", zoe.user.id)
    .execute();
  const ended = () => streams.slice(0, 3).every((stream) => !stream.isOpen());
  await until(ended, { what: "three of the four streams end", withinMs: 5000 });
  expect(streams.map((stream) => stream.isOpen())).toEqual([false, false, false, true]);
  streams[3]?.close();
});

test("H8: a stream in which nothing happens says every five seconds that it is there", async () => {
  const ann = await signedIn(world, "ann", { roles: { acme: "member" } });
  const live = await listen(world, ann);
  const signs = () => live.text().match(/: still here/g)?.length ?? 0;
  await until(() => signs() >= 2, { what: "the stream says twice that it is there", withinMs: 13_000 });
  expect(live.isOpen()).toBe(true);
  expect(signs()).toBeGreaterThanOrEqual(2);
  live.close();
}, 30_000);
