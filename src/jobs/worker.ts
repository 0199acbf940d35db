// Runs jobs in this process: takes what is due, keeps its leases, and takes up what other processes left behind when
// they died.
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

export type WorkerParts = StartOptions & {
  backlog: Backlog;
  /** Where it makes itself heard. */
  db: Database;
  now: () => number;
  log: (event: string, fields: Record<string, unknown>) => void;
  handlers: JobHandlers;
};

export type Worker = {
  /** Looks for due jobs now. */
  wake(): void;
  /** Looks now what is paused. */
  obeyPauses(): Promise<void>;
  drain(timeoutMs: number): Promise<void>;
};

const lookEveryMs = 1000;

/** Resolves once this process counts as a worker and looks for jobs. */
export async function startWorker(parts: WorkerParts): Promise<Worker> {
  const worker = new JobRunner(parts);
  await worker.begin();
  return worker;
}

type Active = { hold: ClaimedJob; leaseUntil: number; abort: AbortController; ended: Promise<void> };

class JobRunner implements Worker {
  readonly #parts: WorkerParts;
  readonly #presence: Presence;
  readonly #active = new Set<Active>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #looking: Promise<void> | null = null;
  #taking: Promise<void> | null = null;
  #lookAgain = false;
  #stopping = false;
  #faulty = false;
  #paused: Pauses = { all: false, names: [] };

  constructor(parts: WorkerParts) {
    const { db, now, concurrency: max, minimum: min = max } = parts;
    this.#parts = parts;
    this.#presence = new Presence({ db, now, min, max });
  }

  async begin(): Promise<void> {
    await this.#beSeen();
    await this.#readPauses();
    this.#timer = setInterval(() => this.#look(), lookEveryMs);
    this.wake();
  }

  wake(): void {
    this.#lookAgain = true;
    if (this.#taking || this.#stopping) return;
    this.#taking = this.#guarded(() => this.#takeAll()).finally(() => {
      this.#taking = null;
      if (this.#lookAgain) this.wake();
    });
  }

  async obeyPauses(): Promise<void> {
    await this.#guarded(() => this.#readPauses());
    this.wake();
  }

  async drain(timeoutMs: number): Promise<void> {
    this.#stopping = true;
    await this.#taking;
    await settledWithin(
      timeoutMs,
      [...this.#active].map(({ ended }) => ended),
    );
    clearInterval(this.#timer);
    await this.#looking;
    for (const active of this.#active) await this.#guarded(() => this.#handBack(active));
    await this.#guarded(() => this.#presence.leave());
  }

  #look(): void {
    this.#looking ??= this.#guarded(() => this.#keepHouse()).finally(() => {
      this.#looking = null;
      this.wake();
    });
  }

  async #keepHouse(): Promise<void> {
    const { now } = this.#parts;
    try {
      if (this.#presence.isDue) await this.#beSeen();
      else await this.#presence.tellWhatItDoes();
      await this.#readPauses();
      await this.#takeUp([]);
      await this.#scale();
    } finally {
      for (const active of this.#active) if (active.leaseUntil < now()) active.abort.abort(leaseLost());
    }
  }

  async #beSeen(): Promise<void> {
    await this.#presence.announce(async (gone) => {
      await this.#renewLeases();
      await this.#takeUp(gone);
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
    const held = await backlog.renew(
      before.map(({ hold }) => hold),
      leaseUntil,
    );
    for (const active of before)
      if (held.includes(active.hold)) active.leaseUntil = leaseUntil;
      else active.abort.abort(leaseLost());
  }

  /** What a dead process left counts as a failed attempt, so that a job which kills its process dies in the end. */
  async #takeUp(gone: string[]): Promise<void> {
    const { backlog, now, log } = this.#parts;
    for (const job of await backlog.listLost(now(), gone)) {
      log("job.lost", { id: job.id, name: job.name, attempt: job.attempts });
      const attempt = { error: "The process that ran it ended or lost its lease.", startedAt: null };
      await saveAttempt(this.#parts, job, attempt);
      await settleError(this.#parts, job, { ...attempt, delayMs: 0 });
    }
  }

  async #takeAll(): Promise<void> {
    this.#lookAgain = false;
    const mayTake = () => !this.#stopping && !this.#paused.all && this.#active.size < this.#presence.places;
    while (mayTake() && (await this.#takeOne()));
  }

  async #takeOne(): Promise<boolean> {
    const { backlog, now } = this.#parts;
    const at = now();
    const claim = {
      workerId: this.#presence.id,
      now: at,
      leaseUntil: at + leaseMs,
      except: this.#closedNames(),
    };
    const claimed = await backlog.claim(claim);
    if (!claimed) return false;
    const active = { hold: claimed.hold, leaseUntil: claim.leaseUntil, abort: new AbortController() };
    if (this.#stopping) await this.#handBack(active);
    else this.#run(claimed.job, active);
    return true;
  }

  /** Of which no further job may run now. */
  #closedNames(): string[] {
    const count = (name: string) => [...this.#active].filter(({ hold }) => hold.name === name).length;
    const limits = Object.entries(this.#parts.limits ?? {});
    const full = limits.filter(([name, limit]) => count(name) >= limit).map(([name]) => name);
    return [...full, ...this.#paused.names];
  }

  #run(job: Job, begun: Omit<Active, "ended">): void {
    const ended = this.#guarded(() => this.#attempt(job, begun)).finally(() => {
      this.#active.delete(active);
      this.wake();
    });
    const active = { ...begun, ended };
    this.#active.add(active);
  }

  async #attempt(job: Job, { hold, abort }: Omit<Active, "ended">): Promise<void> {
    const { backlog, now, log, handlers } = this.#parts;
    const startedAt = now();
    const ended = this.#presence.recorder.begin(job);
    let outcome: WorkFailure | void;
    try {
      const handler = handlers[job.name as JobName] as JobHandlers[JobName] | undefined;
      if (!handler) throw new Error(`This version has no job named ${job.name}.`);
      const running = { id: job.id, attempt: job.attempts, signal: abort.signal };
      outcome = await handler(JSON.parse(job.payload), running);
    } catch (error) {
      if (error instanceof Postponed) {
        ended("handed back");
        return postpone(this.#parts, hold, error.delayMs);
      }
      ended(abort.signal.aborted ? "handed back" : "failed");
      log("job.failed", { id: job.id, name: job.name, attempt: job.attempts, error: messageOf(error) });
      const attempt = { error: messageOf(error), startedAt };
      if (!abort.signal.aborted) await saveAttempt(this.#parts, hold, attempt);
      return settleError(this.#parts, hold, { ...attempt, delayMs: delayAfter(job.attempts, error) });
    }
    ended(outcome ? "failed" : "done");
    if (!outcome) return backlog.finish(hold, now());
    await settleWorkFailure(this.#parts, hold, { error: outcome.failed, startedAt });
  }

  /** The attempt that is cut off does not count; where it cannot be handed back, its lease runs out. */
  async #handBack({ hold, abort }: Pick<Active, "hold" | "abort">): Promise<void> {
    try {
      await postpone(this.#parts, hold, 0);
    } finally {
      abort.abort(new Error("The process stops."));
    }
  }

  /** A database that is away is told once, not every second; what was missed is looked for again. */
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
