// What becomes of an attempt that failed.
import { Failure, messageOf } from "../errors.ts";
import type { Database } from "../store/database.ts";
import { addAttempt } from "../store/job-attempts.ts";
import type { Hold } from "./backlog.ts";

const longestDelayMs = 3_600_000;

/** 1, 2, 4, 8 seconds, give or take a quarter; longer when the failure says when to come again. */
export function delayAfter(attempt: number, error: unknown): number {
  const backoffMs = 1000 * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
  const askedMs = error instanceof Failure ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
  return Math.round(Math.min(Math.max(backoffMs, askedMs), longestDelayMs));
}

/** PostgreSQL takes no zero byte in a text. */
export function storable(text: string): string {
  return text.replaceAll("\0", "").slice(0, 4000);
}

type Keeper = { db: Database; log: (event: string, fields: Record<string, unknown>) => void };
type Kept = { error: string; now: number; startedAt: number | null };

/** For whoever looks at the job later. A database that is away loses it: the job itself must go on. */
export async function keepAttempt({ db, log }: Keeper, hold: Hold, of: Kept): Promise<void> {
  const { error, now: ended_at, startedAt: started_at } = of;
  const attempt = { job_id: hold.id, attempt: hold.attempts, started_at, ended_at, error };
  await addAttempt(db, attempt).catch((reason: unknown) =>
    log("job.attempt_not_kept", { id: hold.id, error: messageOf(reason) }),
  );
}
