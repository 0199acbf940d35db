// What the job dashboard shows. Times in milliseconds.
import type { NameCounts } from "../../jobs/queue.ts";
import type { Actor } from "../organizations/activity.ts";

export type QueueState = "moves" | "behind" | "paused" | "stuck" | "unworked";

export type Waiting = NameCounts & { pause: Pause | null };

/** `by` is null when it is unknown. */
export type Pause = { at: number; by: Actor | null };

export type Slot = {
  /** null while it has nothing to do. */
  job: {
    id: string;
    name: string;
    subject: string | null;
    since: number;
    progress: { done: number; total: number } | null;
  } | null;
  doneThisHour: number;
};

export type WorkerProcess = {
  host: string;
  pid: number;
  startedAt: number;
  memoryBytes: number;
  min: number;
  max: number;
  slots: Slot[];
};

export type JobLine = {
  id: string;
  name: string;
  subject: string | null;
  /** The page of what it is about. */
  href: string | null;
  error: string | null;
  attempts: number;
  maxAttempts: number;
  /**
   * `retrying`: an attempt failed, and the next is at `runAt`. `failed`: its work failed. `dead`: every attempt did.
   * `settled`: one of these, and a later run succeeded.
   */
  state: "waiting" | "running" | "done" | "failed" | "dead" | "settled" | "retrying";
  runAt: number;
  startedAt: number | null;
  finishedAt: number | null;
};

export type ScheduleEntry = {
  name: string;
  everyMs: number;
  nextAt: number | null;
  lastAt: number | null;
  lastMs: number | null;
};

export type JobBoard = {
  state: QueueState;
  /** Of everything. */
  pause: Pause | null;
  waiting: Waiting[];
  /** How long the most overdue job has waited that may run. */
  longestWaitMs: number;
  processes: WorkerProcess[];
  busy: number;
  slots: number;
  failed: JobLine[];
  /** Every attempt failed. */
  dead: number;
  /** These, and jobs whose work failed. */
  unsuccessful: number;
  done: JobLine[];
  lastDoneAt: number | null;
  schedule: ScheduleEntry[];
};

export type JobRuns = {
  period: { name: "1h" | "24h" | "7d"; text: string };
  steps: { at: number; done: number; failed: number }[];
  done: number;
  failed: number;
  byName: { name: string; done: number; failed: number; median: number | null; slow: number | null }[];
  /** Of one name. Times in milliseconds, null where nothing ran. */
  times: { name: string; median: number | null; slow: number | null; steps: TimesOfStep[] };
};

export type TimesOfStep = { median: number | null; slow: number | null };

export type { JobName } from "../../jobs/queue.ts";
