// Where jobs wait, as the worker sees it: what it takes from there and gives back.
import type { Claim, ClaimedJob, Return } from "../store/jobs/jobs.ts";

export type Job = { id: string; name: string; payload: string; attempts: number };

/** A worker that is not heard of for so long has lost its jobs. */
export const leaseMs = 30_000;

/** Where a function takes a hold, it does nothing when somebody else has the job by now. */
export type Backlog = {
  /** The next job that is due, whose key does not run and whose name is not in `except`; null when none is. */
  claim(claim: Claim): Promise<{ job: Job; hold: ClaimedJob } | null>;
  /** When the job that `claim` would answer was due; null when none is. */
  nextDueAt(now: number, except: string[]): Promise<number | null>;
  finish(hold: ClaimedJob, now: number): Promise<void>;
  /** The job is over and its work failed. */
  fail(hold: ClaimedJob, of: { error: string; now: number }): Promise<void>;
  /**
   * Lets the job wait again until `runAt`. Where another one with its key waits already, that one does the work of
   * both, at the earlier time, and this one is over.
   */
  requeue(hold: ClaimedJob, back: Return): Promise<void>;
  /** Whether it was still held. The error stays with the job until a person retries it. */
  bury(hold: ClaimedJob, of: { error: string; now: number }): Promise<boolean>;
  /** Prolongs the leases and answers those that are still held. */
  renew(holds: ClaimedJob[], leaseUntil: number): Promise<ClaimedJob[]>;
  /** Jobs whose lease ran out, or whose worker is one of `gone`. */
  listLost(now: number, gone: string[]): Promise<ClaimedJob[]>;
};
