// What a queue tells of jobs and of those who work them.
import { expect, test } from "bun:test";
import { hour, sync, withEachQueue } from "./meeting.ts";
import { until } from "../../tools/until.ts";
import { handlersFor } from "../../tools/queues.ts";
import { type Slot } from "../../../src/store/jobs/workers.ts";
import { countRuns, listJobTotals, minuteMs } from "../../../src/store/jobs/history.ts";
import { type JobPage } from "../../../src/jobs/queue.ts";
import { unavailable } from "../../../src/errors.ts";

withEachQueue((meet) => {
  test.concurrent(
    "tells of a job all there is to know, whatever became of it",
    async () => {
      await using meeting = await meet();
      const { place, queue } = meeting;
      const dead = await queue.enqueue("sync-repository", sync("blog"), { key: "blog" });
      const done = await queue.enqueue("prune", {});
      await queue.start(
        handlersFor(async ({ name, running }) => {
          if (name === "sync-repository") throw new Error(`No (${running.attempt}).`);
        }),
        { concurrency: 1 },
      );
      await until(async () => (await queue.list({ state: "retrying", limit: 10 })).jobs.length === 1);
      const [retrying] = (await queue.list({ state: "retrying", limit: 10 })).jobs;
      expect(retrying).toMatchObject({ id: dead, state: "waiting", attempts: 1, error: "No (1)." });
      expect(retrying?.runAt).toBeGreaterThan(retrying?.startedAt ?? Infinity);
      await until(async () => {
        await place.pass(10_000);
        return (await queue.stats()).dead === 1;
      });
      const payload = sync("blog");
      const known = { name: "sync-repository", payload, state: "dead", attempts: 5, error: "No (5)." };
      const found = await queue.find(dead);
      expect(found).toMatchObject(known);
      expect(found?.finishedAt).toBeGreaterThanOrEqual(found?.startedAt ?? Infinity);
      expect(found?.startedAt).toBeGreaterThan(found?.createdAt ?? Infinity);
      const ended = await queue.find(done);
      expect(ended).toMatchObject({ name: "prune", payload: {}, state: "done", attempts: 1, error: null });
      const later = await queue.enqueue("prune", {}, { runAt: place.now() + hour });
      const waiting = { state: "waiting", attempts: 0, startedAt: null, finishedAt: null, error: null };
      expect(await queue.find(later)).toMatchObject(waiting);
      expect(await queue.find("nothing")).toBeNull();
      await queue.drain(1000);
      const other = await place.open();
      const gate = Promise.withResolvers<void>();
      await other.enqueue("sync-repository", sync("shop"));
      await other.start(
        handlersFor(() => gate.promise),
        { concurrency: 1 },
      );
      await until(async () => (await queue.stats()).running === 1);
      const [running] = (await queue.list({ state: "running", limit: 10 })).jobs;
      expect(running).toMatchObject({ state: "running", payload: sync("shop"), attempts: 1 });
      gate.resolve();
    },
    120_000,
  );

  test.concurrent(
    "lists jobs a page at a time, what ended last first, of all names or of one",
    async () => {
      await using meeting = await meet();
      const { place, queue, isIdle } = meeting;
      for (const each of ["one", "two", "three"]) {
        await queue.enqueue("sync-repository", sync(each));
        await queue.enqueue("prune", {});
      }
      await queue.start(
        handlersFor(async () => void (await place.pass(5))),
        { concurrency: 1 },
      );
      await until(isIdle);
      const seen: string[] = [];
      let before: string | null = null;
      do {
        const page: JobPage = await queue.list({ state: "done", name: "sync-repository", limit: 2, before });
        expect(page.jobs.length).toBeLessThanOrEqual(2);
        seen.push(...page.jobs.map(({ payload }) => String(payload["repositoryId"])));
        before = page.next;
      } while (before !== null);
      expect(seen).toEqual(["three", "two", "one"]);
      expect((await queue.list({ state: "done", limit: 10 })).jobs).toHaveLength(6);
      expect(await queue.list({ state: "dead", limit: 10 })).toEqual({ jobs: [], next: null });
    },
    120_000,
  );

  test.concurrent(
    "counts by name what is due, what is not yet, what runs and what died",
    async () => {
      await using meeting = await meet();
      const { place, queue, spawn } = meeting;
      await queue.enqueue("sync-repository", sync("blog", "hang"));
      const child = spawn("work");
      await child.says("began sync-repository blog");
      await child.kill();
      const dueAt = place.now();
      await queue.enqueue("prune", {}, { runAt: dueAt });
      await queue.enqueue("prune", {}, { runAt: dueAt + 1 });
      await queue.enqueue("prune", {}, { runAt: dueAt + hour });
      await queue.enqueue("send-mails", {}, { runAt: dueAt + hour });
      await until(() => place.now() > dueAt + 1);
      const counts = await queue.countsByName();
      const none = { waiting: 0, delayed: 0, running: 0, failed: 0, dead: 0, oldestDueAt: null };
      expect(counts.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([
        { ...none, name: "prune", waiting: 2, delayed: 1, oldestDueAt: dueAt },
        { ...none, name: "send-mails", delayed: 1 },
        { ...none, name: "sync-repository", running: 1 },
      ]);
    },
    120_000,
  );

  test.concurrent(
    "tells what each place of a process does, and how much it did",
    async () => {
      await using meeting = await meet();
      const { queue, workers } = meeting;
      const gate = Promise.withResolvers<void>();
      const slots = async () => JSON.parse((await workers())[0]?.slots ?? "[]") as Slot[];
      await queue.start(
        handlersFor(async ({ name }) => void (name === "prune" ? await gate.promise : null)),
        { concurrency: 2 },
      );
      const id = await queue.enqueue("prune", {});
      await until(async () => (await queue.stats()).running === 1);
      await queue.enqueue("sync-repository", sync("blog"));
      await until(async () => (await slots()).some(({ doneThisHour }) => doneThisHour === 1));
      expect(await slots()).toEqual([
        { job: { id, name: "prune", payload: "{}", since: expect.any(Number) }, doneThisHour: 0 },
        { job: null, doneThisHour: 1 },
      ]);
      expect((await workers())[0]?.memory_bytes).toBeGreaterThan(1_000_000);
      gate.resolve();
    },
    120_000,
  );

  test.concurrent(
    "keeps how runs went, by name",
    async () => {
      await using meeting = await meet();
      const { place, queue, database, isIdle } = meeting;
      await queue.start(
        handlersFor(async ({ name, payload, running }) => {
          if (name === "prune") await Bun.sleep(300);
          if (payload.repositoryId === "shop" && running.attempt === 1)
            throw unavailable("Not now.", { retryAfterSeconds: 1 });
        }),
        { concurrency: 1 },
      );
      for (const each of ["blog", "shop"]) await queue.enqueue("sync-repository", sync(each));
      await queue.enqueue("prune", {});
      await until(async () => {
        await place.pass(100);
        return isIdle();
      });
      await queue.drain(1000);
      const db = await database();
      const totals = await listJobTotals(db);
      expect(totals).toMatchObject([
        { name: "prune", done: 1, failed: 0 },
        { name: "sync-repository", done: 2, failed: 1 },
      ]);
      expect(totals[0]?.last_ms).toBeGreaterThanOrEqual(290);
      const since = place.now() - hour;
      const steps = await countRuns(db, { step: minuteMs, since, every: hour });
      expect(steps.reduce((sum, { done, failed }) => sum + done + failed, 0)).toBe(4);
    },
    120_000,
  );

  test.concurrent(
    "knows whether anybody works it",
    async () => {
      await using meeting = await meet();
      const { place, queue, record, spawn } = meeting;
      const other = await place.open();
      expect(await other.isWorked()).toBe(false);
      await queue.start(record, { concurrency: 1 });
      expect(await other.isWorked()).toBe(true);
      await queue.drain(1000);
      expect(await other.isWorked()).toBe(false);
      const child = spawn("work");
      await child.says("ready");
      expect(await other.isWorked()).toBe(true);
      await child.kill();
      await until(async () => !(await other.isWorked()));
    },
    120_000,
  );
});
