// A sync that somebody does not want: dropped while it waits, stopped while it runs, and asked for again at any time.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { addRepository } from "../../src/registry/repositories/repositories.ts";
import { cancelSync } from "../../src/registry/syncs/cancel.ts";
import { handlersOf } from "../../src/registry/handlers.ts";
import { requestSync } from "../../src/registry/sync-requests.ts";
import { runSync } from "../../src/registry/syncs/sync.ts";
import { listActivity } from "../../src/store/organizations/activity.ts";
import type { Organization } from "../../src/store/organizations/organizations.ts";
import {
  findRepositoryById,
  updateRepository,
  type Repository,
} from "../../src/store/repositories/repositories.ts";
import { listSyncs } from "../../src/store/syncs/syncs.ts";
import { advertisement, someCommit, startEvilServer, type Saying } from "../git/evil-server.ts";
import { signedIn } from "../pages/visitor.ts";
import type { Mirrored, TestApp } from "../worlds/process.ts";
import { until } from "../tools/until.ts";
import { openWorld } from "../worlds/world.ts";

const minute = 60_000;
let world: TestApp;
let acme: Organization;
let blog: Mirrored;

beforeEach(async () => {
  world = await openWorld({
    in: "process",
    environment: { OUTBOUND_ALLOW: "127.0.0.1", SYNC_INTERVAL: "15m" },
  });
  acme = await world.organization("acme");
  blog = await world.mirror(acme, "blog", [{ manifest: { name: "acme/blog" }, tags: ["1.0.0"] }]);
  await blog.sync();
});
afterEach(() => world.close());

async function work(id: string, signal = new AbortController().signal): Promise<void> {
  await runSync(world.app, { repositoryId: id, reason: "asked" }, signal);
}

const countOf = async (id: string) => (await listSyncs(world.app.db, id)).length;

/** Its server answers, and then says nothing more. */
async function slow(advertise: Saying): Promise<{ row: () => Promise<Repository>; stop: () => void }> {
  const server = await startEvilServer({ advertise, upload: { end: "silent" } });
  const request = { name: "slow", provider: null, credential: null, allowLocal: false, actor: "cli" };
  const { id } = (await addRepository(world.app, acme, { ...request, url: server.url })).repository;
  const row = async () => {
    const found = await findRepositoryById(world.app.db, id);
    if (!found) throw new Error("the repository is gone");
    return found;
  };
  return { row, stop: () => server.stop() };
}

describe("a sync that waits", () => {
  test("is dropped: the job that comes for it does nothing", async () => {
    const { id } = await blog.row();
    await requestSync(world.app, await blog.row(), { reason: "asked" });
    await cancelSync(world.app, await blog.row(), "cli");
    expect(await blog.row()).toMatchObject({ state: "fresh", sync_deadline: null });
    const before = await countOf(id);
    await work(id);
    expect(await countOf(id)).toBe(before);
    expect((await blog.row()).next_poll_at - world.app.now()).toBeWithin(12 * minute, 15 * minute + 1);
    const [entry] = await listActivity(world.app.db, acme.id, 1);
    expect([entry?.action, entry?.subject]).toEqual(["repository.sync_cancelled", "blog"]);
  });

  test("is done when it is asked for again, by the job that was there", async () => {
    const { id } = await blog.row();
    await requestSync(world.app, await blog.row(), { reason: "asked" });
    await cancelSync(world.app, await blog.row(), "cli");
    await requestSync(world.app, await blog.row(), { reason: "asked" });
    const before = await countOf(id);
    await work(id);
    expect(await countOf(id)).toBe(before + 1);
    expect((await blog.row()).state).toBe("fresh");
  });

  test("cannot be cancelled when there is none", async () => {
    expect(cancelSync(world.app, await blog.row(), "cli")).rejects.toThrow("No sync is waiting");
  });
});

describe("a sync that runs", () => {
  test.each([
    ["waits for the list of refs", { end: "silent" } as Saying],
    ["waits for the pack", { body: advertisement([`${someCommit} refs/heads/main`]) }],
  ])(
    "stops within seconds while it %s",
    async (_, advertise) => {
      const { row, stop } = await slow(advertise);
      const running = work((await row()).id);
      await until(async () => (await row()).state === "syncing");
      await Bun.sleep(300);
      await cancelSync(world.app, await row(), "cli");
      // That the sync was cancelled, below, says that it did not end by a limit of its own.
      await running;
      expect(await row()).toMatchObject({
        state: "waiting",
        sync_deadline: null,
        cancelled_by: null,
        failures: 0,
      });
      const [sync] = await listSyncs(world.app.db, (await row()).id);
      expect(sync).toMatchObject({ state: "failed", outcome: "cancelled" });
      stop();
    },
    30_000,
  );

  test("and is asked for again meanwhile is followed by another one", async () => {
    const { row, stop } = await slow({ end: "silent" });
    const running = work((await row()).id);
    await until(async () => (await row()).state === "syncing");
    await cancelSync(world.app, await row(), "cli");
    await requestSync(world.app, await row(), { reason: "webhook" });
    await running;
    expect((await row()).state).toBe("waiting");
    expect((await row()).sync_deadline).not.toBeNull();
    stop();
  }, 30_000);

  test("and whose process died before it saw the request is not taken up again", async () => {
    const { id } = await blog.row();
    await updateRepository(world.app.db, id, { state: "syncing", sync_deadline: world.app.now() + minute });
    await cancelSync(world.app, await blog.row(), "cli");
    world.tick(2 * minute);
    const running = { id: "x", attempt: 1, signal: new AbortController().signal };
    await handlersOf(world.app)["reconcile"]({}, running);
    expect(await blog.row()).toMatchObject({ state: "fresh", sync_deadline: null });
    expect((await world.app.jobs.stats()).waiting).toBe(0);
  });

  test("is not over when the process that runs it stops: the next process that claims the job goes on", async () => {
    const { row, stop } = await slow({ end: "silent" });
    const stopping = new AbortController();
    const running = work((await row()).id, stopping.signal);
    await until(async () => (await row()).state === "syncing");
    stopping.abort(new Error("The process stops."));
    expect(running).rejects.toThrow("The process stops.");
    await running.catch(() => {});
    expect(await row()).toMatchObject({ state: "syncing", failures: 0 });
    stop();
  });
});

describe("the page", () => {
  test("has a button for it, for those who may", async () => {
    const ann = await signedIn(world, "ann", { roles: { acme: "admin" } });
    const mia = await signedIn(world, "mia", { roles: { acme: "member" } });
    const page = "/organizations/acme/repositories/blog";
    expect(await ann.read(page)).not.toContain("Cancel sync");
    await requestSync(world.app, await blog.row(), { reason: "asked" });
    expect(await ann.read(page)).toContain("Cancel sync");
    expect(await mia.read(page)).not.toContain("Cancel sync");
    expect((await mia.post(`${page}/cancel`)).status).toBe(403);
    expect((await ann.post(`${page}/cancel`)).status).toBe(303);
    expect(await ann.read(page)).not.toContain("Cancel sync");
    expect((await blog.row()).state).toBe("fresh");
    // It has ended: the page says so, and nothing is wrong.
    expect((await ann.post(`${page}/cancel`)).status).toBe(303);
  });
});
