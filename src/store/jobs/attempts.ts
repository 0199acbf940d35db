// Attempts of jobs that failed: when, how long, and why. Kept in the database wherever the queue is.
import type { Db } from "../engine/database.ts";
import type { JobAttemptRow } from "../schema.ts";

type JobAttempt = Omit<JobAttemptRow, "id">;

/** The limit for one job: people can retry it again and again. */
const shownAttempts = 50;

export async function addAttempt(db: Db, attempt: JobAttempt): Promise<void> {
  await db.write
    .insertInto("job_attempts")
    .values({ id: Bun.randomUUIDv7(), ...attempt })
    .execute();
}

/** The latest first. */
export function listAttempts(db: Db, jobId: string): Promise<JobAttempt[]> {
  return db.read
    .selectFrom("job_attempts")
    .select(["job_id", "attempt", "started_at", "ended_at", "error"])
    .where("job_id", "=", jobId)
    .orderBy("ended_at", "desc")
    .orderBy("id", "desc")
    .limit(shownAttempts)
    .execute();
}

export async function pruneAttempts(db: Db, endedBefore: number): Promise<void> {
  await db.write.deleteFrom("job_attempts").where("ended_at", "<", endedBefore).execute();
}
