// How often a repository is asked whether anything is new.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Git } from "../../src/reading/mirror.ts";
import { handlersOf } from "../../src/registry/handlers.ts";
import { pollDelayMs } from "../../src/registry/syncs/poll-interval.ts";
import { pollAfterAbsence } from "../../src/registry/syncs/polling.ts";
import { addRepository } from "../../src/registry/repositories/repositories.ts";
import { requestSync } from "../../src/registry/sync-requests.ts";
import { runSync } from "../../src/registry/syncs/sync.ts";
import { addDelivery } from "../../src/store/webhooks/deliveries.ts";
import type { Organization } from "../../src/store/organizations/organizations.ts";
import { updateRepository } from "../../src/store/repositories/repositories.ts";
import { putWebhook } from "../../src/store/webhooks/webhooks.ts";
import { startGitHttp } from "../tools/servers/git-http-server.ts";
import type { Mirrored, TestApp } from "../worlds/process.ts";
import { openWorld } from "../worlds/world.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

describe("the pause before the next poll", () => {
  const cases: [what: string, interval: number, quiet: number | null, least: number, most: number][] = [
    ["nobody has ever pushed", 15 * minute, null, 12 * minute, 15 * minute],
    ["somebody has just pushed", 15 * minute, 0, minute, 75 * second],
    ["somebody pushed 59 minutes ago", 15 * minute, 59 * minute, minute, 75 * second],
    ["somebody pushed an hour ago", 15 * minute, hour, 4 * minute, 5 * minute],
    ["somebody pushed two hours ago", 15 * minute, 2 * hour, 8 * minute, 10 * minute],
    ["somebody pushed three hours ago", 15 * minute, 3 * hour, 12 * minute, 15 * minute],
    ["somebody pushed last year", 15 * minute, 365 * 24 * hour, 12 * minute, 15 * minute],
    ["the interval is short and somebody has just pushed", 5 * minute, 0, minute, 75 * second],
    ["the interval is just over a minute", 61 * second, 0, minute, 61 * second],
    ["the interval is shorter than a minute", 10 * second, 0, 8 * second, 10 * second],
    ["the same, and it is quiet", 10 * second, null, 8 * second, 10 * second],
    ["the interval is long and somebody has just pushed", 6 * hour, 0, 24 * minute, 30 * minute],
    ["the interval is long and somebody pushed two hours ago", 6 * hour, 2 * hour, 24 * minute, 30 * minute],
    ["the interval is long and somebody pushed a day ago", 6 * hour, 24 * hour, 96 * minute, 120 * minute],
    ["the interval is long and nobody has ever pushed", 6 * hour, null, 288 * minute, 6 * hour],
  ];
  test.each(cases)("when %s", (_, intervalMs, quietMs, least, most) => {
    const pace = { intervalMs, quietMs, isTold: false };
    expect([pollDelayMs(pace, 1), pollDelayMs(pace, 0)]).toEqual([least, most]);
    expect(most).toBeLessThanOrEqual(intervalMs);
  });

  test("is the whole interval where a webhook tells of pushes, however new the last one is", () => {
    const pace = { intervalMs: 15 * minute, quietMs: 0, isTold: true };
    expect([pollDelayMs(pace, 1), pollDelayMs(pace, 0)]).toEqual([12 * minute, 15 * minute]);
  });

  test("is without end where polling is off", () => {
    const pace = { intervalMs: null, quietMs: 0, isTold: false };
    expect(pollDelayMs(pace)).toBeGreaterThan(50 * 365 * 24 * hour);
  });
});

