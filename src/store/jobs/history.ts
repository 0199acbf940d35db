// How runs of jobs went: counts by name and by how long they took, added up in steps of a minute for the last hours and
// of half an hour for the last days.
import { sql } from "kysely";
import { type Db, incoming, upsert } from "../engine/database.ts";
import type { JobHistoryRow, JobTotalRow } from "../schema.ts";

export type HistoryStep = JobHistoryRow;
export type JobTotal = JobTotalRow;
/** What a process has counted since its last flush. */
export type Tally = { steps: HistoryStep[]; totals: JobTotal[] };

export const minuteMs = 60_000;
export const halfHourMs = 30 * minuteMs;
const keptMs = { [minuteMs]: 3 * 60 * minuteMs, [halfHourMs]: 8 * 24 * 60 * minuteMs };

/** Four to a doubling, from a millisecond to more than a day: a time read from a bucket is right to a tenth. */
export function bucketOf(ms: number): number {
  return Math.max(0, Math.min(120, Math.round(4 * Math.log2(Math.max(1, ms)))));
}

/** The time that this share of the counted runs did not exceed; null without runs. */
export function quantileOf(counts: ReadonlyMap<number, number>, share: number): number | null {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  let seen = 0;
  for (const [bucket, count] of [...counts].toSorted(([a], [b]) => a - b)) {
    seen += count;
    if (seen >= total * share) return 2 ** (bucket / 4);
  }
  return null;
}

/** Call it in a transaction, so that counts are added exactly once. */
export async function addToHistory(db: Db, { steps, totals }: Tally): Promise<void> {
  const added = (table: string) => (column: string) =>
    sql<number>`${sql.ref(`${table}.${column}`)} + ${incoming(db, column)}`;
  const [step, total] = [added("job_history"), added("job_totals")];
  // In the same order in every process: no two wait for each other.
  const inOrder = steps.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  if (steps.length > 0)
    await upsert(db, "job_history", inOrder, {
      key: ["step", "at", "name", "bucket"],
      update: { done: step("done"), failed: step("failed") },
    });
  for (const row of totals.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
    await upsert(db, "job_totals", row, {
      key: ["name"],
      update: {
        done: total("done"),
        failed: total("failed"),
        run_ms: total("run_ms"),
        last_ended_at: incoming(db, "last_ended_at"),
        last_ms: incoming(db, "last_ms"),
      },
    });
}

const keyOf = ({ step, at, name, bucket }: JobHistoryRow) => `${step} ${at} ${name} ${bucket}`;

type Period = { step: number; since: number };
type StepCounts = { at: number; done: number; failed: number };

/**
 * Counts per `every` milliseconds, a multiple of the step, in order; periods without runs are left out. Of the
 * names in `silenced` only what failed is counted.
 */
export async function countRuns(
  db: Db,
  { step, since, every, silenced = [] }: Period & { every: number; silenced?: string[] },
): Promise<StepCounts[]> {
  const at = sql<number>`at - at % ${sql.lit(every)}`;
  const done =
    silenced.length === 0
      ? sql<number>`sum(done)`
      : sql<number>`sum(case when name in (${sql.join(silenced)}) then 0 else done end)`;
  const rows = await db.read
    .selectFrom("job_history")
    .select(({ fn }) => [at.as("began"), done.as("done"), fn.sum<number>("failed").as("failed")])
    .where("step", "=", step)
    .where("at", ">=", since)
    .groupBy(at)
    .orderBy(at)
    .execute();
  return rows.map(({ began, done, failed }) => ({
    at: began,
    done,
    failed,
  }));
}

/** Runs that failed at or after `since`, to the minute. */
export async function countRecentFailures(db: Db, since: number): Promise<number> {
  const counts = await countRuns(db, { step: minuteMs, since, every: minuteMs });
  return counts.reduce((sum, { failed }) => sum + failed, 0);
}

export type RunTimes = { at: number; bucket: number; runs: number };

/** The distribution of run times of one name. */
export async function listRunTimes(
  db: Db,
  { step, since, every, name }: Period & { every: number; name: string },
): Promise<RunTimes[]> {
  const at = sql<number>`at - at % ${sql.lit(every)}`;
  const rows = await db.read
    .selectFrom("job_history")
    .select(({ fn }) => [at.as("began"), "bucket", fn.sum<number>("done").as("runs")])
    .where("step", "=", step)
    .where("at", ">=", since)
    .where("name", "=", name)
    .where("done", ">", 0)
    .groupBy([at, "bucket"])
    .orderBy(at)
    .execute();
  return rows.map(({ began, bucket, runs }) => ({ at: began, bucket, runs }));
}

export type NamedRuns = { name: string; bucket: number; done: number; failed: number };

/** The distribution of run times of every name. */
export async function listRunsByName(db: Db, { step, since }: Period): Promise<NamedRuns[]> {
  const rows = await db.read
    .selectFrom("job_history")
    .select(({ fn }) => [
      "name",
      "bucket",
      fn.sum<number>("done").as("done"),
      fn.sum<number>("failed").as("failed"),
    ])
    .where("step", "=", step)
    .where("at", ">=", since)
    .groupBy(["name", "bucket"])
    .orderBy("name")
    .execute();
  return rows;
}

/** The distribution of run times of every name in the minutes from `since`. */
export async function listRecentRunTimes(db: Db, since: number): Promise<Map<string, Map<number, number>>> {
  const rows = await db.read
    .selectFrom("job_history")
    .select(({ fn }) => ["name", "bucket", fn.sum<number>("done").as("runs")])
    .where("step", "=", minuteMs)
    .where("at", ">=", since)
    .where("done", ">", 0)
    .groupBy(["name", "bucket"])
    .execute();
  const times = new Map<string, Map<number, number>>();
  for (const { name, bucket, runs } of rows) {
    const known = times.get(name) ?? new Map<number, number>();
    times.set(name, known.set(bucket, runs));
  }
  return times;
}

export function listJobTotals(db: Db): Promise<JobTotal[]> {
  return db.read.selectFrom("job_totals").selectAll().orderBy("name").execute();
}

/** Removes minutes older than three hours and half hours older than eight days. */
export async function pruneJobHistory(db: Db, now: number): Promise<void> {
  for (const [step, kept] of Object.entries(keptMs))
    await db.write
      .deleteFrom("job_history")
      .where("step", "=", Number(step))
      .where("at", "<", now - kept)
      .execute();
}
