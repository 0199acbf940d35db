// The waiting jobs as the worker sees them: it claims jobs and returns them.
import type { Claim, ClaimedJob, ReturnedJob } from "../store/jobs/jobs.ts";

export type Job = { id: string; name: string; payload: string; attempts: number };

/** A worker without a heartbeat for this long has lost its jobs. */
export const leaseMs = 30_000;

/** Functions that take a claimed job do nothing when another worker has claimed it since. */
export type Backlog = {
  /** The next job that is due, whose key does not run and whose name is not in `except`; null when none is. */
  claim(claim: Claim): Promise<{ job: Job; claimed: ClaimedJob } | null>;
  /** When the job that `claim` would answer was due; null when none is. */
  nextDueAt(now: number, except: string[]): Promise<number | null>;
  finish(claimed: ClaimedJob, now: number): Promise<void>;
  /** The job is over and its work failed. */
  fail(claimed: ClaimedJob, outcome: { error: string; now: number }): Promise<void>;
  /**
   * Lets the job wait again until `runAt`. Where another one with its key waits already, that one does the work of
   * both, at the earlier time, and this one is over.
   */
  requeue(claimed: ClaimedJob, returned: ReturnedJob): Promise<void>;
  /** Answers whether the claim was still valid. The error stays with the job until someone retries it. */
  markDead(claimed: ClaimedJob, outcome: { error: string; now: number }): Promise<boolean>;
  /** Extends the leases; answers the claims that are still valid. */
  renew(claims: ClaimedJob[], leaseUntil: number): Promise<ClaimedJob[]>;
  /** Jobs whose lease ran out, or whose worker is one of `gone`. */
  listLost(now: number, gone: string[]): Promise<ClaimedJob[]>;
};
