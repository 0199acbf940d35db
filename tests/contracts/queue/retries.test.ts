// A job that fails is tried again, and given up at last.
import { expect, test } from "bun:test";
import { hour, sync, withEachQueue } from "./meeting.ts";
import { until } from "../../tools/until.ts";
import { handlersFor, type Run } from "../../tools/queues.ts";
import { failureOf } from "../../tools/failure.ts";
import { unavailable } from "../../../src/errors.ts";

withEachQueue((meet) => {
  test.concurrent(
    "tries a job that failed again, later each time, and keeps the last error when it gives up",
    async () => {
      await using meeting = await meet();
      const { place, queue } = meeting;
      const attempts: number[] = [];
      const failing = handlersFor(async ({ running }) => {
        attempts.push(running.attempt);
        throw new Error(`The host did not answer (${running.attempt}).`);
      });
      const id = await queue.enqueue("sync-repository", sync("blog"), { key: "blog" });
      await queue.start(failing, { concurrency: 1 });
      const waits: number[] = [];
      for (let attempt = 1; attempt < 5; attempt++) {
        await until(async () => attempts.length === attempt && (await queue.stats()).waiting === 1);
        const { oldestWaitingAt } = await queue.stats();
        const wait = (oldestWaitingAt ?? 0) - place.now();
        waits.push(wait);
        await place.pass(wait);
      }
      await until(async () => (await queue.stats()).dead === 1);
      expect(attempts).toEqual([1, 2, 3, 4, 5]);
      expect(waits[3]).toBeGreaterThan(2 * (waits[0] ?? 0));
      expect(await place.errorOf(id)).toBe("The host did not answer (5).");
    },
    120_000,
  );

  test.concurrent(
    "gives a dead job its attempts back when a person asks, and only a dead one",
    async () => {
      await using meeting = await meet();
      const { place, queue, ran, isIdle } = meeting;
      const id = await queue.enqueue("sync-repository", sync("blog"), { key: "blog" });
      let healthy = false;
      await queue.start(
        handlersFor(async ({ running }) => {
          if (!healthy) throw new Error("No.");
          ran.push(`attempt ${running.attempt}`);
        }),
        { concurrency: 1 },
      );
      expect((await failureOf(queue.retry("nothing"))).kind).toBe("notFound");
      await until(async () => {
        await place.pass(10_000);
        return (await queue.stats()).dead === 1;
      });
      healthy = true;
      await queue.retry(id);
      await until(async () => (await isIdle()) && ran.length === 1);
      expect(ran).toEqual(["attempt 1"]);
      expect(await queue.stats()).toMatchObject({ dead: 0 });
      expect((await failureOf(queue.retry(id))).kind).toBe("notFound");
    },
    120_000,
  );

  test.concurrent(
    "tries a job that waits to be tried again at once when a person asks",
    async () => {
      await using meeting = await meet();
      const { queue, ran, isIdle } = meeting;
      const id = await queue.enqueue("sync-repository", sync("blog"), { key: "blog" });
      await queue.start(
        handlersFor(async ({ running }) => {
          ran.push(`attempt ${running.attempt}`);
          if (running.attempt === 1) throw unavailable("Too many requests.", { retryAfterSeconds: 1200 });
        }),
        { concurrency: 1 },
      );
      await until(async () => (await queue.list({ state: "retrying", limit: 10 })).jobs.length === 1);
      await queue.retry(id);
      await until(async () => (await isIdle()) && ran.length === 2);
      expect(ran).toEqual(["attempt 1", "attempt 2"]);
    },
    120_000,
  );

  test.concurrent(
    "comes back when the failure says so, not before",
    async () => {
      await using meeting = await meet();
      const { place, queue, ran, isIdle } = meeting;
      await queue.enqueue("sync-repository", sync("blog"));
      await queue.start(
        handlersFor(async ({ running }) => {
          ran.push(String(running.attempt));
          if (running.attempt === 1) throw unavailable("Too many requests.", { retryAfterSeconds: 120 });
        }),
        { concurrency: 1 },
      );
      await until(async () => ran.length === 1 && (await queue.stats()).waiting === 1);
      const { oldestWaitingAt } = await queue.stats();
      expect(oldestWaitingAt).toBeGreaterThan(place.now() + 100_000);
      await place.pass(120_000);
      await until(isIdle);
      expect(ran).toEqual(["1", "2"]);
    },
    120_000,
  );

  test.concurrent(
    "lets the job that waits do the work of one that failed with the same key",
    async () => {
      await using meeting = await meet();
      const { place, queue, ran, isIdle } = meeting;
      const gate = Promise.withResolvers<void>();
      await queue.enqueue("sync-repository", sync("first"), { key: "blog" });
      await queue.start(
        handlersFor(async ({ payload }) => {
          ran.push(payload.repositoryId ?? "");
          if (payload.repositoryId !== "first") return;
          await gate.promise;
          throw new Error("No.");
        }),
        { concurrency: 2 },
      );
      await until(() => ran.length === 1);
      await queue.enqueue("sync-repository", sync("second"), { key: "blog", runAt: place.now() + hour });
      gate.resolve();
      await until(async () => (await queue.stats()).running === 0);
      await place.pass(5000);
      await until(isIdle);
      await place.pass(hour);
      await queue.enqueue("prune", {});
      await until(() => ran.length === 3);
      expect(ran).toEqual(["first", "second", ""]);
    },
    120_000,
  );

  test.concurrent(
    "forgets a dead job when a person asks, and no other; retries all that are dead",
    async () => {
      await using meeting = await meet();
      const { place, queue, ran } = meeting;
      let healthy = false;
      const fails = async ({ payload }: Run) => {
        if (!healthy) throw new Error("No.");
        ran.push(payload.repositoryId ?? "");
      };
      const ids: string[] = [];
      for (const each of ["blog", "shop", "wiki"])
        ids.push(await queue.enqueue("sync-repository", sync(each), { key: each }));
      const waiting = await queue.enqueue("prune", {}, { runAt: place.now() + 1000 * hour });
      await queue.start(handlersFor(fails), { concurrency: 3 });
      await until(async () => {
        await place.pass(10_000);
        return (await queue.stats()).dead === 3;
      });
      expect((await failureOf(queue.forget(waiting))).kind).toBe("notFound");
      await queue.forget(ids[0] ?? "");
      expect(await queue.find(ids[0] ?? "")).toBeNull();
      expect((await failureOf(queue.forget(ids[0] ?? ""))).kind).toBe("notFound");
      healthy = true;
      expect(await queue.retryAll()).toBe(2);
      await until(() => ran.length === 2);
      expect(ran.toSorted()).toEqual(["shop", "wiki"]);
      expect(await queue.retryAll()).toBe(0);
    },
    120_000,
  );
});
