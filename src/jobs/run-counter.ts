// Which slot runs what, and how runs ended. Counted in memory and written to the database every few seconds, so that a
// job costs no write of its own.
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

type Outcome = "done" | "failed" | "handed back";

export type RunCounter = {
  /** Occupies a slot; call the returned function when the job has left it. */
  begin(job: { id: string; name: string; payload: string }): (outcome: Outcome) => void;
  /** The first `count` slots, and those beyond that are still busy. */
  slots(count: number): Slot[];
  /** Adds the counts to the history; keeps them when that fails. */
  flush(db: Database): Promise<void>;
};

type SlotState = { job: Slot["job"]; doneByMinute: Map<number, number> };

export function createRunCounter(now: () => number): RunCounter {
  const states: SlotState[] = [];
  let tally = emptyTally();

  function freeSlot(): SlotState {
    const free = states.find(({ job }) => job === null) ?? { job: null, doneByMinute: new Map() };
    if (!states.includes(free)) states.push(free);
    return free;
  }

  return {
    begin({ id, name, payload }) {
      const slot = freeSlot();
      const since = now();
      slot.job = { id, name, payload, since };
      return (outcome) => {
        slot.job = null;
        if (outcome === "handed back") return;
        const at = now();
        countRun(tally, { name, at, ms: Math.max(0, at - since), outcome });
        if (outcome === "done") countDone(slot, at);
      };
    },
    slots(count) {
      while (states.length < count) states.push({ job: null, doneByMinute: new Map() });
      const visible = states.filter(({ job }, index) => index < count || job !== null);
      return visible.map((slot) => ({ job: slot.job, doneThisHour: doneThisHour(slot, now()) }));
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

function countDone({ doneByMinute }: SlotState, at: number): void {
  const minute = Math.floor(at / minuteMs);
  doneByMinute.set(minute, (doneByMinute.get(minute) ?? 0) + 1);
}

function doneThisHour({ doneByMinute }: SlotState, now: number): number {
  const oldest = Math.floor(now / minuteMs) - 60;
  for (const minute of doneByMinute.keys()) if (minute <= oldest) doneByMinute.delete(minute);
  return [...doneByMinute.values()].reduce((sum, count) => sum + count, 0);
}
