// The worker's view of BullMQ's queues: claims, leases and returns. A lease is BullMQ's lock, whose token begins with
// the worker's id. BullMQ knows no two jobs with one key of which one waits and one runs: its deduplication key names
// the waiting one, ours the running one.
import { Job as BullJob } from "bullmq";
import type { ClaimedJob } from "../../store/jobs/jobs.ts";
import { type Backlog, leaseMs } from "../backlog.ts";
import { jobNames } from "../queue.ts";
import { type Bull, type BullQueues, type Bulls, storedIn, unlessLost } from "./bull.ts";
import { countJobs } from "./lists.ts";
import { waitAgain } from "./requests.ts";
import { asideMs, beginKey, endKey, mark, pick, refile, takeOver, unsuccessful } from "./scripts.ts";

const askAgainMs = 500;
/** When others are quicker again and again, the next look has its turn. */
const mostTries = 5;
/** Done jobs stay to be looked at: for a day (in seconds), and the last of each name. */
const keptDone = { age: 86_400, count: 2000 };

export function bullBacklog({ ask }: BullQueues): Backlog {
  let taken = 0;
  /** With what a job was asked for in vain, and until when Redis may have given it all the same. */
  const unanswered = new Map<string, number>();
  return {
    claim: ({ workerId, now, except }) =>
      ask(async (bulls) => {
        const names = jobNames.filter((name) => !except.includes(name));
        for (let tries = 0; tries < mostTries; tries++) {
          const picked = Number(await bulls.run(pick, [now, ...bulls.prefixes(names)]));
          const name = names[picked - 1];
          if (name === undefined) return null;
          const token = `${workerId}/${++taken}`;
          const claimed = await take(bulls, name, token).catch((error: unknown) => {
            unanswered.set(token, now + leaseMs);
            throw error;
          });
          if (claimed === "aside") tries--;
          else if (claimed !== null) return claimed;
        }
        return null;
      }),
    nextDueAt: (now, except) =>
      ask(async (bulls) => {
        const { counts } = await countJobs(bulls, now);
        const open = counts.filter(({ name }) => !except.includes(name));
        const due = open.map(({ oldestDueAt }) => oldestDueAt).filter((at) => at !== null);
        return due.length > 0 ? Math.min(...due) : null;
      }),
    finish: (hold) =>
      whileLeased(() =>
        ask(async (bulls) => {
          await complete(bulls.of(hold.name), hold);
          await end(bulls, hold);
        }),
      ),
    requeue: (hold, { runAt, attempts, error, now }) =>
      ask(async (bulls) => {
        const { backend } = bulls.of(hold.name);
        const waiting = { runAt, now, token: hold.worker_id };
        const twin =
          hold.key === null ? "itself" : await waitAgain(bulls, { ...hold, key: hold.key }, waiting);
        if (twin === "lost") return;
        if (twin === "other") await complete(bulls.of(hold.name), hold);
        else {
          const fieldsToUpdate = { due: runAt, failedReason: error ?? "", aside: 0 };
          const back = { skipAttempt: attempts < hold.attempts, fieldsToUpdate };
          const delay = Math.max(0, runAt - now);
          await unlessLost(backend.moveToDelayed(hold.id, now, delay, hold.worker_id, back));
        }
        await end(bulls, hold);
      }),
    bury: (hold, { error }) =>
      ask(async (bulls) => {
        const { queue, backend } = bulls.of(hold.name);
        const job = new BullJob(queue, hold.name, {}, {}, hold.id);
        const isHeld = await unlessLost(backend.moveToFailed(job, error, false, hold.worker_id, false));
        await end(bulls, hold);
        return isHeld;
      }),
    fail: (hold, { error }) =>
      whileLeased(() =>
        ask(async (bulls) => {
          const bull = bulls.of(hold.name);
          await bulls.run(mark, [bull.prefix, hold.id, "failedReason", error]);
          if (await complete(bull, hold))
            await bulls.run(refile, [bull.prefix, hold.id, "completed", unsuccessful]);
          await end(bulls, hold);
        }),
      ),
    renew: (holds) =>
      ask(async (bulls) => {
        const renewed = await Promise.all(
          holds.map(({ id, name, worker_id }) => bulls.of(name).backend.extendLock(id, worker_id, leaseMs)),
        );
        return holds.filter((_, at) => Number(renewed[at]) === 1);
      }),
    listLost: (now, workers) =>
      ask(async (bulls) => {
        for (const [token, until] of unanswered) if (until < now) unanswered.delete(token);
        const gone = [...workers, ...unanswered.keys()];
        const token = `taken-over/${crypto.randomUUID()}`;
        const lost = await bulls.run(takeOver, [token, leaseMs, gone.length, ...gone, ...bulls.prefixes()]);
        return (lost as [number, string, number, string][]).flatMap(([at, id, failed, data]) => {
          const name = jobNames[at - 1] ?? "";
          return { id, name, key: storedIn(data).key, attempts: failed + 1, worker_id: token };
        });
      }),
  };
}

/** A Redis that is back before the lease is over learns what was done meanwhile; after that it would be done again. */
async function whileLeased(step: () => Promise<void>): Promise<void> {
  const until = performance.now() + leaseMs;
  for (;;) {
    try {
      return await step();
    } catch (error) {
      if (performance.now() > until) throw error;
      await Bun.sleep(askAgainMs);
    }
  }
}

/** The next job of the queue; null when others had it, "aside" when it waits for the running one with its key. */
async function take(bulls: Bulls, name: string, token: string) {
  const { backend, prefix } = bulls.of(name);
  const [json, id] = await backend.moveToActive(token);
  if (!id || !json) return null;
  const { payload, key } = storedIn(json.data);
  const attempts = Number(json.attemptsMade ?? 0) + 1;
  const hold: ClaimedJob = { id, name, key, attempts, worker_id: token };
  if (key === null || Number(await bulls.run(beginKey, keyed(prefix, hold))) === 1)
    return { job: { id, name, payload: JSON.stringify(payload), attempts }, hold };
  const back = { skipAttempt: true, fieldsToUpdate: { aside: 1 } };
  await unlessLost(backend.moveToDelayed(id, Date.now(), asideMs, token, back));
  return "aside" as const;
}

function complete({ queue, backend }: Bull, { id, name, worker_id }: ClaimedJob): Promise<boolean> {
  const job = new BullJob(queue, name, {}, {}, id);
  return unlessLost(backend.moveToCompleted(job, null, keptDone, worker_id, false));
}

async function end(bulls: Bulls, hold: ClaimedJob): Promise<void> {
  if (hold.key === null) return;
  const { backend, prefix } = bulls.of(hold.name);
  const aside = String(await bulls.run(endKey, keyed(prefix, hold)));
  if (aside !== "") await unlessLost(backend.promote(aside));
}

function keyed(prefix: string, { key, id, worker_id }: ClaimedJob): string[] {
  return [prefix, key ?? "", id, worker_id];
}
