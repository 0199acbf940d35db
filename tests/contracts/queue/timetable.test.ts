// The timetable fires once, however many keep it.
import { expect, test } from "bun:test";
import { began, hour, meetAt, withEachQueue } from "./meeting.ts";
import { until } from "../../tools/until.ts";
import { queues } from "../../tools/queues.ts";
import { openDatabase } from "../../../src/store/engine/database.ts";
import { runTimetable } from "../../../src/jobs/timetable.ts";

withEachQueue((meet) => {
  test.concurrent(
    "fires the timetable once, however many processes keep it",
    async () => {
      await using meeting = await meet();
      const { spawn } = meeting;
      const keepers = [spawn("timetable"), spawn("timetable"), spawn("timetable")];
      for (const keeper of keepers) await keeper.says("ready");
      await until(() => keepers.some(({ lines }) => lines.includes("began prune ")));
      await Bun.sleep(2500);
      expect(began(keepers)).toEqual(["began prune "]);
    },
    120_000,
  );

  test.concurrent(
    "fires the timetable once when the clocks of two machines differ",
    async () => {
      await using meeting = await meet();
      const { place, queue, ran, record, isIdle } = meeting;
      const db = await openDatabase(place.database);
      await queue.start(record, { concurrency: 1 });
      const entries = [{ name: "prune" as const, everyMs: hour }];
      const clocks = [0, -2000, 2000].map((ahead) => countedClock(() => place.now() + ahead));
      const keepers = clocks.map(({ now }) => runTimetable({ db, jobs: queue, now, entries }));
      await until(async () => ran.length > 0 && (await isIdle()));
      await lookAgain(clocks);
      await until(isIdle);
      expect(ran).toEqual(["prune"]);
      for (const keeper of keepers) keeper.stop();
      await db.close();
    },
    120_000,
  );

  test.concurrent(
    "fires the timetable once per period, and once for all the periods that were missed",
    async () => {
      await using meeting = await meet();
      const { place, queue, ran, record, isIdle } = meeting;
      const db = await openDatabase(place.database);
      await queue.start(record, { concurrency: 1 });
      const entries = [{ name: "prune" as const, everyMs: hour }];
      const clocks = [1, 2].map(() => countedClock(place.now));
      const keepers = clocks.map(({ now }) => runTimetable({ db, jobs: queue, now, entries }));
      await until(async () => ran.length === 1 && (await isIdle()));
      for (const [hours, runs] of [
        [1, 2],
        [5, 3],
        [1, 4],
      ] as const) {
        await place.pass(hours * hour);
        await until(async () => ran.length === runs && (await isIdle()));
        await lookAgain(clocks);
        await until(isIdle);
        expect(ran).toHaveLength(runs);
      }
      for (const keeper of keepers) keeper.stop();
      await db.close();
    },
    120_000,
  );
});

type CountedClock = { now(): number; reads: number };

/** A timetable reads its clock once whenever it looks at an entry. */
function countedClock(now: () => number): CountedClock {
  const clock = { reads: 0, now: () => (clock.reads++, now()) };
  return clock;
}

/** The marker: each timetable has begun two more looks, so that the first of the two is over and fired what was due. */
async function lookAgain(clocks: CountedClock[]): Promise<void> {
  const seen = clocks.map(({ reads }) => reads);
  await until(() => clocks.every(({ reads }, at) => reads >= (seen[at] ?? 0) + 2));
}

// The control: what the tests above look for is seen when it happens.
test("processes at two queues run the same job twice", async () => {
  const [kind] = queues;
  if (!kind) throw new Error("There is an embedded queue.");
  const meetings = [await meetAt(kind.make), await meetAt(kind.make)];
  const keepers = meetings.map(({ spawn }) => spawn("timetable"));
  for (const keeper of keepers) await keeper.says("began prune ");
  expect(began(keepers)).toEqual(["began prune ", "began prune "]);
  for (const meeting of meetings) await meeting[Symbol.asyncDispose]();
});