describe("a repository", () => {
  let world: TestApp;
  let acme: Organization;
  let blog: Mirrored;

  beforeEach(async () => {
    world = await openWorld({
      in: "process",
      environment: { SYNC_INTERVAL: "15m", OUTBOUND_ALLOW: "127.0.0.1" },
    });
    acme = await world.organization("acme");
    blog = await world.mirror(acme, "blog", [{ manifest: { name: "acme/blog" }, tags: ["1.0.0"] }]);
  });
  afterEach(() => world.close());

  async function syncFor(reason: string): Promise<number> {
    const { id } = await blog.row();
    await runSync(world.app, { repositoryId: id, reason }, new AbortController().signal);
    return (await blog.row()).next_poll_at - world.app.now();
  }

  async function webhook(state: "active" | "failed"): Promise<void> {
    const { id: repository_id } = await blog.row();
    const none = { previous_secret: null, previous_until: null, hook_id: null, error: null };
    const times = { created_at: 0, checked_at: null, next_check_at: 0, repaired_at: null };
    const row = { repository_id, organization_id: acme.id, state, secret: "sealed", ...none, ...times };
    await putWebhook(world.app.db, row);
  }

  async function delivery(): Promise<void> {
    const { id: repository_id } = await blog.row();
    await addDelivery(world.app.db, {
      organization_id: acme.id,
      repository_id,
      forge_id: crypto.randomUUID(),
      event: "push",
      verdict: "accepted",
      reason: null,
      size_bytes: 1,
      refs: [],
      now: world.app.now(),
    });
  }

  const push = (tag: string) => blog.git.commit({ manifest: { name: "acme/blog" }, tags: [tag] });

  test("that was just added and synced is polled every minute for a while, then ever less", async () => {
    expect(await syncFor("asked")).toBeLessThan(2 * minute);
    world.tick(2 * hour);
    expect(await syncFor("poll")).toBeWithin(8 * minute, 10 * minute + 1);
    world.tick(10 * hour);
    expect(await syncFor("poll")).toBeWithin(12 * minute, 15 * minute + 1);
    await push("1.1.0");
    expect(await syncFor("poll")).toBeLessThan(2 * minute);
  });

  test("whose webhook tells of pushes is polled at the whole interval", async () => {
    await syncFor("asked");
    await webhook("active");
    world.tick(minute);
    await delivery();
    await push("1.1.0");
    expect(await syncFor("webhook")).toBeWithin(12 * minute, 15 * minute + 1);
    world.tick(15 * minute);
    expect(await syncFor("poll")).toBeWithin(12 * minute, 15 * minute + 1);
  });

  test("whose webhook is known to be broken is polled soon after a push", async () => {
    await syncFor("asked");
    await webhook("failed");
    world.tick(minute);
    await delivery();
    expect(await syncFor("webhook")).toBeLessThan(2 * minute);
  });

  test("whose webhook has missed a push is polled soon until it tells of one again", async () => {
    await syncFor("asked");
    await webhook("active");
    world.tick(minute);
    await delivery();
    await syncFor("webhook");
    world.tick(15 * minute);
    await push("1.1.0");
    expect(await syncFor("poll")).toBeLessThan(2 * minute);
    world.tick(minute);
    await delivery();
    expect(await syncFor("webhook")).toBeGreaterThan(12 * minute - 1);
  });

  test("is polled without starting a process when nothing is new, and with one when somebody asks", async () => {
    const server = startGitHttp({ root: world.folder });
    const { app } = world;
    const of = { url: `${server.url}/blog.git`, name: "served", provider: null, credential: null };
    const { repository } = await addRepository(app, acme, { ...of, allowLocal: false, actor: "cli" });
    let started = 0;
    const git: Git = {
      ...app.git,
      prepare: () => (started++, app.git.prepare()),
      openMirror: (...args) => (started++, app.git.openMirror(...args)),
    };
    const sync = async (reason: string) => {
      started = 0;
      const request = { repositoryId: repository.id, reason };
      await runSync({ ...app, git }, request, new AbortController().signal);
      return started;
    };
    expect(await sync("asked")).toBeGreaterThan(0);
    expect(await sync("poll")).toBe(0);
    expect(await sync("asked")).toBe(1);
    await server.stop();
  });

  test("stays up to date while its poll waits for its turn, and waits when somebody asks", async () => {
    await syncFor("asked");
    await updateRepository(world.app.db, (await blog.row()).id, { next_poll_at: world.app.now() });
    const running = { id: "x", attempt: 1, signal: new AbortController().signal };
    await handlersOf(world.app)["poll-repositories"]({}, running);
    expect(await blog.row()).toMatchObject({ state: "fresh", sync_requested: 1 });
    await requestSync(world.app, await blog.row(), { reason: "asked" });
    expect(await blog.row()).toMatchObject({ state: "waiting", sync_requested: 1 });
  });

  test("whose server asks for a pause while it is synced is not polled in it", async () => {
    await syncFor("asked");
    const until = world.app.now() + 2 * hour;
    await updateRepository(world.app.db, (await blog.row()).id, { rests_until: until });
    await syncFor("asked");
    expect((await blog.row()).next_poll_at).toBe(until);
  });

  test("is due at a start: deliveries may have been missed in between", async () => {
    await syncFor("asked");
    world.tick(2 * minute);
    await updateRepository(world.app.db, (await blog.row()).id, { next_poll_at: world.app.now() + hour });
    await pollAfterAbsence(world.app);
    await handlersOf(world.app)["poll-repositories"](
      {},
      { id: "x", attempt: 1, signal: new AbortController().signal },
    );
    expect((await world.app.jobs.stats()).waiting).toBe(1);
  });

  test("is not due at a start when it was checked a moment ago, when it failed, or when it rests", async () => {
    await syncFor("asked");
    const { id } = await blog.row();
    const next = world.app.now() + 10 * minute;
    const change = (row: Parameters<typeof updateRepository>[2]) => updateRepository(world.app.db, id, row);
    await change({ next_poll_at: next });
    await pollAfterAbsence(world.app);
    world.tick(5 * minute);
    await change({ state: "failed" });
    await pollAfterAbsence(world.app);
    await change({ state: "fresh", rests_until: world.app.now() + hour });
    await pollAfterAbsence(world.app);
    expect((await blog.row()).next_poll_at).toBe(next);
    await change({ rests_until: null });
    await pollAfterAbsence(world.app);
    expect((await blog.row()).next_poll_at).toBe(world.app.now());
  });

  test("is due at a start when the interval was made shorter meanwhile", async () => {
    await syncFor("asked");
    const { id } = await blog.row();
    await updateRepository(world.app.db, id, { next_poll_at: world.app.now() + 2 * hour });
    await pollAfterAbsence(world.app);
    expect((await blog.row()).next_poll_at).toBe(world.app.now());
  });
});
