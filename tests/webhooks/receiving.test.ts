// A push is acknowledged, stored, and leads to a sync.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { resumeSyncs } from "../../src/registry/syncs/reconcile.ts";
import { waitingKept } from "../../src/registry/webhooks/receive.ts";
import { runSync } from "../../src/registry/syncs/sync.ts";
import { listSyncs } from "../../src/store/syncs/syncs.ts";
import { recorded, recordedAs } from "./recorded.ts";
import { openListening, type Listening } from "./listening.ts";
import { until } from "../tools/until.ts";

let here: Listening;
beforeEach(async () => void (here = await openListening()));
afterEach(() => here.world.close());

async function answerOf(request: Promise<Response>): Promise<[number, string]> {
  const response = await request;
  return [response.status, ((await response.json()) as { message: string }).message];
}

const pushed = recordedAs("git-push");

describe("a signed delivery", () => {
  test("of every event of every forge is answered as what it is", async () => {
    for (const each of recorded) {
      await here.becomes(each.forge);
      const wanted = { sync: [202, "Sync queued."], ping: [200, "pong"], ignored: [200, "Event ignored."] };
      expect([each.name, ...(await answerOf(here.send(each)))]).toEqual([
        each.name,
        ...(wanted[each.expected.effect] as [number, string]),
      ]);
    }
    const kept = (await here.deliveries()).toReversed();
    expect(kept.map(({ event, forge_id }) => ({ event, forge_id }))).toEqual(
      recorded.map(({ expected }) => ({ event: expected.event, forge_id: expected.id })),
    );
    expect(kept.map(({ refs }) => JSON.parse(refs))).toEqual(recorded.map(({ expected }) => expected.refs));
  });

  test("leads to a sync that finds what was pushed, and tells which", async () => {
    await here.blog.git.commit({ manifest: { name: "acme/blog" }, tags: ["1.1.0"] });
    await here.work();
    expect((await here.send(pushed)).status).toBe(202);
    await until(async () => (await here.deliveries())[0]?.sync_id !== null);
    const [delivery] = await here.deliveries();
    await until(async () => (await here.blog.row()).state === "fresh");
    const sync = (await listSyncs(here.world.app.db, here.id)).at(-1);
    expect(delivery?.sync_id).toBe(sync?.id ?? "");
    expect(sync).toMatchObject({ reason: "webhook", outcome: "changed", added: 1 });
  });

  test("says that its repository waits from the moment it is answered", async () => {
    await here.send(pushed);
    expect((await here.blog.row()).state).toBe("waiting");
  });

  test("is the reason of a sync that would have been a poll", async () => {
    await here.send(pushed);
    const poll = { repositoryId: here.id, reason: "poll" };
    await runSync(here.world.app, poll, new AbortController().signal);
    await runSync(here.world.app, poll, new AbortController().signal);
    const reasons = (await listSyncs(here.world.app.db, here.id)).map(({ reason }) => reason);
    expect(reasons).toEqual(["asked", "webhook", "poll"]);
  });

  test("is kept without a word of its body", async () => {
    await here.becomes("github");
    await here.send(recordedAs("github-push"));
    const [delivery] = await here.deliveries();
    expect(JSON.stringify(delivery)).not.toContain("ann@acme.example");
    expect(here.world.log.join("\n")).not.toContain("ann@acme.example");
  });

  test("is acknowledged while the queue is away, and its sync is found at the next start", async () => {
    const { app } = here.world;
    const { enqueue } = app.jobs;
    app.jobs.enqueue = () => Promise.reject(new Error("The queue is away."));
    expect(await answerOf(here.send(pushed))).toEqual([202, "Sync queued."]);
    expect(here.logged("webhook.queue_away")).toHaveLength(1);
    expect((await app.jobs.stats()).waiting).toBe(0);
    app.jobs.enqueue = enqueue;
    await resumeSyncs(app);
    expect((await app.jobs.stats()).waiting).toBe(1);
  });

  test("is acknowledged when the queue does not answer at all", async () => {
    here.world.app.jobs.enqueue = () => new Promise(() => {});
    expect((await here.send(pushed)).status).toBe(202);
  });

  test("that came while a sync ran is found at the next start, too, when the queue has lost it", async () => {
    const { app } = here.world;
    const { enqueue } = app.jobs;
    const { listRefs } = app.git;
    app.git.listRefs = async (remote) => {
      const list = await listRefs(remote);
      app.jobs.enqueue = () => Promise.reject(new Error("The queue is away."));
      expect((await here.send(pushed)).status).toBe(202);
      return list;
    };
    await here.blog.sync();
    expect((await here.blog.row()).state).toBe("waiting");
    app.jobs.enqueue = enqueue;
    await resumeSyncs(app);
    expect((await app.jobs.stats()).waiting).toBe(1);
    app.git.listRefs = listRefs;
    await here.blog.sync();
    expect((await here.deliveries()).every(({ sync_id }) => sync_id !== null)).toBe(true);
  });
});

describe("many pushes", () => {
  test("become one sync that runs and one that waits, and none of them is missed", async () => {
    const { app } = here.world;
    const running = Promise.withResolvers<void>();
    const { listRefs } = app.git;
    let syncs = 0;
    app.git.listRefs = async (remote) => {
      if (++syncs === 1) await running.promise;
      return listRefs(remote);
    };
    await here.work();
    await here.send(pushed, { id: "first" });
    await until(async () => syncs === 1);
    for (let push = 1; push <= 20; push++) {
      await here.blog.git.commit({ manifest: { name: "acme/blog" }, tags: [`1.${push}.0`] });
      expect((await here.send(pushed, { id: `push-${push}` })).status).toBe(202);
    }
    expect(await app.jobs.stats()).toMatchObject({ running: 1, waiting: 1 });
    running.resolve();
    await until(async () => (await app.jobs.stats()).waiting + (await app.jobs.stats()).running === 0);
    expect(syncs).toBe(2);
    const [, ...after] = await listSyncs(app.db, here.id);
    expect(after.reduce((sum, { added }) => sum + Number(added), 0)).toBe(20);
    expect((await here.deliveries()).every(({ sync_id }) => sync_id !== null)).toBe(true);
  });

  test("beyond what is kept join the sync that waits", async () => {
    for (let push = 0; push < waitingKept; push++) await here.send(pushed, { id: `push-${push}` });
    expect(await answerOf(here.send(pushed, { id: "one more" }))).toEqual([
      202,
      "The waiting sync will include it.",
    ]);
    expect(await answerOf(here.send(pushed, { id: "push-3" }))).toEqual([202, "duplicate"]);
    expect(await here.deliveries()).toHaveLength(waitingKept);
    expect(here.logged("sync.coalesced")).toHaveLength(1);
    await here.blog.sync();
    expect(await answerOf(here.send(pushed, { id: "after the sync" }))).toEqual([202, "Sync queued."]);
  });
});

describe("a webhook's address", () => {
  test("takes nothing but POST", async () => {
    const path = `${here.world.app.config.appUrl}/webhooks/git/${here.id}`;
    const get = await fetch(path);
    expect([get.status, get.headers.get("Allow")]).toEqual([405, "POST"]);
    expect((await here.send(pushed, { to: `/webhooks/git/${here.id}/more` })).status).toBe(404);
  });

  test("of a forge that there is not is refused as any other", async () => {
    for (const forge of ["svn", "constructor", "__proto__", "%00", "git%20", "x".repeat(400)])
      expect((await here.send(pushed, { to: `/webhooks/${forge}/${here.id}` })).status).toBe(401);
    expect((await here.send(pushed)).status).toBe(202);
  });
});
