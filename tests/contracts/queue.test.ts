// What a job queue promises, whatever it is made of. `queues` lists the implementations.
import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { unavailable } from "../../src/errors.ts";
import { type JobPage, type JobPayloads, maxAttempts, Postponed } from "../../src/jobs/queue.ts";
import { runTimetable } from "../../src/jobs/timetable.ts";
import { type Database, openDatabase } from "../../src/store/engine/database.ts";
import { countRuns, listJobTotals, minuteMs } from "../../src/store/jobs/history.ts";
import { listWorkers, type Slot } from "../../src/store/jobs/workers.ts";
import { isMissing } from "../tools/databases.ts";
import { failureOf } from "../tools/failure.ts";
import { handlersFor, type QueuePlace, queues, type Run } from "../tools/queues.ts";
import { stopServers } from "../tools/services.ts";
import { until } from "../tools/until.ts";

afterAll(stopServers);

const hour = 3_600_000;
const sync = (repositoryId: string, reason = "test"): JobPayloads["sync-repository"] => ({
  repositoryId,
  reason,
});

for (const { name, server, make } of queues) {
  describe.skipIf(isMissing(server))(`a queue in ${name}`, () => {
    /** Each has a place of its own, so they run beside each other: most of their time is waiting. */
    const story = (title: string, tell: (meeting: Meeting) => Promise<void>) =>
      test.concurrent(
        title,
        async () => {
          await using meeting = await meet(make);
          await tell(meeting);
        },
        120_000,
      );

    story("runs each job once, with what was asked for", async ({ queue, isIdle }) => {
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
    });

    story(
      "FA2: takes back a job that gives way, and does not count the attempt",
      async ({ queue, isIdle }) => {
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
    );

    story(
      "takes requests with one key for one job while it waits",
      async ({ queue, ran, record, isIdle }) => {
        const ids = await Promise.all(
          ["one", "two", "three"].map((each) =>
            queue.enqueue("sync-repository", sync(each), { key: "blog" }),
          ),
        );
        expect(new Set(ids).size).toBe(1);
        await queue.enqueue("sync-repository", sync("shop"), { key: "shop" });
        await queue.enqueue("prune", {}, { key: "blog" });
        await queue.start(record, { concurrency: 1 });
        await until(isIdle);
        expect(ran).toHaveLength(3);
      },
    );

    story(
      "runs one job with a key at a time, and one more when it was asked for meanwhile",
      async ({ queue, ran, isIdle }) => {
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
    );

    story(
      "follows every request with a run that begins after it, and never runs a key beside itself",
      async ({ place, queue, isIdle }) => {
        const queues = [queue, await place.open(), await place.open()];
        const begun: { key: string; at: number }[] = [];
        const running = new Set<string>();
        const beside: string[] = [];
        const fails = new Set([7, 19, 31]);
        const handlers = handlersFor(async ({ payload: { repositoryId: key = "" } }) => {
          if (running.has(key)) beside.push(key);
          running.add(key);
          begun.push({ key, at: performance.now() });
          await Bun.sleep(Math.random() * 20);
          running.delete(key);
          if (fails.delete(begun.length)) throw new Error("No.");
        });
        for (const each of queues) await each.start(handlers, { concurrency: 3 });
        const asked: { key: string; at: number }[] = [];
        const ask = async (queue: (typeof queues)[number]) => {
          for (let request = 0; request < 40; request++) {
            const key = ["blog", "shop", "wiki"][request % 3] ?? "";
            asked.push({ key, at: performance.now() });
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
        const unanswered = asked.filter(
          (one) => !begun.some((run) => run.key === one.key && run.at >= one.at),
        );
        expect(unanswered).toEqual([]);
        expect(begun.length).toBeLessThan(asked.length);
      },
    );

    story("waits until a job is due", async ({ place, queue, ran, record, isIdle }) => {
      await queue.start(record, { concurrency: 1 });
      const runAt = place.now() + 3000;
      await queue.enqueue("sync-repository", sync("later"), { runAt });
      await queue.enqueue("sync-repository", sync("now"));
      await until(() => ran.length === 1);
      expect(await queue.stats()).toMatchObject({ waiting: 1, oldestWaitingAt: runAt });
      await place.pass(3000);
      await until(isIdle);
      expect(ran).toEqual(["now", "later"]);
    });

    story(
      "keeps the earlier time of two requests with one key",
      async ({ place, queue, ran, record, isIdle }) => {
        const later = { key: "blog", runAt: place.now() + hour };
        const id = await queue.enqueue("sync-repository", sync("blog"), later);
        expect(await queue.enqueue("sync-repository", sync("blog"), { key: "blog" })).toBe(id);
        expect(await queue.enqueue("sync-repository", sync("blog"), later)).toBe(id);
        await queue.start(record, { concurrency: 1 });
        await until(isIdle);
        expect(ran).toEqual(["blog"]);
      },
    );

    story("runs the most urgent first, and of those the oldest", async ({ queue, ran, record, isIdle }) => {
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
    });

    story("asks for no name first: the most urgent job runs, whatever it is", async (meeting) => {
      const { queue, ran, record, isIdle } = meeting;
      await queue.enqueue("sync-repository", sync("blog"), { priority: 10 });
      await queue.enqueue("prune", {}, { priority: 20 });
      await queue.enqueue("send-mails", {}, { priority: 0 });
      await queue.enqueue("count-downloads", {}, { priority: 10 });
      await queue.start(record, { concurrency: 1 });
      await until(isIdle);
      expect(ran).toEqual(["send-mails", "blog", "count-downloads", "prune"]);
    });

    story("keeps the more urgent of two requests with one key", async ({ queue, ran, record, isIdle }) => {
      await queue.enqueue("sync-repository", sync("blog"), { key: "blog", priority: 20 });
      await queue.enqueue("sync-repository", sync("shop"), { key: "shop", priority: 10 });
      await queue.enqueue("sync-repository", sync("blog"), { key: "blog", priority: 1 });
      await queue.enqueue("sync-repository", sync("shop"), { key: "shop", priority: 30 });
      await queue.enqueue("prune", {}, { priority: 15 });
      await queue.start(record, { concurrency: 1 });
      await until(isIdle);
      expect(ran).toEqual(["blog", "shop", "prune"]);
    });

    story("runs as many jobs at once as it may, in all and of a name", async ({ queue, isIdle }) => {
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
    });

    story(
      "tries a job that failed again, later each time, and keeps the last error when it gives up",
      async ({ place, queue }) => {
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
    );

    story(
      "gives a dead job its attempts back when a person asks, and only a dead one",
      async ({ place, queue, ran, isIdle }) => {
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
    );

    story("tries a job that waits to be tried again at once when a person asks", async (meeting) => {
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
    });

    story("tells of a job all there is to know, whatever became of it", async (meeting) => {
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
    });

    story("lists jobs a page at a time, what ended last first, of all names or of one", async (meeting) => {
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
    });

    story("counts by name what is due, what is not yet, what runs and what died", async (meeting) => {
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
    });

    story(
      "forgets a dead job when a person asks, and no other; retries all that are dead",
      async (meeting) => {
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
    );

    story(
      "lets jobs of a name wait while it is paused, in every process, and others go on",
      async (meeting) => {
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
        await Bun.sleep(1500);
        expect(ran).toEqual(["prune"]);
        expect(await queue.stats()).toMatchObject({ waiting: 1, running: 0 });
        await other.setPaused("sync-repository", false);
        await until(isIdle);
        expect(ran).toEqual(["prune", "blog"]);
      },
    );

    story("starts paused when everything was paused before, until it is taken back", async (meeting) => {
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
    });

    story("runs more at once while jobs wait", async (meeting) => {
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
    });

    story("tells what each place of a process does, and how much it did", async (meeting) => {
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
    });

    story("keeps how runs went, by name", async ({ place, queue, database, isIdle }) => {
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
    });

    story("comes back when the failure says so, not before", async ({ place, queue, ran, isIdle }) => {
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
    });

    story(
      "lets the job that waits do the work of one that failed with the same key",
      async ({ place, queue, ran, isIdle }) => {
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
    );

    story("drains: takes nothing new and waits for what runs", async ({ queue, ran }) => {
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
    });

    story(
      "hands back what does not end in time, to be run elsewhere at once and as if for the first time",
      async ({ place, queue, ran, isIdle }) => {
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
    );

    story("knows whether anybody works it", async ({ place, queue, record, spawn }) => {
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
    });

    story(
      "keeps a job whose process was killed as soon as it had been acknowledged",
      async ({ queue, ran, record, isIdle, spawn }) => {
        const child = spawn("add");
        await until(() => child.lines.length === 1);
        await child.kill();
        expect(await queue.stats()).toMatchObject({ waiting: 1 });
        await queue.start(record, { concurrency: 1 });
        await until(isIdle);
        expect(ran).toEqual(["blog"]);
      },
    );

    story(
      "runs what another process added while it had nothing to do",
      async ({ queue, ran, record, spawn }) => {
        await queue.start(record, { concurrency: 1 });
        spawn("add");
        await until(() => ran.length === 1);
        expect(ran).toEqual(["blog"]);
      },
    );

    story(
      "takes up the job of a killed process when the next one starts",
      async ({ queue, ran, isIdle, spawn }) => {
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
    );

    story(
      "takes up the job of a process that is killed beside it, and leaves the job of a living one alone",
      async ({ place, queue, ran, record, isIdle, spawn }) => {
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
    );

    story(
      "takes up the job of a process that stands still, which is told to stop when it goes on",
      async ({ place, queue, ran, record, isIdle, spawn }) => {
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
    );

    story("never runs a job twice, however many processes take from it", async ({ queue, isIdle, spawn }) => {
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
    });

    story("fires the timetable once, however many processes keep it", async ({ spawn }) => {
      const keepers = [spawn("timetable"), spawn("timetable"), spawn("timetable")];
      for (const keeper of keepers) await keeper.says("ready");
      await until(() => keepers.some(({ lines }) => lines.includes("began prune ")));
      await Bun.sleep(2500);
      expect(began(keepers)).toEqual(["began prune "]);
    });

    story(
      "fires the timetable once when the clocks of two machines differ",
      async ({ place, queue, ran, record }) => {
        const db = await openDatabase(place.database);
        await queue.start(record, { concurrency: 1 });
        const entries = [{ name: "prune" as const, everyMs: hour }];
        const clocks = [0, -2000, 2000].map((ahead) => () => place.now() + ahead);
        const keepers = clocks.map((now) => runTimetable({ db, jobs: queue, now, entries }));
        await until(() => ran.length > 0);
        await Bun.sleep(2500);
        expect(ran).toEqual(["prune"]);
        for (const keeper of keepers) keeper.stop();
        await db.close();
      },
    );

    story(
      "fires the timetable once per period, and once for all the periods that were missed",
      async ({ place, queue, ran, record, isIdle }) => {
        const db = await openDatabase(place.database);
        await queue.start(record, { concurrency: 1 });
        const entries = [{ name: "prune" as const, everyMs: hour }];
        const keepers = [1, 2].map(() => runTimetable({ db, jobs: queue, now: place.now, entries }));
        await until(async () => ran.length === 1 && (await isIdle()));
        for (const [hours, runs] of [
          [1, 2],
          [5, 3],
          [1, 4],
        ] as const) {
          await place.pass(hours * hour);
          await until(async () => ran.length === runs && (await isIdle()));
          // A second firing would come with the next look, a second later at most.
          await Bun.sleep(1200);
          expect(ran).toHaveLength(runs);
        }
        for (const keeper of keepers) keeper.stop();
        await db.close();
      },
    );
  });
}

// The control: what the two stories above look for is seen when it happens.
test("processes at two queues run the same job twice", async () => {
  const [kind] = queues;
  if (!kind) throw new Error("There is an embedded queue.");
  const meetings = [await meet(kind.make), await meet(kind.make)];
  const keepers = meetings.map(({ spawn }) => spawn("timetable"));
  for (const keeper of keepers) await keeper.says("began prune ");
  expect(began(keepers)).toEqual(["began prune ", "began prune "]);
  for (const meeting of meetings) await meeting[Symbol.asyncDispose]();
});

function began(children: Child[]): string[] {
  return children.flatMap(({ lines }) => lines.filter((line) => line.startsWith("began")));
}

type Meeting = Awaited<ReturnType<typeof meet>>;

async function meet(make: () => Promise<QueuePlace>) {
  const place = await make();
  const queue = await place.open();
  let db: Database | null = null;
  const database = async () => (db ??= await openDatabase(place.database));
  const ran: string[] = [];
  const children: Child[] = [];
  return {
    place,
    queue,
    ran,
    database,
    workers: async () => listWorkers(await database()),
    /** Handlers that only write down what ran. */
    record: handlersFor(async ({ name, payload }) => void ran.push(payload.repositoryId ?? name)),
    async isIdle() {
      const { waiting, running } = await queue.stats();
      return waiting + running === 0;
    },
    spawn(task: string) {
      const child = startChild(task, place.address);
      children.push(child);
      return child;
    },
    async [Symbol.asyncDispose]() {
      for (const child of children) await child.kill();
      await db?.close();
      await place.close();
    },
  };
}

type Child = ReturnType<typeof startChild>;

function startChild(task: string, address: string) {
  const program = join(import.meta.dir, "../tools/queue-process.ts");
  const process = Bun.spawn([globalThis.process.execPath, program, task, address], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const lines: string[] = [];
  const read = async () => {
    let rest = "";
    for await (const chunk of process.stdout.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts);
    }
  };
  const ended = read();
  return {
    process,
    lines,
    says: (line: string) => until(() => lines.includes(line)),
    async kill() {
      process.kill("SIGKILL");
      await process.exited;
      await ended;
    },
  };
}
