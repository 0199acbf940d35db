// Several processes at one queue: none of them loses a job, and no job runs twice.
import { expect, test } from "bun:test";
import { began, sync, withEachQueue } from "./meeting.ts";
import { until } from "../../tools/until.ts";
import { handlersFor } from "../../tools/queues.ts";

withEachQueue((meet) => {
  test.concurrent(
    "keeps a job whose process was killed as soon as it had been acknowledged",
    async () => {
      await using meeting = await meet();
      const { queue, ran, record, isIdle, spawn } = meeting;
      const child = spawn("add");
      await until(() => child.lines.length === 1);
      await child.kill();
      expect(await queue.stats()).toMatchObject({ waiting: 1 });
      await queue.start(record, { concurrency: 1 });
      await until(isIdle);
      expect(ran).toEqual(["blog"]);
    },
    120_000,
  );

  test.concurrent(
    "runs what another process added while it had nothing to do",
    async () => {
      await using meeting = await meet();
      const { queue, ran, record, spawn } = meeting;
      await queue.start(record, { concurrency: 1 });
      spawn("add");
      await until(() => ran.length === 1);
      expect(ran).toEqual(["blog"]);
    },
    120_000,
  );

  test.concurrent(
    "takes up the job of a killed process when the next one starts",
    async () => {
      await using meeting = await meet();
      const { queue, ran, isIdle, spawn } = meeting;
      await queue.enqueue("sync-repository", sync("blog", "hang"), { key: "blog" });
      const child = spawn("work");
      await child.says("began sync-repository blog");
      await child.kill();
      await queue.start(
        handlersFor(async ({ running }) => void ran.push(`attempt ${running.attempt}`)),
        { concurrency: 1 },
      );
      await until(isIdle);
      expect(ran).toEqual(["attempt 2"]);
    },
    120_000,
  );

  test.concurrent(
    "takes up the job of a process that is killed beside it, and leaves the job of a living one alone",
    async () => {
      await using meeting = await meet();
      const { place, queue, ran, record, isIdle, spawn } = meeting;
      const living = spawn("work");
      await living.says("ready");
      for (const each of ["blog", "shop"]) await queue.enqueue("sync-repository", sync(each, "hang"));
      await living.says("began sync-repository blog");
      await living.says("began sync-repository shop");
      await queue.start(record, { concurrency: 1 });
      await place.pass(6000);
      await Bun.sleep(1500);
      expect(ran).toEqual([]);
      await living.kill();
      await place.pass(6000);
      await until(isIdle);
      expect(ran.toSorted()).toEqual(["blog", "shop"]);
    },
    120_000,
  );

  test.concurrent(
    "takes up the job of a process that stands still, which is told to stop when it goes on",
    async () => {
      await using meeting = await meet();
      const { place, queue, ran, record, isIdle, spawn } = meeting;
      await queue.enqueue("sync-repository", sync("blog", "hang"), { key: "blog" });
      const child = spawn("work");
      await child.says("began sync-repository blog");
      child.process.kill("SIGSTOP");
      await queue.start(record, { concurrency: 1 });
      await place.pass(31_000);
      await until(isIdle);
      expect(ran).toEqual(["blog"]);
      child.process.kill("SIGCONT");
      await child.says("told to stop");
      expect(await queue.stats()).toMatchObject({ waiting: 0, running: 0, dead: 0 });
    },
    120_000,
  );

  test.concurrent(
    "never runs a job twice, however many processes take from it",
    async () => {
      await using meeting = await meet();
      const { queue, isIdle, spawn } = meeting;
      const labels = Array.from({ length: 300 }, (_, at) => `job-${at}`);
      const workers = [spawn("work"), spawn("work")];
      for (const worker of workers) await worker.says("ready");
      // Each has three places: slow jobs take those of the one that comes first, so that the other comes too.
      const jobs = labels.map((each, at) => sync(each, at < 4 ? "slow" : "test"));
      for (const job of jobs) await queue.enqueue("sync-repository", job);
      await until(async () => (await isIdle()) && began(workers).length >= labels.length);
      expect(began(workers).toSorted()).toEqual(
        labels.map((each) => `began sync-repository ${each}`).toSorted(),
      );
      for (const worker of workers) expect(began([worker])).not.toBeEmpty();
    },
    120_000,
  );
});
