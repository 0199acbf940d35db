// Runs jobs in this process: claims what is due, renews its leases, and recovers the jobs of processes that died.
import { messageOf } from "../errors.ts";
import type { Database } from "../store/engine/database.ts";
import { findPauses } from "../store/jobs/pauses.ts";
import { delayAfter, saveAttempt, postpone, settleError, settleWorkFailure } from "./attempts.ts";
import type { ClaimedJob } from "../store/jobs/jobs.ts";
import { type Backlog, type Job, leaseMs } from "./backlog.ts";
import { Presence } from "./presence.ts";
import { settledWithin } from "./settled.ts";
import {
  type JobHandlers,
  type JobName,
  type Pauses,
  Postponed,
  type StartOptions,
  type WorkFailure,
} from "./queue.ts";

type WorkerParts = StartOptions & {
  backlog: Backlog;
  /** Holds the heartbeats of all workers. */
  db: Database;
  now: () => number;
  log: (event: string, fields: Record<string, unknown>) => void;
  handlers: JobHandlers;
};

export type Worker = {
  /** Claims due jobs now instead of at the next tick. */
  wake(): void;
  /** Reads now which jobs are paused. */
  applyPauses(): Promise<void>;
  drain(timeoutMs: number): Promise<void>;
};

const tickEveryMs = 1000;

/** Resolves once this process counts as a worker and claims jobs. */
export async function startWorker(parts: WorkerParts): Promise<Worker> {
  const worker = new JobRunner(parts);
  await worker.begin();
  return worker;
}

type ActiveJob = { claimed: ClaimedJob; leaseUntil: number; abort: AbortController; ended: Promise<void> };

class JobRunner implements Worker {
  readonly #parts: WorkerParts;
  readonly #presence: Presence;
  readonly #active = new Set<ActiveJob>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #ticking: Promise<void> | null = null;
  #claiming: Promise<void> | null = null;
  #claimAgain = false;
  #stopping = false;
  #faulty = false;
  #paused: Pauses = { all: false, names: [] };

  constructor(parts: WorkerParts) {
    const { db, now, concurrency: max, minimum: min = max } = parts;
    this.#parts = parts;
    this.#presence = new Presence({ db, now, min, max });
  }

  async begin(): Promise<void> {
    await this.#sendHeartbeat();
    await this.#readPauses();
    this.#timer = setInterval(() => this.#startTick(), tickEveryMs);
    this.wake();
  }

  wake(): void {
    this.#claimAgain = true;
    if (this.#claiming || this.#stopping) return;
    this.#claiming = this.#guarded(() => this.#claimAll()).finally(() => {
      this.#claiming = null;
      if (this.#claimAgain) this.wake();
    });
  }

  async applyPauses(): Promise<void> {
    await this.#guarded(() => this.#readPauses());
    this.wake();
  }

  async drain(timeoutMs: number): Promise<void> {
    this.#stopping = true;
    await this.#claiming;
    await settledWithin(
      timeoutMs,
      [...this.#active].map(({ ended }) => ended),
    );
    clearInterval(this.#timer);
    await this.#ticking;
    for (const active of this.#active) await this.#guarded(() => this.#release(active));
    await this.#guarded(() => this.#presence.leave());
  }

  #startTick(): void {
    this.#ticking ??= this.#guarded(() => this.#tick()).finally(() => {
      this.#ticking = null;
      this.wake();
    });
  }

