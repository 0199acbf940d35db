// The queue's table. A job waits, runs under a lease, and is over. `waiting_key` and `running_key` are
// unique, so that of the jobs with one key one waits and one runs, in all processes together.
import { sql } from "kysely";
import { Failure } from "../../errors.ts";
import { type Db, incoming, upsert } from "../engine/database.ts";
import type { JobRow } from "../schema.ts";

export type Job = JobRow;
type NewJob = {
  name: string;
  payload: string;
  key: string | null;
  priority: number;
  runAt: number;
  now: number;
};

/** A job that a worker has claimed. Another attempt of the same job is another claim. */
export type ClaimedJob = Pick<JobRow, "id" | "name" | "key" | "attempts"> & { worker_id: string };

/**
 * Returns the id of the job that will do it: the new one, or the waiting one with the same key, which then runs at
 * the earlier time and with the more urgent priority. With a key it belongs in a transaction.
 */
export async function addJob(db: Db, { name, payload, key, priority, runAt, now }: NewJob): Promise<string> {
  const row: JobRow = {
    ...untouched,
    id: Bun.randomUUIDv7(),
    name,
    payload,
    key,
    waiting_key: key,
    priority,
    run_at: runAt,
    created_at: now,
  };
  if (key === null) {
    await db.write.insertInto("jobs").values(row).execute();
    return row.id;
  }
  const smaller = (column: "run_at" | "priority") => {
    const [old, added] = [sql.ref(`jobs.${column}`), incoming(db, column)];
    return sql<number>`case when ${added} < ${old} then ${added} else ${old} end`;
  };
  await upsert(db, "jobs", row, {
    key: ["waiting_key"],
    update: { run_at: smaller("run_at"), priority: smaller("priority") },
  });
  const waiting = db.read.selectFrom("jobs").select("id").where("waiting_key", "=", key);
  return (await waiting.executeTakeFirstOrThrow()).id;
}

const untouched = {
  running_key: null,
  state: "waiting",
  attempts: 0,
  worker_id: null,
  lease_until: null,
  error: null,
  started_at: null,
  finished_at: null,
} as const;

export type Claim = { workerId: string; now: number; leaseUntil: number; except: string[] };

/** Claims the next job that is due, whose key does not run and whose name is not in `except`; null when none is. */
export async function claimJob(db: Db, claim: Claim): Promise<Job | null> {
  for (;;) {
    const job = await findDueJob(db, claim);
    if (!job) return null;
    const running = {
      state: "running",
      waiting_key: null,
      running_key: job.key,
      attempts: job.attempts + 1,
      worker_id: claim.workerId,
      lease_until: claim.leaseUntil,
      started_at: claim.now,
    } as const;
    const update = db.write.updateTable("jobs").set(running).where("id", "=", job.id);
    const result = await unlessTaken(update.where("state", "=", "waiting").executeTakeFirst());
    if (result?.numUpdatedRows === 1n) return { ...job, ...running };
  }
}

/** The job that would be claimed. */
export function findDueJob(db: Db, { now, except }: Pick<Claim, "now" | "except">): Promise<Job | undefined> {
  const runs = sql<boolean>`exists (select 1 from jobs as other where other.running_key = ${sql.ref("jobs.key")})`;
  const due = db.read
    .selectFrom("jobs")
    .selectAll()
    .where("state", "=", "waiting")
    .where("run_at", "<=", now)
    .where(({ not }) => not(runs))
    .orderBy("priority")
    .orderBy("run_at")
    .orderBy("id")
    .limit(1);
  return (except.length > 0 ? due.where("name", "not in", except) : due).executeTakeFirst();
}

/** False when another worker has claimed the job since, as in every function that takes a claimed job. */
export async function finishJob(db: Db, claimed: ClaimedJob, now: number): Promise<boolean> {
  return release(db, claimed, { state: "done", error: null, finished_at: now });
}

/** The error stays with the job until a person retries it. */
export async function markJobDead(
  db: Db,
  claimed: ClaimedJob,
  { error, now }: { error: string; now: number },
): Promise<boolean> {
  return release(db, claimed, { state: "dead", error, finished_at: now });
}

/** The job ran to its end and its work failed. */
export async function failJob(
  db: Db,
  claimed: ClaimedJob,
  { error, now }: { error: string; now: number },
): Promise<boolean> {
  return release(db, claimed, { state: "failed", error, finished_at: now });
}

export type ReturnedJob = { runAt: number; attempts: number; error: string | null; now: number };

/**
 * Lets the job wait again until `runAt`. Where another one with its key waits already, that one does the work of
 * both, at the earlier time, and this one is over.
 */
export async function requeueJob(
  db: Db,
  claimed: ClaimedJob,
  { runAt, attempts, error, now }: ReturnedJob,
): Promise<boolean> {
  const waiting = { state: "waiting", waiting_key: claimed.key, run_at: runAt, attempts, error } as const;
  const released = await unlessTaken(release(db, claimed, waiting));
  if (released !== null) return released;
  await hasten(db, claimed.key, runAt);
  return release(db, claimed, { state: "done", error, finished_at: now });
}

