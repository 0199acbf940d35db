// The contract of the job queue. A queue claims no truth: payloads are ids, handlers can run twice to the same
// effect, and what must happen is found in the database again after a crash.

/** Stands for a payload's type; there is no value. */
const payload = <Payload>() => null as unknown as Payload;
const nothing = payload<Record<string, never>>();

/** Every job by name, with the type of its payload. */
const payloads = {
  "sync-repository": payload<{ repositoryId: string; reason: string }>(),
  "repair-archive": payload<{ organizationId: string; packageName: string; reference: string }>(),
  "ensure-webhook": payload<{ repositoryId: string }>(),
  "check-webhooks": nothing,
  "remove-webhooks": nothing,
  "send-mails": nothing,
  "poll-repositories": nothing,
  reconcile: nothing,
  "watch-freshness": nothing,
  "watch-queue": nothing,
  "scrub-archives": nothing,
  "count-downloads": nothing,
  "run-doctor": nothing,
  "renew-certificate": nothing,
  "back-up": nothing,
  prune: nothing,
};

export type JobPayloads = typeof payloads;
export type JobName = keyof JobPayloads;
export const jobNames = Object.keys(payloads) as JobName[];

/** Durable once the promise resolves. Lower `priority` runs first; `runAt` in milliseconds since the epoch. */
type EnqueueOptions = {
  /** Of jobs with one key, one waits and one runs: a second request joins the waiting one and keeps the earlier time. */
  key?: string;
  runAt?: number;
  priority?: number;
};

/** `attempt` starts at 1. `signal` aborts when the lease is lost or the process must stop now. */
export type RunningJob = { id: string; attempt: number; signal: AbortSignal };

/** The job ran to its end and its work failed: the reason is kept, and the queue does not try it again. */
export type WorkFailure = { failed: string };

/** Thrown by a handler that has done nothing yet: the job waits again and the attempt does not count. */
export class Postponed extends Error {
  constructor(readonly delayMs: number) {
    super("The job waits for another one.");
  }
}

export type JobHandlers = {
  [Name in JobName]: (payload: JobPayloads[Name], running: RunningJob) => Promise<WorkFailure | void>;
};

type QueueStats = { waiting: number; running: number; dead: number; oldestWaitingAt: number | null };

/**
 * `dead`: every attempt ended in an error. `failed`: the job ended as it should and said that its work failed.
 * `settled`: it was one of these, and later work with its key succeeded; it is listed and kept with the done ones.
 */
export type JobState = "waiting" | "running" | "done" | "failed" | "dead" | "settled";

/** A job as the queue stores it; finished jobs are kept for a while. Times in milliseconds since the epoch. */
export type StoredJob = {
  id: string;
  /** A job name of this version or of another one. */
  name: string;
  payload: Record<string, unknown>;
  state: JobState;
  /** Attempts started. */
  attempts: number;
  /** The last error, also of a waiting job that will be retried. */
  error: string | null;
  createdAt: number;
  runAt: number;
  startedAt: number | null;
  /** null until it is over. */
  finishedAt: number | null;
};

export type JobListing = {
  /** `retrying`: waiting jobs that failed and will be retried. `unsuccessful`: failed and dead jobs. */
  state: Exclude<JobState, "settled"> | "retrying" | "unsuccessful";
  name?: string;
  /** Names that are left out. */
  except?: string[];
  search?: JobSearch;
  limit: number;
  /** The `next` of the previous page. */
  before?: string | null;
};
export type JobPage = { jobs: StoredJob[]; next: string | null };

/** Jobs whose id, name, error or payload contains the text, in any case, or whose payload contains one of `ids`. */
export type JobSearch = { text: string; ids: string[] };

/** What `prune` keeps: jobs done or failed since then, and of each name at most so many failed and so many dead ones. */
export type PruneLimits = { doneSince: number; failedSince: number; maxFailed: number };

/** `waiting` are due, `delayed` are not yet; `oldestDueAt` is when the most overdue should have started. */
export type NameCounts = {
  name: string;
  waiting: number;
  delayed: number;
  running: number;
  failed: number;
  dead: number;
  oldestDueAt: number | null;
};

/** After the last attempt a failed job is dead. */
export const maxAttempts = 5;

/**
 * Jobs that run at once: from `minimum` (by default `concurrency`) up to `concurrency` while jobs wait. A limit keeps
 * long jobs from taking every slot, so that short ones go on beside them.
 */
export type StartOptions = {
  concurrency: number;
  minimum?: number;
  limits?: Partial<Record<JobName, number>>;
};

/** Whether all jobs are paused, and which names are paused on their own. */
export type Pauses = { all: boolean; names: string[] };

export type Queue = {
  enqueue<Name extends JobName>(
    name: Name,
    payload: JobPayloads[Name],
    options?: EnqueueOptions,
  ): Promise<string>;
  /** Runs jobs until drained: in this process at most `concurrency` at once, and at most `limits` of a name. */
  start(handlers: JobHandlers, options: StartOptions): Promise<void>;
  /** Whether any process, this one or another, works the queue now. */
  isWorked(): Promise<boolean>;
  stats(): Promise<QueueStats>;
  /** Order of done, failed and dead jobs: latest end first. Running: earliest start first. Waiting: earliest due first. */
  list(listing: JobListing): Promise<JobPage>;
  find(id: string): Promise<StoredJob | null>;
  /** Leaves out names without a waiting, running, failed or dead job. */
  countsByName(): Promise<NameCounts[]>;
  /**
   * Resets the attempts of a failed or dead job; a job that would be retried later runs now. Fails as `notFound`.
   */
  retry(id: string): Promise<void>;
  /** Retries every failed or dead job; answers how many. */
  retryAll(): Promise<number>;
  /** Settles every failed or dead job with this key, because its work has succeeded since. */
  settle(name: JobName, key: string): Promise<void>;
  /** Removes a failed or dead job. Fails as `notFound` for any other. */
  forget(id: string): Promise<void>;
  /** Removes every failed or dead job; answers how many. */
  forgetAll(): Promise<number>;
  prune(keep: PruneLimits): Promise<void>;
  /**
   * Pauses jobs of a name (null: all jobs) until resumed; running jobs may end. Survives restarts, and every process
   * applies it within a second. `by` is the actor, as in the activity log.
   */
  setPaused(name: JobName | null, isPaused: boolean, by?: string): Promise<void>;
  paused(): Promise<Pauses>;
  /** Claims no further job, waits at most `timeoutMs` for the running ones, then returns them to the queue. */
  drain(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
};
