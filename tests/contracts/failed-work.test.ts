// What a queue promises about jobs that failed, whatever it is made of: those whose work failed, those that are dead.
import { afterAll, describe, expect, test } from "bun:test";
import type { JobPage, JobPayloads, Queue } from "../../src/jobs/queue.ts";
import { openDatabase } from "../../src/store/engine/database.ts";
import { listAttempts } from "../../src/store/jobs/attempts.ts";
import { countRuns, listJobTotals, minuteMs } from "../../src/store/jobs/history.ts";
import { listPauses } from "../../src/store/jobs/pauses.ts";
import { isMissing } from "../tools/servers/databases.ts";
import { failureOf } from "../tools/failure.ts";
import { handlersFor, type QueuePlace, queues } from "../tools/queues.ts";
import { stopServers } from "../tools/servers/services.ts";
import { until } from "../tools/until.ts";

afterAll(stopServers);

const hour = 3_600_000;
const sync = (repositoryId: string): JobPayloads["sync-repository"] => ({ repositoryId, reason: "test" });
const outage = { failed: "git.acme.test refuses the password." };

for (const { name, server, make } of queues) {
  describe.skipIf(isMissing(server))(`failed jobs of a queue in ${name}`, () => {
    const story = (title: string, tell: (meeting: Meeting) => Promise<void>) =>
      test.concurrent(
        title,
        async () => {
          await using meeting = await meet(make);
          await tell(meeting);
        },
        120_000,
      );

    story("FW6: a job whose work failed is no done one, and is not tried again", async (meeting) => {
      const { place, queue, isIdle } = meeting;
      const runs: number[] = [];
      await queue.start(
        handlersFor(async ({ payload, running }) => {
          if (payload.repositoryId === undefined) return;
          runs.push(running.attempt);
          return { failed: `${outage.failed}\0` };
        }),
        { concurrency: 1 },
      );
      const ids: string[] = [];
      for (const each of ["blog", "shop", "wiki", "mail"])
        ids.push(await queue.enqueue("sync-repository", sync(each), { key: each }));
      await queue.enqueue("prune", {});
      await until(isIdle);
      await place.pass(hour);
      // The marker: a job that came later has run.
      const later = await queue.enqueue("prune", {});
      await until(async () => (await queue.find(later))?.state === "done" && (await isIdle()));
      expect(runs).toEqual([1, 1, 1, 1]);
      const found = await queue.find(ids[0] ?? "");
      expect(found).toMatchObject({
        state: "failed",
        attempts: 1,
        error: outage.failed,
        payload: sync("blog"),
      });
      expect(found?.finishedAt).toBeGreaterThanOrEqual(found?.startedAt ?? Infinity);
      expect(await idsIn(queue, "failed")).toEqual(ids.toReversed());
      expect(await idsIn(queue, "unsuccessful")).toEqual(ids.toReversed());
      expect(await idsIn(queue, "dead")).toEqual([]);
      expect((await queue.list({ state: "done", limit: 10 })).jobs.map(({ name }) => name)).toEqual([
        "prune",
        "prune",
      ]);
      expect(await queue.countsByName()).toMatchObject([{ name: "sync-repository", failed: 4, dead: 0 }]);
      expect(await queue.stats()).toMatchObject({ waiting: 0, running: 0, dead: 0 });
      // Its key is free for the next request.
      await queue.enqueue("sync-repository", sync("blog"), { key: "blog" });
      await until(() => runs.length === 5);
      await queue.drain(5000);
      const db = await meeting.database();
      const [, totals] = await listJobTotals(db);
      expect(totals).toMatchObject({ name: "sync-repository", done: 0, failed: 5 });
      const steps = await countRuns(db, { step: minuteMs, since: 0, every: 100 * hour });
      expect(steps.reduce((sum, { failed }) => sum + failed, 0)).toBe(5);
    });

    story("FW6: every attempt that failed is kept with its time and its error", async (meeting) => {
      const { place, queue } = meeting;
      await queue.start(
        handlersFor(async ({ name, running }) => {
          if (name === "prune") return { failed: "No room." };
          throw new Error(`No (${running.attempt}).`);
        }),
        { concurrency: 1 },
      );
      const dead = await queue.enqueue("sync-repository", sync("blog"));
      const failed = await queue.enqueue("prune", {});
      await until(async () => {
        await place.pass(10_000);
        return (await queue.stats()).dead === 1;
      });
      const db = await meeting.database();
      const attempts = await listAttempts(db, dead);
      expect(attempts.map(({ attempt, error }) => [attempt, error])).toEqual(
        [5, 4, 3, 2, 1].map((attempt) => [attempt, `No (${attempt}).`]),
      );
      for (const { started_at, ended_at } of attempts)
        expect(ended_at).toBeGreaterThanOrEqual(started_at ?? Infinity);
      expect(await listAttempts(db, failed)).toMatchObject([{ attempt: 1, error: "No room." }]);
    });

    story("FW6: a person retries and forgets what failed, one job or all", async (meeting) => {
      const { queue, isIdle } = meeting;
      let healthy = false;
      const ran: string[] = [];
      await queue.start(
        handlersFor(async ({ payload, running }) => {
          if (!healthy) return outage;
          ran.push(`${payload.repositoryId} ${running.attempt}`);
        }),
        { concurrency: 1 },
      );
      const ids: string[] = [];
      for (const each of ["blog", "shop", "wiki", "mail", "docs"]) {
        ids.push(await queue.enqueue("sync-repository", sync(each), { key: each }));
        await until(isIdle);
      }
      const [blog = "", shop = ""] = ids;
      await queue.forget(blog);
      expect(await queue.find(blog)).toBeNull();
      expect((await failureOf(queue.forget(blog))).kind).toBe("notFound");
      healthy = true;
      await queue.retry(shop);
      await until(isIdle);
      await until(() => ran.length === 1);
      expect((await failureOf(queue.retry(shop))).kind).toBe("notFound");
      expect(await queue.retryAll()).toBe(3);
      await until(isIdle);
      expect(ran).toEqual(["shop 1", "wiki 1", "mail 1", "docs 1"]);
      healthy = false;
      for (const each of ["one", "two"]) await queue.enqueue("sync-repository", sync(each));
      await until(async () => (await idsIn(queue, "failed")).length === 2);
      const later = await queue.enqueue("prune", {}, { runAt: Date.now() + 1000 * hour });
      expect(await queue.forgetAll()).toBe(2);
      expect(await queue.forgetAll()).toBe(0);
      expect(await idsIn(queue, "unsuccessful")).toEqual([]);
      expect(await queue.find(later)).not.toBeNull();
    });

    story("FW6: failed ones are kept for so long, and so many of each name", async (meeting) => {
      const { place, queue, isIdle } = meeting;
      await queue.start(
        handlersFor(async ({ payload }) => {
          await place.pass(5);
          if (payload.repositoryId !== undefined) return outage;
        }),
        { concurrency: 1 },
      );
      const ids: string[] = [];
      for (const each of ["one", "two", "three", "four"]) {
        ids.push(await queue.enqueue("sync-repository", sync(each)));
        await until(isIdle);
      }
      const done = await queue.enqueue("prune", {});
      await until(isIdle);
      await queue.prune({ doneSince: 0, failedSince: 0, maxFailed: 4 });
      expect(await idsIn(queue, "failed")).toHaveLength(4);
      await queue.prune({ doneSince: 0, failedSince: 0, maxFailed: 2 });
      expect(await idsIn(queue, "failed")).toEqual([ids[3], ids[2]].map(String));
      expect(await queue.find(ids[0] ?? "")).toBeNull();
      const failedSince = (await queue.find(ids[3] ?? ""))?.finishedAt ?? 0;
      await queue.prune({ doneSince: 0, failedSince, maxFailed: 2 });
      expect(await idsIn(queue, "failed")).toEqual([String(ids[3])]);
      expect(await queue.find(done)).not.toBeNull();
      await queue.prune({ doneSince: place.now() + hour, failedSince: place.now() + hour, maxFailed: 2 });
      expect(await queue.find(done)).toBeNull();
      expect(await idsIn(queue, "unsuccessful")).toEqual([]);
    });

    story("FW6: jobs are found by words and by what they are about, without some names", async (meeting) => {
      const { place, queue, isIdle } = meeting;
      await queue.start(
        handlersFor(async ({ name, payload }) => {
          await place.pass(5);
          if (name === "sync-repository") return { failed: `100% of _${payload.repositoryId}_ is Gone!` };
        }),
        { concurrency: 1 },
      );
      for (const each of ["blog-1", "blog-2", "shop-1"]) await queue.enqueue("sync-repository", sync(each));
      const done = await queue.enqueue("prune", {});
      await queue.enqueue("send-mails", {});
      await until(isIdle);
      const search = async (text: string, ids: string[] = [], limit = 10) => {
        const { jobs } = await queue.list({ state: "failed", limit, search: { text, ids } });
        return jobs.map(({ payload }) => payload["repositoryId"]);
      };
      expect(await search("BLOG")).toEqual(["blog-2", "blog-1"]);
      expect(await search("is gone!", [], 1)).toEqual(["shop-1"]);
      expect(await search("100% of _s")).toEqual(["shop-1"]);
      expect(await search("%")).toHaveLength(3);
      expect(await search("_o_")).toEqual([]);
      expect(await search("acme/shop", ["shop-1", "nothing"])).toEqual(["shop-1"]);
      expect(await search("sync-repo")).toHaveLength(3);
      const except = await queue.list({ state: "done", limit: 10, except: ["send-mails"] });
      expect(except.jobs.map(({ id }) => id)).toEqual([done]);
      const first: JobPage = await queue.list({
        state: "failed",
        limit: 1,
        search: { text: "blog", ids: [] },
      });
      expect(first.next).not.toBeNull();
      const rest = { limit: 5, before: first.next, search: { text: "blog", ids: [] } };
      const second = await queue.list({ state: "failed", ...rest });
      expect(second.jobs.map(({ payload }) => payload["repositoryId"])).toEqual(["blog-1"]);
      expect(second.next).toBeNull();
    });

    story("FU33: a pause says who paused and since when", async (meeting) => {
      const { place, queue } = meeting;
      const began = place.now();
      await queue.setPaused(null, true, "user:ann");
      await queue.setPaused(null, true, "user:ben");
      await queue.setPaused("prune", true);
      const pauses = await listPauses(await meeting.database());
      expect(pauses).toMatchObject([
        { name: null, by: "user:ann" },
        { name: "prune", by: "system" },
      ]);
      expect(pauses[0]?.at).toBeGreaterThanOrEqual(began);
    });
  });
}

async function idsIn(queue: Queue, state: "failed" | "dead" | "unsuccessful"): Promise<string[]> {
  return (await queue.list({ state, limit: 100 })).jobs.map(({ id }) => id);
}

type Meeting = Awaited<ReturnType<typeof meet>>;

async function meet(make: () => Promise<QueuePlace>) {
  const place = await make();
  const queue = await place.open();
  const opened: { close(): Promise<void> }[] = [];
  return {
    place,
    queue,
    async database() {
      const db = await openDatabase(place.database);
      opened.push(db);
      return db;
    },
    async isIdle() {
      const { waiting, running } = await queue.stats();
      return waiting + running === 0;
    },
    async [Symbol.asyncDispose]() {
      for (const each of opened) await each.close();
      await place.close();
    },
  };
}
