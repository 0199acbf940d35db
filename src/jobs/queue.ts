// The contract of the job queue. A queue holds no truth: payloads are ids, handlers can run twice to the same
// effect, and what must happen is found in the database again after a crash.

export type JobPayloads = {
  "sync-repository": { repositoryId: string; reason: string };
  "repair-archive": { organizationId: string; packageName: string; reference: string };
  "keep-webhook": { repositoryId: string };
  "check-webhooks": Record<string, never>;
  "remove-webhooks": Record<string, never>;
  "send-mails": Record<string, never>;
  "poll-repositories": Record<string, never>;
  reconcile: Record<string, never>;
  "watch-freshness": Record<string, never>;
  "watch-queue": Record<string, never>;
  "scrub-archives": Record<string, never>;
  "count-downloads": Record<string, never>;
  prune: Record<string, never>;
};

export type JobName = keyof JobPayloads;

const names: Record<JobName, true> = {
  "sync-repository": true,
  "repair-archive": true,
  "keep-webhook": true,
  "check-webhooks": true,
  "remove-webhooks": true,
  "send-mails": true,
  "poll-repositories": true,
  reconcile: true,
  "watch-freshness": true,
  "watch-queue": true,
  "scrub-archives": true,
  "count-downloads": true,
  prune: true,
};
export const jobNames = Object.keys(names) as JobName[];

/** Durable once the promise resolves. Lower `priority` runs first; `runAt` in milliseconds since the epoch. */
export type EnqueueOptions = {
  /** Of equal keys one waits and one runs: a second request joins the waiting one, keeping the earlier time. */
  key?: string;
  runAt?: number;
  priority?: number;
};

/** `attempt` starts at 1. `signal` is raised when the lease is lost or the process must stop now. */
export type Running = { id: string; attempt: number; signal: AbortSignal };

/** The job ran to its end and its work failed: the reason is kept, and the queue does not try it again. */
export type WorkFailure = { failed: string };

/** Thrown by a handler that has done nothing yet: the job waits again and the attempt does not count. */
export class Postponed extends Error {
  constructor(readonly delayMs: number) {
    super("The job gives way to another one.");
  }
}

export type JobHandlers = {
  [Name in JobName]: (payload: JobPayloads[Name], running: Running) => Promise<WorkFailure | void>;
};

export type QueueStats = { waiting: number; running: number; dead: number; oldestWaitingAt: number | null };

/** `dead`: every attempt ended in an error. `failed`: the job ended as it should and said that its work failed. */
export type JobState = "waiting" | "running" | "done" | "failed" | "dead";

/** A job as the queue keeps it; what was done is kept for a while. Times in milliseconds since the epoch. */
export type KeptJob = {
  id: string;
  /** Of this version or of another one. */
  name: string;
  payload: Record<string, unknown>;
  state: JobState;
  /** Attempts begun. */
  attempts: number;
  /** What went wrong last; of a waiting job that will be tried again too. */
  error: string | null;
  createdAt: number;
  runAt: number;
  startedAt: number | null;
  /** null until it is done, failed or dead. */
  finishedAt: number | null;
};

export type JobListing = {
  /** `retrying`: those of the waiting ones that failed and will be tried again. `unsuccessful`: failed and dead ones. */
  state: JobState | "retrying" | "unsuccessful";
  name?: string;
  /** Names that are left out. */
  except?: string[];
  search?: JobSearch;
  limit: number;
  /** Where the page before ended: its `next`. */
  before?: string | null;
};
export type JobPage = { jobs: KeptJob[]; next: string | null };

/** Jobs in whose id, name, error or payload the text is, in any case, or in whose payload one of `ids` is. */
export type JobSearch = { text: string; ids: string[] };

/** What `prune` leaves: what was done, or failed, since then, and so many failed and as many dead ones of each name. */
export type Keep = { doneSince: number; failedSince: number; mostFailed: number };

/** `waiting` are due, `delayed` are not yet; `oldestDueAt` is when the most overdue should have begun. */
export type NameCounts = {
  name: string;
  waiting: number;
  delayed: number;
  running: number;
  failed: number;
  dead: number;
  oldestDueAt: number | null;
};

/** A failure of the last attempt is for good. */
export const maxAttempts = 5;

/**
 * As many jobs at once as the waiting ones ask for, from `minimum`, which is `concurrency` when it is left out, to
 * `concurrency`. A limit keeps long jobs from taking every place: short ones go on beside them.
 */
export type StartOptions = {
  concurrency: number;
  minimum?: number;
  limits?: Partial<Record<JobName, number>>;
};

/** Whether everything is paused, and which names are, each for itself. */
export type Pauses = { all: boolean; names: string[] };

export type Queue = {
  enqueue<Name extends JobName>(
    name: Name,
    payload: JobPayloads[Name],
    options?: EnqueueOptions,
  ): Promise<string>;
  /** Begins to run jobs, `concurrency` at once in this process at most and `limits` of a name, until drained. */
  start(handlers: JobHandlers, options: StartOptions): Promise<void>;
  /** Whether any process, this one or another, works the queue now. */
  isWorked(): Promise<boolean>;
  stats(): Promise<QueueStats>;
  /** Done, failed and dead: what ended last comes first. Running: what began first. Waiting: what is due first. */
  list(listing: JobListing): Promise<JobPage>;
  find(id: string): Promise<KeptJob | null>;
  /** Names of which no job waits, runs, has failed or is dead are left out. */
  countsByName(): Promise<NameCounts[]>;
  /**
   * Gives a failed or dead job its attempts back; a job that would be tried again later is tried now. Else `notFound`.
   */
  retry(id: string): Promise<void>;
  /** Every failed or dead job, and how many they were. */
  retryAll(): Promise<number>;
  /** Removes a failed or dead job. `notFound` for every other. */
  forget(id: string): Promise<void>;
  /** Every failed or dead job, and how many they were. */
  forgetAll(): Promise<number>;
  prune(keep: Keep): Promise<void>;
  /**
   * Lets jobs of a name, or all with null, wait until it is taken back; what runs may end. Outlives every process, and
   * each obeys within a second. `by` is who did it, as in the record of activity.
   */
  setPaused(name: JobName | null, isPaused: boolean, by?: string): Promise<void>;
  paused(): Promise<Pauses>;
  /** Takes no further job and waits for the running ones, `timeoutMs` at most; then hands them back. */
  drain(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
};