/** Lets the waiting job with this key run at `runAt`, unless it runs earlier anyway. */
export async function hasten(db: Db, key: string | null, runAt: number): Promise<void> {
  const twin = db.write.updateTable("jobs").set({ run_at: runAt }).where("waiting_key", "=", key);
  await twin.where("run_at", ">", runAt).execute();
}

async function release(db: Db, claimed: ClaimedJob, change: Partial<JobRow>): Promise<boolean> {
  const { numUpdatedRows } = await db.write
    .updateTable("jobs")
    .set({ ...change, running_key: null, lease_until: null })
    .where("id", "=", claimed.id)
    .where("worker_id", "=", claimed.worker_id)
    .where("attempts", "=", claimed.attempts)
    .where("state", "=", "running")
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** null when another row has the key already. */
export async function unlessTaken<Result>(statement: Promise<Result>): Promise<Result | null> {
  try {
    return await statement;
  } catch (error) {
    if (error instanceof Failure && error.code === "taken") return null;
    throw error;
  }
}

/** Extends the leases of these jobs; returns those that the worker still has. */
export async function renewLeases(
  db: Db,
  { workerId, ids, leaseUntil }: { workerId: string; ids: string[]; leaseUntil: number },
): Promise<Pick<Job, "id" | "attempts">[]> {
  if (ids.length === 0) return [];
  const held = db.write.updateTable("jobs").set({ lease_until: leaseUntil }).where("id", "in", ids);
  await held.where("worker_id", "=", workerId).where("state", "=", "running").execute();
  const rows = db.read
    .selectFrom("jobs")
    .select(["id", "attempts"])
    .where("id", "in", ids)
    .where("worker_id", "=", workerId);
  return rows.where("state", "=", "running").execute();
}

/** Jobs whose lease ran out, or whose worker is one of `gone`. */
export async function listLostJobs(db: Db, now: number, gone: string[]): Promise<(Job & ClaimedJob)[]> {
  const running = db.read.selectFrom("jobs").selectAll().where("state", "=", "running");
  const rows = await running.execute();
  return rows.filter(
    (job): job is Job & ClaimedJob =>
      job.worker_id !== null && ((job.lease_until ?? 0) < now || gone.includes(job.worker_id)),
  );
}

type JobCounts = { waiting: number; running: number; dead: number; oldestWaitingAt: number | null };

/** `oldestWaitingAt` is when the most overdue job was due; in the future when none is due. */
export async function countJobs(db: Db): Promise<JobCounts> {
  const rows = await db.read
    .selectFrom("jobs")
    .select(({ fn }) => ["state", fn.countAll<number>().as("jobs"), fn.min("run_at").as("oldest")])
    .where("state", "in", ["waiting", "running", "dead"])
    .groupBy("state")
    .execute();
  const rowOf = (state: JobRow["state"]) => rows.find((row) => row.state === state);
  return {
    waiting: rowOf("waiting")?.jobs ?? 0,
    running: rowOf("running")?.jobs ?? 0,
    dead: rowOf("dead")?.jobs ?? 0,
    oldestWaitingAt: rowOf("waiting")?.oldest ?? null,
  };
}

type PruneLimits = { doneSince: number; failedSince: number; maxFailed: number };

/** Removes jobs that ended earlier, and all but the latest failed and dead ones of each name. */
export async function pruneJobs(db: Db, { doneSince, failedSince, maxFailed }: PruneLimits): Promise<void> {
  const ended = (state: JobRow["state"]) => db.write.deleteFrom("jobs").where("state", "=", state);
  for (const state of ["done", "settled"] as const)
    await ended(state).where("finished_at", "<", doneSince).execute();
  for (const state of ["failed", "dead"] as const) {
    await ended(state).where("finished_at", "<", failedSince).execute();
    for (const { name, last } of await listSurplus(db, state, maxFailed))
      await ended(state).where("name", "=", name).where("finished_at", "<=", last).execute();
  }
}

/** Names of which more than so many are in the state, and when the first of those ended that are too many. */
async function listSurplus(db: Db, state: JobRow["state"], most: number) {
  const names = await db.read
    .selectFrom("jobs")
    .select("name")
    .where("state", "=", state)
    .groupBy("name")
    .having(({ fn }) => fn.countAll<number>(), ">", most)
    .execute();
  const surplus: { name: string; last: number }[] = [];
  for (const { name } of names) {
    const jobs = db.read.selectFrom("jobs").select("finished_at").where("state", "=", state);
    const latest = jobs.where("name", "=", name).orderBy("finished_at", "desc").orderBy("id", "desc");
    const first = await latest.offset(most).limit(1).executeTakeFirst();
    if (first) surplus.push({ name, last: first.finished_at ?? 0 });
  }
  return surplus;
}
