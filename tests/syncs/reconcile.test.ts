// What must happen is in the database: a queue that lost its jobs, or never got them, is given them again.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { createDatabaseQueue } from "../../src/jobs/database.ts";
import type { JobHandlers, JobName } from "../../src/jobs/queue.ts";
import { handlersOf } from "../../src/registry/handlers.ts";
import { timetableOf } from "../../src/registry/jobs/timetable.ts";
import { resumeSyncs } from "../../src/registry/syncs/reconcile.ts";
import { addRepository } from "../../src/registry/repositories/repositories.ts";
import { requestSync } from "../../src/registry/sync-requests.ts";
import { runSync } from "../../src/registry/syncs/sync.ts";
import { openDatabase } from "../../src/store/engine/database.ts";
import type { Organization } from "../../src/store/organizations/organizations.ts";
import { findRepositoryById, updateRepository } from "../../src/store/repositories/repositories.ts";
import { startEvilServer } from "../git/evil-server.ts";
import type { Mirrored, TestApp } from "../worlds/process.ts";
import { until } from "../tools/until.ts";
import { openWorld } from "../worlds/world.ts";

const second = 1000;
const minute = 60 * second;
let world: TestApp;
let acme: Organization;

beforeEach(async () => {
  world = await openWorld({ in: "process", environment: { OUTBOUND_ALLOW: "127.0.0.1" } });
  acme = await world.organization("acme");
});
afterEach(() => world.close());

async function blog(): Promise<Mirrored> {
  await flushQueue();
  const name = `blog-${crypto.randomUUID().slice(0, 8)}`;
  return world.mirror(acme, name, [{ manifest: { name: `acme/${name}` }, tags: ["1.0.0"] }]);
}

/** A sync of a server that says nothing more until it is cut off. */
async function slowSync(name: string) {
  await flushQueue();
  const server = await startEvilServer({ advertise: { end: "silent" } });
  const request = {
    url: server.url,
    name,
    provider: null,
    credential: null,
    allowLocal: false,
    actor: "cli",
  };
  const { id } = (await addRepository(world.app, acme, request)).repository;
  const ended = runSync(world.app, { repositoryId: id, reason: "asked" }, new AbortController().signal);
  const row = async () => {
    const found = await findRepositoryById(world.app.db, id);
    if (!found) throw new Error("the repository is gone");
    return found;
  };
  await until(() => server.requests.length > 0);
  return { row, ended, cutOff: () => server.stop() };
}

/** As FLUSHALL does. */
async function flushQueue(): Promise<void> {
  await world.app.db.write.deleteFrom("jobs").execute();
}

async function queued(): Promise<string[]> {
  const jobs = world.app.db.read.selectFrom("jobs").select("payload").where("state", "=", "waiting");
  return (await jobs.execute()).map(({ payload }) => (JSON.parse(payload) as { reason: string }).reason);
}

function run(name: JobName, app = world.app) {
  const running = { id: "x", attempt: 1, signal: new AbortController().signal };
  return handlersOf(app)[name]({} as never, running);
}

test("the timetable looks for what is not queued every half a minute", () => {
  expect(timetableOf(world.app)).toContainEqual({ name: "reconcile", everyMs: 30 * second });
});

test("a sync whose job the queue has lost is queued again, and done", async () => {
  const { row } = await blog();
  await requestSync(world.app, await row(), { reason: "webhook" });
  await flushQueue();
  world.tick(61 * second);
  await run("reconcile");
  expect(await queued()).toEqual(["resumed"]);
  const jobs = createDatabaseQueue({ db: world.app.db, now: world.app.now });
  await jobs.start(handlersOf(world.app) satisfies JobHandlers, { concurrency: 1 });
  await until(async () => (await row()).state === "fresh");
  await jobs.drain(5000);
  world.tick(10 * minute);
  await run("reconcile");
  expect(await queued()).toEqual([]);
});

test("a sync that waits for its turn is not queued twice, however long it waits", async () => {
  const { row } = await blog();
  await requestSync(world.app, await row(), { reason: "webhook" });
  for (let looks = 0; looks < 3; looks++) {
    world.tick(2 * minute);
    await run("reconcile");
  }
  expect(await queued()).toEqual(["webhook"]);
});

test("a repository that nobody asked for is not queued", async () => {
  await blog();
  world.tick(60 * minute);
  await run("reconcile");
  await resumeSyncs(world.app);
  expect(await queued()).toEqual([]);
});

test("a sync that could not be queued fails for the user who asked, and is queued later", async () => {
  const { row } = await blog();
  const away = await openDatabase({ engine: "sqlite", path: `${world.folder}/away.sqlite` });
  const jobs = createDatabaseQueue({ db: away, now: world.app.now });
  await away.close();
  const requested = requestSync({ ...world.app, jobs }, await row(), { reason: "webhook" });
  expect(requested).rejects.toThrow();
  await requested.catch(() => {});
  expect(await queued()).toEqual([]);
  world.tick(61 * second);
  await run("reconcile");
  expect(await queued()).toEqual(["resumed"]);
});

test("a push during a sync is followed by another one, also when the queue loses it", async () => {
  const { row, ended, cutOff } = await slowSync("pushed");
  await requestSync(world.app, await row(), { reason: "webhook" });
  expect((await row()).state).toBe("syncing");
  await flushQueue();
  cutOff();
  await ended;
  expect((await row()).state).toBe("waiting");
  world.tick(61 * second);
  await run("reconcile");
  expect(await queued()).toEqual(["resumed"]);
}, 30_000);

test("a sync that ends without another push is over", async () => {
  const { row, ended, cutOff } = await slowSync("calm");
  cutOff();
  await ended;
  expect(await row()).toMatchObject({ state: "failed", sync_deadline: null });
}, 30_000);

test("a sync that sends heartbeats is left alone, and one that was cut off is queued again", async () => {
  const { row, ended, cutOff } = await slowSync("slow");
  const began = world.app.now();
  expect((await row()).sync_deadline).toBe(began + minute);
  world.tick(50 * second);
  await until(async () => (await row()).sync_deadline === began + 110 * second);
  world.tick(50 * second);
  await run("reconcile");
  expect(await queued()).toEqual([]);
  // Nothing is heard of it any more.
  world.tick(61 * second);
  await run("reconcile");
  expect(await queued()).toEqual(["resumed"]);
  cutOff();
  await ended;
}, 30_000);

test("a poll leaves a sync that runs alone", async () => {
  const { row } = await blog();
  const { id } = await row();
  await updateRepository(world.app.db, id, { next_poll_at: 0, state: "syncing" });
  await run("poll-repositories");
  expect(await queued()).toEqual([]);
  await updateRepository(world.app.db, id, { next_poll_at: 0, state: "fresh" });
  await run("poll-repositories");
  expect(await queued()).toEqual(["poll"]);
});

test("a sync expected in what is the future by now is queued again: the clock was set back", async () => {
  const { row } = await blog();
  await requestSync(world.app, await row(), { reason: "webhook" });
  await flushQueue();
  world.tick(-60 * minute);
  await run("reconcile");
  expect(await queued()).toEqual(["resumed"]);
  world.tick(60 * minute);
});

test("a start takes up at once what was asked for", async () => {
  const { row } = await blog();
  await requestSync(world.app, await row(), { reason: "webhook" });
  await flushQueue();
  await resumeSyncs(world.app);
  expect(await queued()).toEqual(["resumed"]);
});
