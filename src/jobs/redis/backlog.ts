// The worker's view of BullMQ's queues: claims, leases and returns. A lease is BullMQ's lock, whose token begins with
// the worker's id. BullMQ does not support one waiting and one running job with the same key: its deduplication key
// marks the waiting job, ours the running one.
import { Job as BullJob } from "bullmq";
import type { ClaimedJob } from "../../store/jobs/jobs.ts";
import { type Backlog, leaseMs } from "../backlog.ts";
import { jobNames } from "../queue.ts";
import { type Bull, type BullQueues, type Bulls, storedIn, unlessLost } from "./bull.ts";
import { countJobs } from "./lists.ts";
import { waitAgain } from "./requests.ts";
import { asideMs, beginKey, endKey, mark, pick, refile, takeOver, unsuccessful } from "./scripts.ts";

const askAgainMs = 500;
/** After losing this many races, the claim waits for the next tick. */
const mostTries = 5;
/** Done jobs are kept for the dashboard: for a day (in seconds), and the last of each name. */
const keptDone = { age: 86_400, count: 2000 };

export function bullBacklog({ ask }: BullQueues): Backlog {
  let claims = 0;
  /** The token of a claim that got no answer, and until when Redis may still have granted it. */
  const unanswered = new Map<string, number>();
  return {
    claim: ({ workerId, now, except }) =>
      ask(async (bulls) => {
        const names = jobNames.filter((name) => !except.includes(name));
        for (let tries = 0; tries < mostTries; tries++) {
          const picked = Number(await bulls.run(pick, [now, ...bulls.prefixes(names)]));
          const name = names[picked - 1];
          if (name === undefined) return null;
          const token = `${workerId}/${++claims}`;
          const claimed = await claimNext(bulls, name, token).catch((error: unknown) => {
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
    finish: (claimed) =>
      whileLeased(() =>
        ask(async (bulls) => {
          await complete(bulls.of(claimed.name), claimed);
          await end(bulls, claimed);
        }),
      ),
    requeue: (claimed, { runAt, attempts, error, now }) =>
      ask(async (bulls) => {
        const { backend } = bulls.of(claimed.name);
        const waiting = { runAt, now, token: claimed.worker_id };
        const twin =
          claimed.key === null ? "itself" : await waitAgain(bulls, { ...claimed, key: claimed.key }, waiting);
        if (twin === "lost") return;
        if (twin === "other") await complete(bulls.of(claimed.name), claimed);
        else {
          const fieldsToUpdate = { due: runAt, failedReason: error ?? "", aside: 0 };
          const back = { skipAttempt: attempts < claimed.attempts, fieldsToUpdate };
          const delay = Math.max(0, runAt - now);
          await unlessLost(backend.moveToDelayed(claimed.id, now, delay, claimed.worker_id, back));
        }
        await end(bulls, claimed);
      }),
    markDead: (claimed, { error }) =>
      ask(async (bulls) => {
        const { queue, backend } = bulls.of(claimed.name);
        const job = new BullJob(queue, claimed.name, {}, {}, claimed.id);
        const isHeld = await unlessLost(backend.moveToFailed(job, error, false, claimed.worker_id, false));
        await end(bulls, claimed);
        return isHeld;
      }),
    fail: (claimed, { error }) =>
      whileLeased(() =>
        ask(async (bulls) => {
          const bull = bulls.of(claimed.name);
          await bulls.run(mark, [bull.prefix, claimed.id, "failedReason", error]);
          if (await complete(bull, claimed))
            await bulls.run(refile, [bull.prefix, claimed.id, "completed", unsuccessful]);
          await end(bulls, claimed);
        }),
      ),
    renew: (claims) =>
      ask(async (bulls) => {
        const renewed = await Promise.all(
          claims.map(({ id, name, worker_id }) => bulls.of(name).backend.extendLock(id, worker_id, leaseMs)),
        );
        return claims.filter((_, at) => Number(renewed[at]) === 1);
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

/** Retried until the lease ends, so that a short outage of Redis does not make a finished job run again. */
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

/** The next job of the queue; null when another worker claimed it, "aside" when a job with its key is running. */
async function claimNext(bulls: Bulls, name: string, token: string) {
  const { backend, prefix } = bulls.of(name);
  const [json, id] = await backend.moveToActive(token);
  if (!id || !json) return null;
  const { payload, key } = storedIn(json.data);
  const attempts = Number(json.attemptsMade ?? 0) + 1;
  const claimed: ClaimedJob = { id, name, key, attempts, worker_id: token };
  if (key === null || Number(await bulls.run(beginKey, keyed(prefix, claimed))) === 1)
    return { job: { id, name, payload: JSON.stringify(payload), attempts }, claimed };
  const back = { skipAttempt: true, fieldsToUpdate: { aside: 1 } };
  await unlessLost(backend.moveToDelayed(id, Date.now(), asideMs, token, back));
  return "aside" as const;
}

function complete({ queue, backend }: Bull, { id, name, worker_id }: ClaimedJob): Promise<boolean> {
  const job = new BullJob(queue, name, {}, {}, id);
  return unlessLost(backend.moveToCompleted(job, null, keptDone, worker_id, false));
}

async function end(bulls: Bulls, claimed: ClaimedJob): Promise<void> {
  if (claimed.key === null) return;
  const { backend, prefix } = bulls.of(claimed.name);
  const aside = String(await bulls.run(endKey, keyed(prefix, claimed)));
  if (aside !== "") await unlessLost(backend.promote(aside));
}

function keyed(prefix: string, { key, id, worker_id }: ClaimedJob): string[] {
  return [prefix, key ?? "", id, worker_id];
}
