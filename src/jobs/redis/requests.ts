// Job requests: each adds a job, or brings forward the waiting job that has its key.
import { Job as BullJob } from "bullmq";
import { jobNames } from "../queue.ts";
import { type Bulls, storedIn, unlessLost } from "./bull.ts";
import { forget, mark, refile, returnKey, unsuccessful } from "./scripts.ts";

type Keyed = { id: string; name: string; key: string };

/** A job that is changing its state is checked again after this time. */
const recheckMs = 10;
const mostChecks = 100;

type JobRequest = {
  name: string;
  payload: Record<string, unknown>;
  key: string | null;
  runAt: number;
  priority: number;
  now: number;
};

/** Answers the id of the job that will do the work. */
export async function addJob(bulls: Bulls, request: JobRequest): Promise<string> {
  const { name, payload, key, runAt, priority, now } = request;
  const { queue } = bulls.of(name);
  const id = Bun.randomUUIDv7();
  for (;;) {
    const job = await queue.add(
      name,
      { payload, key, runAt },
      {
        jobId: id,
        timestamp: now,
        delay: Math.max(0, runAt - now),
        priority: priorityOf(priority),
        ...(key === null ? {} : { deduplication: { id: key } }),
      },
    );
    const other = job.id;
    if (other === undefined || other === id || key === null) return id;
    if (await hasten(bulls, { id: other, name, key }, { runAt, priority, now })) return other;
  }
}

/** BullMQ does not order jobs of priority 0 among the others. */
const priorityOf = (priority: number) => priority + 1;

type Advance = { runAt: number; now: number; priority?: number };

/**
 * Brings forward the job that waits with this key, or raises its priority, if requested. A job that is about to begin
 * also covers the request. False when the job is over and nothing waits with the key.
 */
async function hasten(bulls: Bulls, { id, name, key }: Keyed, advance: Advance): Promise<boolean> {
  const { backend, prefix } = bulls.of(name);
  for (let checks = 0; checks < mostChecks; checks++) {
    const state = await backend.getState(id);
    if (state === "prioritized" || state === "delayed") {
      if (await hastenWaiting(bulls, { id, name }, advance)) return true;
    } else if (state !== "active") {
      await backend.removeDeduplicationKey(key, id);
      return false;
    } else if ((await bulls.redis.get(`${prefix}de:${key}`)) !== id) return true;
    await Bun.sleep(recheckMs);
  }
  return true;
}

/** False when the job is no longer waiting. */
async function hastenWaiting(
  bulls: Bulls,
  { id, name }: Omit<Keyed, "key">,
  { runAt, now, priority }: Advance,
): Promise<boolean> {
  const { backend, prefix } = bulls.of(name);
  const [data, due, urgency] = await bulls.redis.hmget(prefix + id, "data", "due", "priority");
  if (priority !== undefined && priorityOf(priority) < Number(urgency ?? 0))
    await backend.changePriority(id, priorityOf(priority));
  if (runAt >= Number(due ?? storedIn(data ?? "").runAt)) return true;
  const step = runAt > now ? backend.changeDelay(id, runAt - now) : backend.promote(id);
  if (!(await unlessLost(step))) return false;
  await bulls.run(mark, [prefix, id, "due", runAt]);
  return true;
}

/**
 * Makes the job the waiting one of its key. "other" when one already waits, which now covers both; "lost" when the job
 * is claimed with another token than `token`. The caller moves it.
 */
export async function waitAgain(
  bulls: Bulls,
  job: Keyed,
  { runAt, now, token }: { runAt: number; now: number; token: string },
): Promise<"itself" | "other" | "lost"> {
  const { prefix } = bulls.of(job.name);
  for (;;) {
    const answer = String(await bulls.run(returnKey, [prefix, job.key, job.id, token]));
    if (answer === "lost") return "lost";
    if (answer === "") return "itself";
    if (await hasten(bulls, { ...job, id: answer }, { runAt, now })) return "other";
  }
}

/** See `retry` of the contract; false when the job has not failed. */
export async function reviveJob(bulls: Bulls, id: string, now: number): Promise<boolean> {
  for (const name of jobNames) {
    const { queue, backend, prefix } = bulls.of(name);
    const isFiled = Number(await bulls.run(refile, [prefix, id, unsuccessful, "failed"])) === 1;
    const state = isFiled ? "failed" : await backend.getState(id);
    if (state === "unknown") continue;
    const [data, error] = await bulls.redis.hmget(prefix + id, "data", "failedReason");
    if ((state === "delayed" || state === "prioritized") && error)
      return hastenWaiting(bulls, { id, name }, { runAt: now, now });
    if (state !== "failed") return false;
    const { key } = storedIn(data ?? "");
    const waits =
      key === null ? "itself" : await waitAgain(bulls, { id, name, key }, { runAt: now, now, token: "" });
    if (waits === "other") return Number(await bulls.run(forget, [prefix, id])) === 1;
    await bulls.run(mark, [prefix, id, "due", now]);
    const job = new BullJob(queue, name, {}, {}, id);
    return unlessLost(backend.retryFinishedJob(job, "failed", { resetAttemptsMade: true }));
  }
  return false;
}
