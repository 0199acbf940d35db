// R10: a git server that asks for a pause gets it, as long as it does not ask for too much; others are not affected.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { handlersOf } from "../../src/registry/handlers.ts";
import { addRepository } from "../../src/registry/repositories/repositories.ts";
import { runSync } from "../../src/registry/syncs/sync.ts";
import { findRepositoryById, type Repository } from "../../src/store/repositories/repositories.ts";
import type { Organization } from "../../src/store/organizations/organizations.ts";
import { startEvilServer, type EvilServer } from "../git/evil-server.ts";
import type { TestApp } from "../worlds/process.ts";
import { openWorld } from "../worlds/world.ts";

const minute = 60_000;
const hour = 60 * minute;
let world: TestApp;
let acme: Organization;
const servers: EvilServer[] = [];

beforeAll(async () => {
  world = await openWorld({
    in: "process",
    environment: { OUTBOUND_ALLOW: "127.0.0.1", SYNC_INTERVAL: "15m" },
  });
  acme = await world.organization("acme");
});
afterAll(async () => {
  for (const server of servers) server.stop();
  await world.close();
});

const cases: [asks: string, status: number, headers: Record<string, string>, from: number, to: number][] = [
  ["seconds", 429, { "retry-after": "1800" }, 30 * minute, 30 * minute],
  ["seconds with a 403", 403, { "retry-after": "1800" }, 30 * minute, 30 * minute],
  ["seconds with a 503", 503, { "retry-after": "1800" }, 30 * minute, 30 * minute],
  [
    "a date",
    429,
    { date: "Sun, 01 Mar 2026 09:00:00 GMT", "retry-after": "Sun, 01 Mar 2026 11:00:00 GMT" },
    2 * hour,
    2 * hour,
  ],
  [
    "a time of its own header",
    403,
    {
      date: "Sun, 01 Mar 2026 09:00:00 GMT",
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": "1772359200",
    },
    hour,
    hour,
  ],
  ["thirty years", 429, { "retry-after": "1000000000" }, 6 * hour, 6 * hour],
  ["less than nothing", 429, { "retry-after": "-5" }, 0, 2 * minute],
  ["a time that has passed", 429, { "retry-after": "Sun, 01 Mar 2020 09:00:00 GMT" }, 0, 2 * minute],
  ["something else", 429, { "retry-after": "soon" }, 0, 2 * minute],
  ["nothing", 429, {}, 0, 2 * minute],
];

for (const [asks, status, headers, from, to] of cases)
  test(`R10: a git server that asks for ${asks} is polled again ${from / minute} to ${to / minute} minutes later`, async () => {
    const server = await serve({ status, headers });
    const repository = await mirrored(server);
    await sync(repository);
    const row = await rowOf(repository);
    const wait = row.next_poll_at - world.app.now();
    expect([wait >= from, wait <= to]).toEqual([true, true]);
    if (status !== 503)
      expect(row.error).toMatch(/asks for a pause. The next poll is at 2026-03-01 \d\d:\d\d UTC/);
  });

test("R10: a git server that asked for a pause is not polled meanwhile, not for other repositories either, and others are", async () => {
  const [busy, other] = [await serve({ status: 429, headers: { "retry-after": "7200" } }), await serve({})];
  const first = await mirrored(busy);
  const second = await mirrored(busy, "/acme/shop.git");
  const elsewhere = await mirrored(other);
  await sync(first);
  expect(busy.requests).toHaveLength(1);
  world.tick(hour);
  expect(await polled()).toContain(elsewhere.id);
  expect(await polled()).not.toContain(first.id);
  expect(await polled()).not.toContain(second.id);
  // The control: when it is over, both are polled.
  world.tick(hour + minute);
  const due = await polled();
  expect([due.includes(first.id), due.includes(second.id)]).toEqual([true, true]);
  expect(busy.requests).toHaveLength(1);
});

async function serve(advertise: Parameters<typeof startEvilServer>[0]["advertise"]): Promise<EvilServer> {
  const server = await startEvilServer({ advertise });
  servers.push(server);
  return server;
}

async function mirrored({ url }: EvilServer, path = "/acme/blog.git"): Promise<Repository> {
  const request = {
    url: new URL(path, url).href,
    name: crypto.randomUUID(),
    provider: null,
    credential: null,
    allowLocal: false,
    actor: "cli",
  };
  return (await addRepository(world.app, acme, request)).repository;
}

async function sync({ id }: Repository): Promise<void> {
  await runSync(world.app, { repositoryId: id, reason: "poll" }, new AbortController().signal);
}

async function rowOf({ id }: Repository): Promise<Repository> {
  const row = await findRepositoryById(world.app.db, id);
  if (!row) throw new Error("the repository is gone");
  return row;
}

/** Which repositories the timetable asks for now, all in all. */
async function polled(): Promise<string[]> {
  const running = { id: "x", attempt: 1, signal: new AbortController().signal };
  await handlersOf(world.app)["poll-repositories"]({}, running);
  const jobs = await world.app.db.read.selectFrom("jobs").select("payload").execute();
  return jobs.map(({ payload }) => (JSON.parse(payload) as { repositoryId: string }).repositoryId);
}
