// The contract of the job queue. A queue holds no truth: payloads are ids, handlers can run twice to the same
// effect, and what must happen is found in the database again after a crash.

export type JobPayloads = {
  "sync-repository": { repositoryId: string; reason: string };
  "repair-archive": { organizationId: string; packageName: string; reference: string };
  "send-mails": Record<string, never>;
  "poll-repositories": Record<string, never>;
  reconcile: Record<string, never>;
  "scrub-archives": Record<string, never>;
  "count-downloads": Record<string, never>;
  prune: Record<string, never>;
};

export type JobName = keyof JobPayloads;

/** Durable once the promise resolves. Lower `priority` runs first; `runAt` in milliseconds since the epoch. */
export type EnqueueOptions = {
  /** Of equal keys one waits and one runs: a second request joins the waiting one, keeping the earlier time. */
  key?: string;
  runAt?: number;
  priority?: number;
};

/** `attempt` starts at 1. `signal` is raised when the lease is lost or the process must stop now. */
export type Running = { id: string; attempt: number; signal: AbortSignal };

export type JobHandlers = {
  [Name in JobName]: (payload: JobPayloads[Name], running: Running) => Promise<void>;
};

export type QueueStats = { waiting: number; running: number; dead: number; oldestWaitingAt: number | null };

/** A limit keeps long jobs from taking every place: short ones go on beside them. */
export type StartOptions = { concurrency: number; limits?: Partial<Record<JobName, number>> };

export type Queue = {
  enqueue<Name extends JobName>(
    name: Name,
    payload: JobPayloads[Name],
    options?: EnqueueOptions,
  ): Promise<string>;
  /** Begins to run jobs, `concurrency` at once in this process and `limits` of a name, until drained. */
  start(handlers: JobHandlers, options: StartOptions): Promise<void>;
  /** Whether any process, this one or another, works the queue now. */
  isWorked(): Promise<boolean>;
  stats(): Promise<QueueStats>;
  /** Gives a dead job its attempts back. */
  retry(id: string): Promise<void>;
  /** Takes no further job and waits for the running ones, `timeoutMs` at most; then hands them back. */
  drain(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
};
