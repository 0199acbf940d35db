// Names that are paused, and a worker that stops.
import { expect, test } from "bun:test";
import { sync, withEachQueue } from "./meeting.ts";
import { until } from "../../tools/until.ts";
import { handlersFor } from "../../tools/queues.ts";

withEachQueue((meet) => {
  test.concurrent(
    "lets jobs of a name wait while it is paused, in every process, and others go on",
    async () => {
      await using meeting = await meet();
      const { place, queue, ran, record, isIdle } = meeting;
      const other = await place.open();
      await queue.start(record, { concurrency: 1 });
      await other.setPaused("sync-repository", true);
      await other.setPaused("sync-repository", true);
      expect(await queue.paused()).toEqual({ all: false, names: ["sync-repository"] });
      await Bun.sleep(1100);
      await queue.enqueue("sync-repository", sync("blog"));
      await queue.enqueue("prune", {});
      await until(() => ran.length === 1);
      // The marker: what came after the paused job has run, one at a time.
      await queue.enqueue("prune", {});
      await until(async () => ran.length === 2 && (await queue.stats()).running === 0);
      expect(ran).toEqual(["prune", "prune"]);
      expect(await queue.stats()).toMatchObject({ waiting: 1, running: 0 });
      await other.setPaused("sync-repository", false);
      await until(isIdle);
      expect(ran).toEqual(["prune", "prune", "blog"]);
    },
    120_000,
  );

  test.concurrent(
    "starts paused when everything was paused before, until it is taken back",
    async () => {
      await using meeting = await meet();
      const { place, queue, ran, record, isIdle } = meeting;
      const other = await place.open();
      await other.setPaused(null, true);
      await other.setPaused("prune", true);
      await queue.start(record, { concurrency: 1 });
      await queue.enqueue("sync-repository", sync("blog"));
      await Bun.sleep(1500);
      expect(ran).toEqual([]);
      await other.setPaused(null, false);
      await until(isIdle);
      expect(ran).toEqual(["blog"]);
      expect(await other.paused()).toEqual({ all: false, names: ["prune"] });
    },
    120_000,
  );

  test.concurrent(
    "drains: takes nothing new and waits for what runs",
    async () => {
      await using meeting = await meet();
      const { queue, ran } = meeting;
      const gate = Promise.withResolvers<void>();
      let hasBegun = false;
      await queue.enqueue("sync-repository", sync("blog"));
      await queue.start(
        handlersFor(async ({ payload }) => {
          hasBegun = true;
          await gate.promise;
          ran.push(payload.repositoryId ?? "");
        }),
        { concurrency: 1 },
      );
      await until(() => hasBegun);
      const drained = queue.drain(60_000);
      await queue.enqueue("sync-repository", sync("shop"));
      gate.resolve();
      await drained;
      expect(ran).toEqual(["blog"]);
      expect(await queue.stats()).toMatchObject({ waiting: 1, running: 0 });
    },
    120_000,
  );

  test.concurrent(
    "hands back what does not end in time, to be run elsewhere at once and as if for the first time",
    async () => {
      await using meeting = await meet();
      const { place, queue, ran, isIdle } = meeting;
      let toldToStop = false;
      let hasBegun = false;
      await queue.enqueue("sync-repository", sync("blog"), { key: "blog" });
      await queue.start(
        handlersFor(async ({ running }) => {
          running.signal.addEventListener("abort", () => (toldToStop = true));
          hasBegun = true;
          await new Promise(() => {});
        }),
        { concurrency: 1 },
      );
      await until(() => hasBegun);
      await queue.drain(10);
      expect(toldToStop).toBe(true);
      const other = await place.open();
      await other.start(
        handlersFor(async ({ running }) => void ran.push(`attempt ${running.attempt}`)),
        { concurrency: 1 },
      );
      await until(isIdle);
      expect(ran).toEqual(["attempt 1"]);
    },
    120_000,
  );
});
