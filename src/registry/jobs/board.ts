// The job dashboard at this moment: waiting jobs, workers, failures, and what runs next.
import type { App } from "../../app.ts";
import { invalid } from "../../errors.ts";
import { type JobName, jobNames, type StoredJob, maxAttempts, type NameCounts } from "../../jobs/queue.ts";
import { listJobTotals, type JobTotal } from "../../store/jobs/history.ts";
import { listPauses } from "../../store/jobs/pauses.ts";
import { listSchedules, type Schedule } from "../../store/jobs/schedules.ts";
import { aliveForMs, listWorkers, slotsOf, type WorkerRow } from "../../store/jobs/workers.ts";
import { timetableOf } from "./timetable.ts";
import { actorNames } from "../organizations/activity.ts";
import { progressOf, type JobDescription, describeJobs } from "./describe.ts";
import type { JobBoard, JobLine, Pause, QueueState, ScheduleEntry, Waiting, WorkerProcess } from "./view.ts";
import { behindMs, longestWait, stuckMs } from "./waiting.ts";

/** The job names of this version. */
export const knownJobs: readonly string[] = jobNames;

/** Fails as `invalid` for a name that no job has. */
export function jobNamed(name: string): JobName {
  const known = jobNames.find((each) => each === name);
  if (!known) throw invalid(`There is no job named "${name}".`, { field: "name" });
  return known;
}

const shownFailed = 10;
const shownDone = 10;

/** Runs a fixed number of queries. Successful runs of `silenced` jobs are left out. */
export async function jobBoard(app: App, { silenced }: { silenced: string[] }): Promise<JobBoard> {
  const now = app.now();
  const [counts, pauses, pausedBy, workers, totals, schedules] = await Promise.all([
    app.jobs.countsByName(),
    app.jobs.paused(),
    pausesNow(app),
    listWorkers(app.db),
    listJobTotals(app.db),
    listSchedules(app.db),
  ]);
  const [unsuccessful, retrying, done] = await Promise.all([
    app.jobs.list({ state: "unsuccessful", limit: shownFailed }),
    app.jobs.list({ state: "retrying", limit: shownFailed }),
    app.jobs.list({ state: "done", except: silenced, limit: shownDone }),
  ]);
  const alive = workers.filter(({ seen_at }) => seen_at > now - aliveForMs);
  const failed = [...unsuccessful.jobs, ...retrying.jobs].slice(0, shownFailed);
  const subjectOf = await describeJobs(app, [
    ...[...failed, ...done.jobs].map(({ payload }) => payload),
    ...alive.flatMap(runningIn).map(({ payload }) => payload),
  ]);
  const processes = await processesOf(app, alive, subjectOf);
  const waiting = waitingOf(counts, pausedBy);
  const longestWaitMs = Math.max(0, longestWait(counts, pauses, now)?.ms ?? 0);
  const slots = processes.flatMap((each) => each.slots);
  return {
    state: queueStateOf({ isPaused: pauses.all, isWorked: alive.length > 0, longestWaitMs }),
    pause: pausedBy.find(({ name }) => name === null) ?? null,
    waiting,
    longestWaitMs,
    processes,
    busy: slots.filter(({ job }) => job !== null).length,
    slots: slots.length,
    failed: failed.map((job) => lineOf(job, subjectOf)),
    dead: counts.reduce((sum, { dead }) => sum + dead, 0),
    unsuccessful: counts.reduce((sum, { failed, dead }) => sum + failed + dead, 0),
    done: done.jobs.map((job) => lineOf(job, subjectOf)),
    lastDoneAt: done.jobs[0]?.finishedAt ?? null,
    schedule: timetableOf(app).map((entry) => turnOf(entry, { schedules, totals })),
  };
}

