// What happens after an attempt fails.
import { Failure, messageOf } from "../errors.ts";
import type { Database } from "../store/engine/database.ts";
import { addAttempt } from "../store/jobs/attempts.ts";
import type { ClaimedJob } from "../store/jobs/jobs.ts";
import type { Backlog } from "./backlog.ts";
import { maxAttempts } from "./queue.ts";

const longestDelayMs = 3_600_000;

/** 1, 2, 4, 8 seconds, give or take a quarter; longer when the failure carries a retry time. */
export function delayAfter(attempt: number, error: unknown): number {
  const backoffMs = 1000 * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
  const requestedMs = error instanceof Failure ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
  return Math.round(Math.min(Math.max(backoffMs, requestedMs), longestDelayMs));
}

/** PostgreSQL takes no zero byte in a text. */
function storable(text: string): string {
  return text.replaceAll("\0", "").slice(0, 4000);
}

type Parts = {
  backlog: Backlog;
  db: Database;
  now: () => number;
  log: (event: string, fields: Record<string, unknown>) => void;
};
/** `startedAt` is null where the process that ran it is gone. */
type Attempt = { error: string; startedAt: number | null };

/** Tries the job again later; after the last attempt it is dead. */
export async function settleError(
  { backlog, now, log }: Parts,
  claimed: ClaimedJob,
  failed: { error: string; delayMs: number },
): Promise<void> {
  const at = now();
  const error = storable(failed.error);
  if (claimed.attempts < maxAttempts)
    await backlog.requeue(claimed, {
      runAt: at + failed.delayMs,
      attempts: claimed.attempts,
      error,
      now: at,
    });
  else if (await backlog.markDead(claimed, { error, now: at })) log("job.dead", { id: claimed.id, error });
}

export async function settleWorkFailure(parts: Parts, claimed: ClaimedJob, attempt: Attempt): Promise<void> {
  await saveAttempt(parts, claimed, attempt);
  await parts.backlog.fail(claimed, { error: storable(attempt.error), now: parts.now() });
}

/** The attempt did no work, so it does not count. */
export async function postpone({ backlog, now }: Parts, claimed: ClaimedJob, delayMs: number): Promise<void> {
  const at = now();
  await backlog.requeue(claimed, {
    runAt: at + delayMs,
    attempts: claimed.attempts - 1,
    error: null,
    now: at,
  });
}

/** For the page of the job. Best effort: a database outage must not stop the job itself. */
export async function saveAttempt(
  { db, now, log }: Parts,
  claimed: ClaimedJob,
  { error, startedAt }: Attempt,
): Promise<void> {
  const row = { job_id: claimed.id, attempt: claimed.attempts, started_at: startedAt, ended_at: now() };
  await addAttempt(db, { ...row, error: storable(error) }).catch((reason: unknown) =>
    log("job.attempt_not_kept", { id: claimed.id, error: messageOf(reason) }),
  );
}
