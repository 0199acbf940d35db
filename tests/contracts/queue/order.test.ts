// Which jobs run when, and how many at once.
import { expect, test } from "bun:test";
import { sync, withEachQueue } from "./meeting.ts";
import { until } from "../../tools/until.ts";
import { handlersFor, type Run } from "../../tools/queues.ts";
import { maxAttempts, Postponed } from "../../../src/jobs/queue.ts";

withEachQueue((meet) => {
  test.concurrent(
    "runs each job once, with what was asked for",
    async () => {
      await using meeting = await meet();
      const { queue, isIdle } = meeting;
      const runs: Run[] = [];
      const id = await queue.enqueue("sync-repository", sync("blog"));
      await queue.enqueue("prune", {});
      expect(await queue.stats()).toMatchObject({ waiting: 2, running: 0, dead: 0 });
      await queue.start(
        handlersFor(async (run) => void runs.push(run)),
        { concurrency: 1 },
      );
      await until(isIdle);
      expect(runs.map(({ name, payload }) => [name, payload])).toEqual([
        ["sync-repository", sync("blog")],
        ["prune", {}],
      ]);
      expect(runs[0]?.running).toMatchObject({ id, attempt: 1 });
      expect(await queue.stats()).toEqual({ waiting: 0, running: 0, dead: 0, oldestWaitingAt: null });
    },
    120_000,
  );

  test.concurrent(
    "FA2: takes back a job that gives way, and does not count the attempt",
    async () => {
      await using meeting = await meet();
      const { queue, isIdle } = meeting;
      const attempts: number[] = [];
      await queue.enqueue("sync-repository", sync("blog"), { key: "blog" });
      await queue.start(
        handlersFor(async ({ running }) => {
          attempts.push(running.attempt);
          if (attempts.length <= maxAttempts + 1) throw new Postponed(10);
        }),
        { concurrency: 1 },
      );
      await until(async () => attempts.length > maxAttempts + 1 && (await isIdle()));
      expect(attempts).toEqual(Array<number>(maxAttempts + 2).fill(1));
      expect(await queue.stats()).toMatchObject({ waiting: 0, running: 0, dead: 0 });
    },
    120_000,
  );

  test.concurrent(
    "waits until a job is due",
    async () => {
      await using meeting = await meet();
      const { place, queue, ran, record, isIdle } = meeting;
      await queue.start(record, { concurrency: 1 });
      const runAt = place.now() + 3000;
      await queue.enqueue("sync-repository", sync("later"), { runAt });
      await queue.enqueue("sync-repository", sync("now"));
      await until(() => ran.length === 1);
      expect(await queue.stats()).toMatchObject({ waiting: 1, oldestWaitingAt: runAt });
      await place.pass(3000);
      await until(isIdle);
      expect(ran).toEqual(["now", "later"]);
    },
    120_000,
  );

  test.concurrent(
    "runs the most urgent first, and of those the oldest",
    async () => {
      await using meeting = await meet();
      const { queue, ran, record, isIdle } = meeting;
      for (const [each, priority] of [
        ["low", 20],
        ["high", 1],
        ["high too", 1],
        ["middle", 10],
        ["top", 0],
      ] as const)
        await queue.enqueue("sync-repository", sync(each), { priority });
      await queue.start(record, { concurrency: 1 });
      await until(isIdle);
      expect(ran).toEqual(["top", "high", "high too", "middle", "low"]);
    },
    120_000,
  );

  test.concurrent(
    "asks for no name first: the most urgent job runs, whatever it is",
    async () => {
      await using meeting = await meet();
      const { queue, ran, record, isIdle } = meeting;
      await queue.enqueue("sync-repository", sync("blog"), { priority: 10 });
      await queue.enqueue("prune", {}, { priority: 20 });
      await queue.enqueue("send-mails", {}, { priority: 0 });
      await queue.enqueue("count-downloads", {}, { priority: 10 });
      await queue.start(record, { concurrency: 1 });
      await until(isIdle);
      expect(ran).toEqual(["send-mails", "blog", "count-downloads", "prune"]);
    },
    120_000,
  );

  test.concurrent(
    "runs as many jobs at once as it may, in all and of a name",
    async () => {
      await using meeting = await meet();
      const { queue, isIdle } = meeting;
      const gate = Promise.withResolvers<void>();
      const began: string[] = [];
      for (let at = 0; at < 4; at++) await queue.enqueue("sync-repository", sync("blog"), { priority: 0 });
      for (let at = 0; at < 4; at++) await queue.enqueue("prune", {}, { priority: 10 });
      await queue.start(
        handlersFor(async ({ name }) => {
          began.push(name);
          await gate.promise;
        }),
        { concurrency: 3, limits: { "sync-repository": 1 } },
      );
      await until(() => began.length === 3);
      expect(await queue.stats()).toMatchObject({ waiting: 5, running: 3 });
      expect(began.toSorted()).toEqual(["prune", "prune", "sync-repository"]);
      gate.resolve();
      await until(isIdle);
      expect(began).toHaveLength(8);
    },
    120_000,
  );

  test.concurrent(
    "runs more at once while jobs wait",
    async () => {
      await using meeting = await meet();
      const { place, queue, workers } = meeting;
      const gate = Promise.withResolvers<void>();
      for (let at = 0; at < 4; at++) await queue.enqueue("sync-repository", sync(`job-${at}`));
      await queue.start(
        handlersFor(() => gate.promise),
        { concurrency: 3, minimum: 1 },
      );
      await until(async () => (await queue.stats()).running === 1);
      await place.pass(1500);
      await until(async () => (await queue.stats()).running === 3);
      await until(async () => (await workers())[0]?.places === 3);
      expect(await workers()).toMatchObject([{ min_places: 1, max_places: 3 }]);
      gate.resolve();
    },
    120_000,
  );
});
