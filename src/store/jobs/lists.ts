// Lists of jobs for the dashboard, and retrying or removing failed ones.
import { type SqlBool, type ExpressionBuilder, sql } from "kysely";
import { notFound } from "../../errors.ts";
import type { Db } from "../engine/database.ts";
import { hasten, type Job, unlessTaken } from "./jobs.ts";
import type { JobRow, Schema } from "../schema.ts";

type Listing = {
  state: Exclude<JobRow["state"], "settled"> | "retrying" | "unsuccessful";
  name?: string;
  except?: string[];
  search?: { text: string; ids: string[] };
  limit: number;
  before?: string | null;
};

/** By what each list is ordered, and from which end. */
const orders = {
  waiting: ["run_at", "asc"],
  retrying: ["run_at", "asc"],
  running: ["started_at", "asc"],
  done: ["finished_at", "desc"],
  failed: ["finished_at", "desc"],
  unsuccessful: ["finished_at", "desc"],
  dead: ["finished_at", "desc"],
} as const;

/** `next` is null at the end of the list. */
export async function listJobs(
  db: Db,
  { state, name, except = [], search, limit, before }: Listing,
): Promise<{ jobs: Job[]; next: string | null }> {
  const [column, direction] = orders[state];
  let query = db.read.selectFrom("jobs").selectAll().where("state", "in", storedAs(state));
  if (state === "retrying") query = query.where("error", "is not", null);
  if (except.length > 0) query = query.where("name", "not in", except);
  if (search) query = query.where(matches(search));
  if (name !== undefined) query = query.where("name", "=", name);
  const [at, id] = (before ?? "").split(" ");
  const further = direction === "asc" ? ">" : "<";
  if (at && id)
    query = query.where((e: ExpressionBuilder<Schema, "jobs">) =>
      e.or([e(column, further, Number(at)), e.and([e(column, "=", Number(at)), e("id", further, id)])]),
    );
  const rows = await query
    .orderBy(column, direction)
    .orderBy("id", direction)
    .limit(limit + 1)
    .execute();
  const jobs = rows.slice(0, limit);
  const last = jobs.at(-1);
  return { jobs, next: rows.length > limit && last ? `${last[column]} ${last.id}` : null };
}

function storedAs(state: Listing["state"]): JobRow["state"][] {
  if (state === "unsuccessful") return [...unsuccessful];
  if (state === "done") return ["done", "settled"];
  return [state === "retrying" ? "waiting" : state];
}

const unsuccessful = ["failed", "dead"] as const;

function matches({ text, ids }: { text: string; ids: string[] }) {
  const part = (terms: string) => `%${terms.replace(/[!%_]/g, "!$&")}%`;
  const holds = (column: string, terms: string) =>
    sql<SqlBool>`lower(${sql.ref(column)}) like ${part(terms)} escape '!'`;
  const lower = text.toLowerCase();
  return ({ or }: ExpressionBuilder<Schema, "jobs">) =>
    or([
      ...["id", "name", "error", "payload"].map((column) => holds(column, lower)),
      ...ids.map((id) => holds("payload", id)),
    ]);
}

export async function findJob(db: Db, id: string): Promise<Job | null> {
  return (await db.read.selectFrom("jobs").selectAll().where("id", "=", id).executeTakeFirst()) ?? null;
}

type NameCounts = {
  name: string;
  waiting: number;
  delayed: number;
  running: number;
  failed: number;
  dead: number;
  oldestDueAt: number | null;
};

export async function countJobsByName(db: Db, now: number): Promise<NameCounts[]> {
  const due = sql<SqlBool>`state = 'waiting' and run_at <= ${now}`;
  const rows = await db.read
    .selectFrom("jobs")
    .select(({ fn }) => [
      "name",
      "state",
      fn.countAll<number>().as("jobs"),
      sql<number>`sum(case when ${due} then 1 else 0 end)`.as("due"),
      sql<number | null>`min(case when ${due} then run_at end)`.as("oldest"),
    ])
    .where("state", "in", ["waiting", "running", "failed", "dead"])
    .groupBy(["name", "state"])
    .orderBy("name")
    .execute();
  const counts = new Map<string, NameCounts>();
  for (const { name, state, jobs, due, oldest } of rows) {
    const known = counts.get(name) ?? {
      name,
      waiting: 0,
      delayed: 0,
      running: 0,
      failed: 0,
      dead: 0,
      oldestDueAt: null,
    };
    counts.set(name, known);
    if (state !== "waiting") known[state as "running" | "failed" | "dead"] = jobs;
    else {
      known.waiting = due;
      known.delayed = jobs - due;
      known.oldestDueAt = oldest;
    }
  }
  return [...counts.values()];
}

/**
 * Gives a failed or dead job its attempts back, and lets one that waits to be tried again be tried now. Throws
 * `notFound` for every other.
 */
export async function reviveJob(db: Db, id: string, now: number): Promise<void> {
  const found = await findJob(db, id);
  if (found?.state === "waiting" && found.error !== null) return hastenJob(db, id, now);
  if (found?.state !== "failed" && found?.state !== "dead")
    throw notFound(`There is no failed job with the id ${id}.`);
  const change = (to: Partial<JobRow>) =>
    db.write
      .updateTable("jobs")
      .set(to)
      .where("id", "=", id)
      .where("state", "in", [...unsuccessful])
      .execute();
  const waiting = {
    state: "waiting",
    waiting_key: found.key,
    run_at: now,
    attempts: 0,
    error: null,
    finished_at: null,
  } as const;
  if ((await unlessTaken(change(waiting))) !== null) return;
  await hasten(db, found.key, now);
  await change({ state: "done" });
}

async function hastenJob(db: Db, id: string, now: number): Promise<void> {
  const waiting = db.write.updateTable("jobs").set({ run_at: now }).where("id", "=", id);
  await waiting.where("state", "=", "waiting").where("run_at", ">", now).execute();
}

export async function listUnsuccessfulIds(db: Db): Promise<string[]> {
  const jobs = db.read
    .selectFrom("jobs")
    .select("id")
    .where("state", "in", [...unsuccessful]);
  return (await jobs.orderBy("finished_at").execute()).map(({ id }) => id);
}

/** Most successes have nothing to settle, and then nothing is written. */
export async function settleJobs(db: Db, key: string): Promise<void> {
  const failed = db.read
    .selectFrom("jobs")
    .select("id")
    .where("state", "in", [...unsuccessful])
    .where("key", "=", key);
  const ids = (await failed.execute()).map(({ id }) => id);
  if (ids.length === 0) return;
  const settled = db.write.updateTable("jobs").set({ state: "settled" }).where("id", "in", ids);
  await settled.where("state", "in", [...unsuccessful]).execute();
}

/** Throws `notFound` for a job that has not failed. */
export async function removeFailedJob(db: Db, id: string): Promise<void> {
  const failed = db.write
    .deleteFrom("jobs")
    .where("id", "=", id)
    .where("state", "in", [...unsuccessful]);
  if ((await failed.executeTakeFirst()).numDeletedRows === 0n)
    throw notFound(`There is no failed job with the id ${id}.`);
}

export async function removeFailedJobs(db: Db): Promise<number> {
  const failed = db.write.deleteFrom("jobs").where("state", "in", [...unsuccessful]);
  return Number((await failed.executeTakeFirst()).numDeletedRows);
}