/** A job in a list, with the description that was looked up for the whole list. */
export function lineOf(
  job: StoredJob,
  subjectOf: (payload: StoredJob["payload"]) => JobDescription,
): JobLine {
  const { id, name, payload, error, attempts, runAt, startedAt, finishedAt } = job;
  const state = job.state === "waiting" && error !== null ? ("retrying" as const) : job.state;
  const about = subjectOf(payload);
  const { text: subject, href } = about.text === null ? (pages[name] ?? about) : about;
  return { id, name, subject, href, error, attempts, maxAttempts, state, runAt, startedAt, finishedAt };
}

/** The page about what such a job does, where the job itself is about nothing in particular. */
const pages: Record<string, JobDescription> = { "send-mails": { text: "outbox", href: "/outbox" } };

/** Who has paused what, and since when. */
async function pausesNow(app: App): Promise<PauseNow[]> {
  const pauses = await listPauses(app.db);
  const actorOf = await actorNames(
    app,
    pauses.map(({ by }) => by ?? "system"),
  );
  return pauses.map(({ name, at, by }) => ({ name, at, by: by === null ? null : actorOf(by) }));
}

/** `name` is null for everything. */
type PauseNow = Pause & { name: string | null };

/** The headline of the dashboard. A queue that is paused on purpose is neither behind nor stuck. */
export function queueStateOf(seen: {
  isPaused: boolean;
  isWorked: boolean;
  longestWaitMs: number;
}): QueueState {
  if (seen.isPaused) return "paused";
  if (!seen.isWorked) return "unworked";
  if (seen.longestWaitMs > stuckMs) return "stuck";
  return seen.longestWaitMs > behindMs ? "behind" : "moves";
}

/** Every job name of this version, and names of other versions that still have jobs. */
function waitingOf(counts: NameCounts[], pauses: PauseNow[]): Waiting[] {
  const none = { waiting: 0, delayed: 0, running: 0, failed: 0, dead: 0, oldestDueAt: null };
  const known = new Map(counts.map((each) => [each.name, each]));
  const names = [...new Set<string>([...jobNames, ...known.keys()])];
  return names.map((name) => ({
    ...(known.get(name) ?? { ...none, name }),
    pause: pauses.find((pause) => pause.name === name) ?? null,
  }));
}

type Payload = StoredJob["payload"];

function runningIn(row: WorkerRow): { payload: Payload; since: number }[] {
  return slotsOf(row).flatMap(({ job }) =>
    job === null ? [] : [{ payload: JSON.parse(job.payload) as Payload, since: job.since }],
  );
}

async function processesOf(
  app: App,
  alive: WorkerRow[],
  subjectOf: (payload: Payload) => JobDescription,
): Promise<WorkerProcess[]> {
  const began = alive.flatMap(runningIn).map(({ since }) => since);
  const progress = await progressOf(app, began.length > 0 ? Math.min(...began) : null);
  return alive
    .toSorted((a, b) => a.started_at - b.started_at)
    .map((row) => ({
      // The host, where process ids alone would be ambiguous.
      host: row.host.split(" ")[0] ?? "",
      pid: row.pid,
      startedAt: row.started_at,
      memoryBytes: row.memory_bytes,
      min: row.min_places,
      max: row.max_places,
      slots: slotsOf(row).map(({ job, doneThisHour }) => {
        if (job === null) return { job, doneThisHour };
        const { id, name, since } = job;
        const payload = JSON.parse(job.payload) as Payload;
        const visible = { id, name, since, subject: subjectOf(payload).text, progress: progress(payload) };
        return { job: visible, doneThisHour };
      }),
    }));
}

function turnOf(
  { name, everyMs }: { name: string; everyMs: number },
  { schedules, totals }: { schedules: Schedule[]; totals: JobTotal[] },
): ScheduleEntry {
  const schedule = schedules.find((each) => each.name === name);
  const total = totals.find((each) => each.name === name);
  return {
    name,
    everyMs,
    nextAt: schedule?.next_run_at ?? null,
    lastAt: total?.last_ended_at ?? null,
    lastMs: total?.last_ms ?? null,
  };
}