  async #tick(): Promise<void> {
    const { now } = this.#parts;
    try {
      if (this.#presence.isDue) await this.#sendHeartbeat();
      else await this.#presence.publishSlots();
      await this.#readPauses();
      await this.#recoverLost([]);
      await this.#scale();
    } finally {
      for (const active of this.#active) if (active.leaseUntil < now()) active.abort.abort(leaseLost());
    }
  }

  async #sendHeartbeat(): Promise<void> {
    await this.#presence.announce(async (gone) => {
      await this.#renewLeases();
      await this.#recoverLost(gone);
    });
  }

  async #scale(): Promise<void> {
    const { backlog, now } = this.#parts;
    if (!this.#paused.all)
      await this.#presence.scale(this.#active.size, () => backlog.nextDueAt(now(), this.#closedNames()));
  }

  async #readPauses(): Promise<void> {
    this.#paused = await findPauses(this.#parts.db);
  }

  async #renewLeases(): Promise<void> {
    const { backlog, now } = this.#parts;
    const before = [...this.#active];
    if (before.length === 0) return;
    const leaseUntil = now() + leaseMs;
    const renewed = await backlog.renew(
      before.map(({ claimed }) => claimed),
      leaseUntil,
    );
    for (const active of before)
      if (renewed.includes(active.claimed)) active.leaseUntil = leaseUntil;
      else active.abort.abort(leaseLost());
  }

  /** A job whose process died counts as a failed attempt: a job that kills its process is dead after the last one. */
  async #recoverLost(gone: string[]): Promise<void> {
    const { backlog, now, log } = this.#parts;
    for (const job of await backlog.listLost(now(), gone)) {
      log("job.lost", { id: job.id, name: job.name, attempt: job.attempts });
      const attempt = { error: "The process that ran it ended or lost its lease.", startedAt: null };
      await saveAttempt(this.#parts, job, attempt);
      await settleError(this.#parts, job, { ...attempt, delayMs: 0 });
    }
  }

  async #claimAll(): Promise<void> {
    this.#claimAgain = false;
    const mayClaim = () => !this.#stopping && !this.#paused.all && this.#active.size < this.#presence.places;
    while (mayClaim() && (await this.#claimOne()));
  }

  async #claimOne(): Promise<boolean> {
    const { backlog, now } = this.#parts;
    const at = now();
    const claim = {
      workerId: this.#presence.id,
      now: at,
      leaseUntil: at + leaseMs,
      except: this.#closedNames(),
    };
    const next = await backlog.claim(claim);
    if (!next) return false;
    const active = { claimed: next.claimed, leaseUntil: claim.leaseUntil, abort: new AbortController() };
    if (this.#stopping) await this.#release(active);
    else this.#run(next.job, active);
    return true;
  }

  /** Names whose limit is reached or that are paused: no further job of them may start now. */
  #closedNames(): string[] {
    const count = (name: string) => [...this.#active].filter(({ claimed }) => claimed.name === name).length;
    const limits = Object.entries(this.#parts.limits ?? {});
    const full = limits.filter(([name, limit]) => count(name) >= limit).map(([name]) => name);
    return [...full, ...this.#paused.names];
  }

  #run(job: Job, started: Omit<ActiveJob, "ended">): void {
    const ended = this.#guarded(() => this.#attempt(job, started)).finally(() => {
      this.#active.delete(active);
      this.wake();
    });
    const active = { ...started, ended };
    this.#active.add(active);
  }

  async #attempt(job: Job, { claimed, abort }: Omit<ActiveJob, "ended">): Promise<void> {
    const { backlog, now, log, handlers } = this.#parts;
    const startedAt = now();
    const ended = this.#presence.runCounter.begin(job);
    let outcome: WorkFailure | void;
    try {
      const handler = handlers[job.name as JobName] as JobHandlers[JobName] | undefined;
      if (!handler) throw new Error(`This version has no job named ${job.name}.`);
      const running = { id: job.id, attempt: job.attempts, signal: abort.signal };
      outcome = await handler(JSON.parse(job.payload), running);
    } catch (error) {
      if (error instanceof Postponed) {
        ended("handed back");
        return postpone(this.#parts, claimed, error.delayMs);
      }
      ended(abort.signal.aborted ? "handed back" : "failed");
      log("job.failed", { id: job.id, name: job.name, attempt: job.attempts, error: messageOf(error) });
      const attempt = { error: messageOf(error), startedAt };
      if (!abort.signal.aborted) await saveAttempt(this.#parts, claimed, attempt);
      return settleError(this.#parts, claimed, { ...attempt, delayMs: delayAfter(job.attempts, error) });
    }
    ended(outcome ? "failed" : "done");
    if (!outcome) return backlog.finish(claimed, now());
    await settleWorkFailure(this.#parts, claimed, { error: outcome.failed, startedAt });
  }

  /** The attempt that is cut off does not count. If the job cannot be returned, its lease runs out. */
  async #release({ claimed, abort }: Pick<ActiveJob, "claimed" | "abort">): Promise<void> {
    try {
      await postpone(this.#parts, claimed, 0);
    } finally {
      abort.abort(new Error("The process stops."));
    }
  }

  /** A database outage is logged once, not every second; the next tick makes up for what was missed. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#faulty = false;
    } catch (error) {
      if (!this.#faulty) this.#parts.log("queue.fault", { error: messageOf(error) });
      this.#faulty = true;
    }
  }
}

const leaseLost = () => new Error("The lease of this job was lost.");
