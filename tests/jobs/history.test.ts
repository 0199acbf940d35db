// Statistics of runs: what is added up, how exact a time is, what is deleted.
import { afterAll, describe, expect, test } from "bun:test";
import { createRunCounter } from "../../src/jobs/run-counter.ts";
import { type Database, migrate, openDatabase } from "../../src/store/engine/database.ts";
import {
  bucketOf,
  countRuns,
  halfHourMs,
  listJobTotals,
  listRunTimes,
  minuteMs,
  pruneJobHistory,
  quantileOf,
} from "../../src/store/jobs/history.ts";
import { engines, isMissing, makeDatabase } from "../tools/servers/databases.ts";
import { stopServers } from "../tools/servers/services.ts";

afterAll(stopServers);

const noon = Date.parse("2026-03-01T12:00:00Z");
const job = { id: "1", name: "prune", payload: "{}" };

test("a run time is remembered to a tenth", () => {
  for (const ms of [1, 7, 46, 320, 1920, 60_000, 3_600_000, 36_000_000]) {
    const stored = quantileOf(new Map([[bucketOf(ms), 1]]), 0.5) ?? 0;
    expect(Math.abs(stored / ms - 1)).toBeLessThan(0.1);
  }
  expect(bucketOf(0)).toBe(0);
});

test("of many run times the median and the slowest twentieth are reported", () => {
  const counts = new Map([
    [bucketOf(100), 90],
    [bucketOf(2000), 8],
    [bucketOf(60_000), 2],
  ]);
  expect(Math.round(quantileOf(counts, 0.5) ?? 0)).toBe(108);
  expect(Math.round(quantileOf(counts, 0.95) ?? 0)).toBe(2048);
  expect(quantileOf(new Map(), 0.5)).toBeNull();
});

for (const { engine, name, server } of engines) {
  describe.skipIf(isMissing(server))(`the history of jobs on ${name}`, () => {
    test("adds up what several processes did, by the minute and by the half hour", async () => {
      await using at = await openHistory(engine);
      for (const [minutes, durationMs, outcome] of [
        [0, 100, "done"],
        [0, 100, "done"],
        [1, 2000, "failed"],
        [40, 100, "done"],
      ] as const) {
        const started = [at.first, at.second].map((recorder) => recorder.begin(job));
        at.now = noon + minutes * minuteMs + durationMs;
        for (const ended of started) ended(outcome);
        at.now = noon + minutes * minuteMs;
        await at.flush();
      }
      const { db } = at;
      const [minute, halfHour] = [
        { step: minuteMs, since: noon },
        { step: halfHourMs, since: noon },
      ];
      expect(await countRuns(db, { ...minute, every: minuteMs })).toEqual([
        { at: noon, done: 4, failed: 0 },
        { at: noon + minuteMs, done: 0, failed: 2 },
        { at: noon + 40 * minuteMs, done: 2, failed: 0 },
      ]);
      expect(await countRuns(db, { ...halfHour, every: 2 * halfHourMs })).toEqual([
        { at: noon, done: 6, failed: 2 },
      ]);
      const times = await listRunTimes(db, { ...halfHour, every: halfHourMs, name: "prune" });
      expect(times.filter(({ runs }) => runs > 0).map(({ at, runs }) => [at, runs])).toEqual([
        [noon, 4],
        [noon + halfHourMs, 2],
      ]);
      expect(await listJobTotals(db)).toMatchObject([{ name: "prune", done: 6, failed: 2 }]);
    });

    test("forgets minutes after three hours and half hours after eight days, and no totals", async () => {
      await using at = await openHistory(engine);
      const { db } = at;
      at.first.begin(job)("done");
      await at.flush();
      const kept = async () => [
        (await countRuns(db, { step: minuteMs, since: 0, every: minuteMs })).length,
        (await countRuns(db, { step: halfHourMs, since: 0, every: halfHourMs })).length,
      ];
      await pruneJobHistory(db, noon + 3 * 3_600_000);
      expect(await kept()).toEqual([1, 1]);
      await pruneJobHistory(db, noon + 3 * 3_600_000 + 1);
      expect(await kept()).toEqual([0, 1]);
      await pruneJobHistory(db, noon + 8 * 86_400_000 + 1);
      expect(await kept()).toEqual([0, 0]);
      expect(await listJobTotals(db)).toHaveLength(1);
    });

    test("tells later what it could not tell, once", async () => {
      await using at = await openHistory(engine);
      const { db, first } = at;
      first.begin(job)("done");
      const away = { ...db, transaction: () => Promise.reject(new Error("The database is away.")) };
      expect(await first.flush(away).catch((error: Error) => error.message)).toBe("The database is away.");
      first.begin(job)("done");
      await at.flush();
      await at.flush();
      expect(await listJobTotals(db)).toMatchObject([{ done: 2 }]);
    });

    test("counts nothing of a run that was handed back", async () => {
      await using at = await openHistory(engine);
      at.first.begin(job)("handed back");
      await at.flush();
      expect(await listJobTotals(at.db)).toEqual([]);
    });
  });
}

test("a place counts what it did in the last hour", () => {
  let now = noon;
  const recorder = createRunCounter(() => now);
  recorder.begin(job)("done");
  now += 30 * minuteMs;
  recorder.begin(job)("done");
  recorder.begin(job)("failed");
  expect(recorder.slots(2)).toEqual([
    { job: null, doneThisHour: 2 },
    { job: null, doneThisHour: 0 },
  ]);
  now += 40 * minuteMs;
  expect(recorder.slots(1)).toEqual([{ job: null, doneThisHour: 1 }]);
});

test("a place that is busy is shown even when there are to be fewer", () => {
  const recorder = createRunCounter(() => noon);
  const [first] = [recorder.begin({ ...job, id: "1" }), recorder.begin({ ...job, id: "2" })];
  expect(recorder.slots(1).map(({ job }) => job?.id)).toEqual(["1", "2"]);
  first?.("done");
  expect(recorder.slots(1).map(({ job }) => job?.id)).toEqual([undefined, "2"]);
});

async function openHistory(engine: Database["engine"]) {
  const { address, remove } = await makeDatabase(engine);
  const db = await openDatabase(address);
  await migrate(db);
  const clock = { now: noon };
  const [first, second] = [createRunCounter(() => clock.now), createRunCounter(() => clock.now)];
  return Object.assign(clock, {
    db,
    first,
    second,
    async flush() {
      for (const recorder of [first, second]) await recorder.flush(db);
    },
    async [Symbol.asyncDispose]() {
      await db.close();
      await remove();
    },
  });
}
