// What a queue does with failed jobs whose work has succeeded since.
import { expect, test } from "bun:test";
import { failureOf } from "../../tools/failure.ts";
import { handlersFor } from "../../tools/queues.ts";
import { until } from "../../tools/until.ts";
import { hour, sync, withEachQueue } from "./meeting.ts";

const reason = "git.acme.test refuses the password.";

withEachQueue((meet) => {
  test.concurrent(
    "FW6: what failed is settled by a later success with its key, and by no other",
    async () => {
      await using meeting = await meet();
      const { place, queue, isIdle } = meeting;
      await queue.start(
        handlersFor(async ({ payload }) => {
          if (payload.repositoryId === "crash") throw new Error("No.");
          if (payload.repositoryId !== undefined) return { failed: reason };
        }),
        { concurrency: 1 },
      );
      const unsuccessful = async () =>
        (await queue.list({ state: "unsuccessful", limit: 100 })).jobs.map(({ id }) => id);
      const fail = async (id: string, key: string) => {
        const failed = await queue.enqueue("sync-repository", sync(id), { key });
        await until(async () => {
          await place.pass(10_000);
          return isIdle();
        });
        return failed;
      };
      const first = await fail("blog", "sync:blog");
      const second = await fail("blog", "sync:blog");
      const dead = await fail("crash", "sync:blog");
      const other = await fail("shop", "sync:blog-2");
      await queue.settle("sync-repository", "sync:blog");
      for (const [id, error] of [
        [first, reason],
        [second, reason],
        [dead, "No."],
      ] as const)
        expect(await queue.find(id)).toMatchObject({ state: "settled", error });
      expect(await unsuccessful()).toEqual([other]);
      expect(await queue.countsByName()).toMatchObject([{ name: "sync-repository", failed: 1, dead: 0 }]);
      expect(await queue.stats()).toMatchObject({ dead: 0 });
      const { jobs } = await queue.list({ state: "done", limit: 10 });
      expect(jobs.map(({ id, state }) => [id, state])).toEqual(
        [dead, second, first].map((id) => [id, "settled"]),
      );
      expect((await failureOf(queue.retry(first))).kind).toBe("notFound");
      expect((await failureOf(queue.forget(first))).kind).toBe("notFound");
      expect(await queue.retryAll()).toBe(1);
      await until(isIdle);
      await queue.prune({ doneSince: place.now() + hour, failedSince: 0, maxFailed: 10 });
      expect(await queue.find(first)).toBeNull();
      expect(await unsuccessful()).toEqual([other]);
    },
    120_000,
  );
});
