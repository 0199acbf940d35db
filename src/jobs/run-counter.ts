// What this process does and has done: which place runs what, how runs went. Counted in memory, and told to the database
// every few seconds, so that a job costs no write of its own.
import {
  addToHistory,
  bucketOf,
  halfHourMs,
  type HistoryStep,
  type JobTotal,
  minuteMs,
  type Tally,
} from "../store/jobs/history.ts";
import type { Slot } from "../store/jobs/workers.ts";
import type { Database } from "../store/engine/database.ts";

export type Outcome = "done" | "failed" | "handed back";

export type RunCounter = {
  /** A place is taken; call what is answered when the job has left it. */
  begin(job: { id: string; name: string; payload: string }): (outcome: Outcome) => void;
  /** Of the first `places`, and of those beyond that are busy still. */
  slots(places: number): Slot[];
  /** Adds what was counted to the history; keeps it when that fails. */
  flush(db: Database): Promise<void>;
};

type Place = { job: Slot["job"]; doneByMinute: Map<number, number> };

export function createRunCounter(now: () => number): RunCounter {
  const places: Place[] = [];
  let tally = emptyTally();

  function freePlace(): Place {
    const free = places.find(({ job }) => job === null) ?? { job: null, doneByMinute: new Map() };
    if (!places.includes(free)) places.push(free);
    return free;
  }

  return {
    begin({ id, name, payload }) {
      const place = freePlace();
      const since = now();
      place.job = { id, name, payload, since };
      return (outcome) => {
        place.job = null;
        if (outcome === "handed back") return;
        const at = now();
        countRun(tally, { name, at, ms: Math.max(0, at - since), outcome });
        if (outcome === "done") countDone(place, at);
      };
    },
    slots(count) {
      while (places.length < count) places.push({ job: null, doneByMinute: new Map() });
      const shown = places.filter(({ job }, index) => index < count || job !== null);
      return shown.map((place) => ({ job: place.job, doneThisHour: doneThisHour(place, now()) }));
    },
    async flush(db) {
      const counted = tally;
      if (counted.totals.size === 0) return;
      tally = emptyTally();
      try {
        await db.transaction((open) => addToHistory(open, rowsOf(counted)));
      } catch (error) {
        tally = joined(counted, tally);
        throw error;
      }
    },
  };
}

type Counted = { steps: Map<string, HistoryStep>; totals: Map<string, JobTotal> };

const emptyTally = (): Counted => ({ steps: new Map(), totals: new Map() });

function countRun(
  tally: Counted,
  { name, at, ms, outcome }: { name: string; at: number; ms: number; outcome: "done" | "failed" },
): void {
  const one = { done: outcome === "done" ? 1 : 0, failed: outcome === "failed" ? 1 : 0 };
  for (const step of [minuteMs, halfHourMs])
    addStep(tally, { step, at: at - (at % step), name, bucket: bucketOf(ms), ...one });
  addTotal(tally, { name, ...one, run_ms: ms, last_ended_at: at, last_ms: ms });
}

function addStep({ steps }: Counted, row: HistoryStep): void {
  const key = `${row.step} ${row.at} ${row.name} ${row.bucket}`;
  const { done, failed } = steps.get(key) ?? { done: 0, failed: 0 };
  steps.set(key, { ...row, done: done + row.done, failed: failed + row.failed });
}

/** The later row says what ran last. */
function addTotal({ totals }: Counted, row: JobTotal): void {
  const { done, failed, run_ms } = totals.get(row.name) ?? { done: 0, failed: 0, run_ms: 0 };
  const sum = { done: done + row.done, failed: failed + row.failed, run_ms: run_ms + row.run_ms };
  totals.set(row.name, { ...row, ...sum });
}

function joined(earlier: Counted, later: Counted): Counted {
  for (const row of later.steps.values()) addStep(earlier, row);
  for (const row of later.totals.values()) addTotal(earlier, row);
  return earlier;
}

function rowsOf({ steps, totals }: Counted): Tally {
  return { steps: [...steps.values()], totals: [...totals.values()] };
}

function countDone({ doneByMinute }: Place, at: number): void {
  const minute = Math.floor(at / minuteMs);
  doneByMinute.set(minute, (doneByMinute.get(minute) ?? 0) + 1);
}

function doneThisHour({ doneByMinute }: Place, now: number): number {
  const oldest = Math.floor(now / minuteMs) - 60;
  for (const minute of doneByMinute.keys()) if (minute <= oldest) doneByMinute.delete(minute);
  return [...doneByMinute.values()].reduce((sum, count) => sum + count, 0);
}
