// Requests with one key: one job that waits, one that runs.
import { expect, test } from "bun:test";
import { hour, sync, withEachQueue } from "./meeting.ts";
import { until } from "../../tools/until.ts";
import { handlersFor } from "../../tools/queues.ts";

withEachQueue((meet) => {
  test.concurrent(
    "takes requests with one key for one job while it waits",
    async () => {
      await using meeting = await meet();
      const { queue, ran, record, isIdle } = meeting;
      const ids = await Promise.all(
        ["one", "two", "three"].map((each) => queue.enqueue("sync-repository", sync(each), { key: "blog" })),
      );
      expect(new Set(ids).size).toBe(1);
      await queue.enqueue("sync-repository", sync("shop"), { key: "shop" });
      await queue.enqueue("prune", {}, { key: "blog" });
      await queue.start(record, { concurrency: 1 });
      await until(isIdle);
      expect(ran).toHaveLength(3);
    },
    120_000,
  );

  test.concurrent(
    "runs one job with a key at a time, and one more when it was asked for meanwhile",
    async () => {
      await using meeting = await meet();
      const { queue, ran, isIdle } = meeting;
      const gate = Promise.withResolvers<void>();
      let atOnce = 0;
      let most = 0;
      await queue.enqueue("sync-repository", sync("first"), { key: "blog" });
      await queue.start(
        handlersFor(async ({ payload }) => {
          most = Math.max(most, ++atOnce);
          ran.push(payload.repositoryId ?? "");
          if (payload.repositoryId === "first") await gate.promise;
          atOnce--;
        }),
        { concurrency: 5 },
      );
      await until(() => ran.length === 1);
      for (const each of ["second", "third"])
        await queue.enqueue("sync-repository", sync(each), { key: "blog" });
      await queue.enqueue("prune", {});
      await until(() => ran.length === 2);
      // The one that ended is written down a moment after it ran.
      await until(async () => (await queue.stats()).running === 1);
      expect(await queue.stats()).toMatchObject({ waiting: 1, running: 1 });
      gate.resolve();
      await until(isIdle);
      expect(ran).toEqual(["first", "", "second"]);
      // The one without a key ran beside the first.
      expect(most).toBe(2);
    },
    120_000,
  );

  test.concurrent(
    "follows every request with a run that begins after it, and never runs a key beside itself",
    async () => {
      await using meeting = await meet();
      const { place, queue, isIdle } = meeting;
      const queues = [queue, await place.open(), await place.open()];
      const started: { key: string; at: number }[] = [];
      const running = new Set<string>();
      const beside: string[] = [];
      const fails = new Set([7, 19, 31]);
      const handlers = handlersFor(async ({ payload: { repositoryId: key = "" } }) => {
        if (running.has(key)) beside.push(key);
        running.add(key);
        started.push({ key, at: performance.now() });
        await Bun.sleep(Math.random() * 20);
        running.delete(key);
        if (fails.delete(started.length)) throw new Error("No.");
      });
      for (const each of queues) await each.start(handlers, { concurrency: 3 });
      const enqueued: { key: string; at: number }[] = [];
      const ask = async (queue: (typeof queues)[number]) => {
        for (let request = 0; request < 40; request++) {
          const key = ["blog", "shop", "wiki"][request % 3] ?? "";
          enqueued.push({ key, at: performance.now() });
          const runAt = place.now() + (Math.random() < 0.3 ? 50 : 0);
          await queue.enqueue("sync-repository", sync(key), { key, runAt, priority: request % 5 });
          await Bun.sleep(Math.random() * 15);
        }
      };
      await Promise.all(queues.map(ask));
      await until(async () => {
        await place.pass(1000);
        return isIdle();
      });
      expect(beside).toEqual([]);
      const unanswered = enqueued.filter(
        (one) => !started.some((run) => run.key === one.key && run.at >= one.at),
      );
      expect(unanswered).toEqual([]);
      expect(started.length).toBeLessThan(enqueued.length);
    },
    120_000,
  );

  test.concurrent(
    "keeps the earlier time of two requests with one key",
    async () => {
      await using meeting = await meet();
      const { place, queue, ran, record, isIdle } = meeting;
      const later = { key: "blog", runAt: place.now() + hour };
      const id = await queue.enqueue("sync-repository", sync("blog"), later);
      expect(await queue.enqueue("sync-repository", sync("blog"), { key: "blog" })).toBe(id);
      expect(await queue.enqueue("sync-repository", sync("blog"), later)).toBe(id);
      await queue.start(record, { concurrency: 1 });
      await until(isIdle);
      expect(ran).toEqual(["blog"]);
    },
    120_000,
  );

  test.concurrent(
    "keeps the more urgent of two requests with one key",
    async () => {
      await using meeting = await meet();
      const { queue, ran, record, isIdle } = meeting;
      await queue.enqueue("sync-repository", sync("blog"), { key: "blog", priority: 20 });
      await queue.enqueue("sync-repository", sync("shop"), { key: "shop", priority: 10 });
      await queue.enqueue("sync-repository", sync("blog"), { key: "blog", priority: 1 });
      await queue.enqueue("sync-repository", sync("shop"), { key: "shop", priority: 30 });
      await queue.enqueue("prune", {}, { priority: 15 });
      await queue.start(record, { concurrency: 1 });
      await until(isIdle);
      expect(ran).toEqual(["blog", "shop", "prune"]);
    },
    120_000,
  );
});
