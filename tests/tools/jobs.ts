// Jobs that have been, for what shows them: written as a worker would have left them.
import type { App } from "../../src/app.ts";
import type { JobRow, WorkerRow } from "../../src/store/schema.ts";
import { addToHistory, bucketOf, halfHourMs, minuteMs } from "../../src/store/jobs/history.ts";
import { markWorkerSeen, type Slot } from "../../src/store/jobs/workers.ts";

/** A job that failed for good, unless something else is said. Answers its id. */
export async function addJobRow({ db, now }: App, change: Partial<JobRow> = {}): Promise<string> {
  const id = Bun.randomUUIDv7();
  const at = now();
  const row: JobRow = {
    id,
    name: "sync-repository",
    payload: JSON.stringify({ repositoryId: "gone", reason: "asked" }),
    key: null,
    waiting_key: null,
    running_key: null,
    state: "dead",
    priority: 0,
    run_at: at - 2000,
    attempts: 5,
    worker_id: null,
    lease_until: null,
    error: "git.acme.test does not answer.",
    created_at: at - 5000,
    started_at: at - 1000,
    finished_at: at,
    ...change,
  };
  await db.write.insertInto("jobs").values(row).execute();
  return id;
}

export async function addWorkerRow({ db, now }: App, slots: Slot[], change: Partial<WorkerRow> = {}) {
  const row: WorkerRow = {
    id: Bun.randomUUIDv7(),
    host: "registry-1 pid:[4026531836]",
    pid: 4172,
    started_at: now() - 9 * 86_400_000,
    seen_at: now(),
    memory_bytes: 212 * 1024 * 1024,
    places: slots.length,
    min_places: 2,
    max_places: Math.max(2, slots.length),
    slots: JSON.stringify(slots),
    ...change,
  };
  await markWorkerSeen(db, row);
}

export type Runs = { at: number; name: string; done?: number; failed?: number; ms?: number };

export async function addRuns({ db }: App, runs: Runs[]): Promise<void> {
  const steps = runs.flatMap(({ at, name, done = 0, failed = 0, ms = 100 }) =>
    [minuteMs, halfHourMs].map((step) => ({
      step,
      at: at - (at % step),
      name,
      bucket: bucketOf(ms),
      done,
      failed,
    })),
  );
  const summed = new Map<string, (typeof steps)[number]>();
  for (const row of steps) {
    const key = `${row.step} ${row.at} ${row.name} ${row.bucket}`;
    const known = summed.get(key);
    summed.set(key, known ? { ...row, done: known.done + row.done, failed: known.failed + row.failed } : row);
  }
  const totals = [...new Set(runs.map(({ name }) => name))].map((name) => {
    const own = runs.filter((each) => each.name === name);
    const sum = (of: (run: Runs) => number) => own.reduce((all, run) => all + of(run), 0);
    return {
      name,
      done: sum(({ done = 0 }) => done),
      failed: sum(({ failed = 0 }) => failed),
      run_ms: sum(({ done = 0, ms = 100 }) => done * ms),
      last_ended_at: Math.max(...own.map(({ at }) => at)),
      last_ms: own.at(-1)?.ms ?? 100,
    };
  });
  await db.transaction((open) => addToHistory(open, { steps: [...summed.values()], totals }));
}
