// The queue as a table of the product's own database: nothing more to run, and a job is as durable as the data.
// Any number of processes may add to it and work it.
import type { Database } from "../store/engine/database.ts";
import {
  countJobsByName,
  findJob,
  listJobs,
  listUnsuccessfulIds,
  removeFailedJob,
  removeFailedJobs,
  reviveJob,
  settleJobs,
} from "../store/jobs/lists.ts";
import { findPauses, pauseJobs, resumeJobs } from "../store/jobs/pauses.ts";
import {
  addJob,
  markJobDead,
  claimJob,
  countJobs,
  failJob,
  findDueJob,
  finishJob,
  type Job,
  listLostJobs,
  pruneJobs,
  renewLeases,
  requeueJob,
} from "../store/jobs/jobs.ts";
import type { ClaimedJob } from "../store/jobs/jobs.ts";
import type { Backlog } from "./backlog.ts";
import { isAnyoneAlive } from "./liveness.ts";
import type { JobHandlers, StoredJob, Queue, StartOptions } from "./queue.ts";
import { startWorker, type Worker } from "./worker.ts";

type DatabaseQueueOptions = {
  db: Database;
  now: () => number;
  log?: (event: string, fields: Record<string, unknown>) => void;
};

/** A process that never starts the queue only adds jobs. */
export function createDatabaseQueue({ db, now, log = () => {} }: DatabaseQueueOptions): Queue {
  let worker: Worker | null = null;

  const drain = async (timeoutMs: number) => {
    const stopping = worker;
    worker = null;
    await stopping?.drain(timeoutMs);
  };

  return {
    async enqueue(name, payload, { key, runAt = now(), priority = 0 } = {}) {
      const job = { name, payload: JSON.stringify(payload), runAt, priority, now: now() };
      const id =
        key === undefined
          ? await addJob(db, { ...job, key: null })
          : await db.transaction((db) => addJob(db, { ...job, key: storedKey(name, key) }));
      worker?.wake();
      return id;
    },
    async start(handlers: JobHandlers, options: StartOptions) {
      if (worker) throw new Error("This queue has been started already.");
      worker = await startWorker({ backlog: backlogOf(db), db, now, log, handlers, ...options });
    },
    isWorked: () => isAnyoneAlive(db, now()),
    stats: () => countJobs(db),
    async list(listing) {
      const { jobs, next } = await listJobs(db, listing);
      return { jobs: jobs.map(storedJob), next };
    },
    async find(id) {
      const job = await findJob(db, id);
      return job && storedJob(job);
    },
    countsByName: () => countJobsByName(db, now()),
    async retry(id) {
      await reviveJob(db, id, now());
      worker?.wake();
    },
    async retryAll() {
      const ids = await listUnsuccessfulIds(db);
      for (const id of ids) await reviveJob(db, id, now());
      worker?.wake();
      return ids.length;
    },
    settle: (name, key) => settleJobs(db, storedKey(name, key)),
    forget: (id) => removeFailedJob(db, id),
    forgetAll: () => removeFailedJobs(db),
    prune: (keep) => pruneJobs(db, keep),
    async setPaused(name, isPaused, by = "system") {
      if (isPaused) await pauseJobs(db, name, { by, now: now() });
      else await resumeJobs(db, name);
      await worker?.applyPauses();
    },
    paused: () => findPauses(db),
    drain,
    close: () => drain(0),
  };
}

/** Keys are separate for each job name. */
function storedKey(name: string, key: string): string {
  return `${name}:${key}`;
}

function storedJob(job: Job): StoredJob {
  const { id, name, state, attempts, error } = job;
  return {
    id,
    name,
    payload: JSON.parse(job.payload) as StoredJob["payload"],
    state,
    attempts,
    error,
    createdAt: job.created_at,
    runAt: job.run_at,
    startedAt: job.started_at,
    finishedAt: job.finished_at,
  };
}

function backlogOf(db: Database): Backlog {
  return {
    async claim(claim) {
      const job = await claimJob(db, claim);
      return job && { job, claimed: { ...job, worker_id: claim.workerId } };
    },
    nextDueAt: async (now, except) => (await findDueJob(db, { now, except }))?.run_at ?? null,
    finish: async (claimed, now) => void (await finishJob(db, claimed, now)),
    fail: async (claimed, of) => void (await failJob(db, claimed, of)),
    requeue: async (claimed, back) => void (await requeueJob(db, claimed, back)),
    markDead: (claimed, of) => markJobDead(db, claimed, of),
    async renew(claims, leaseUntil) {
      const workerId = claims[0]?.worker_id ?? "";
      const held = await renewLeases(db, { workerId, ids: claims.map(({ id }) => id), leaseUntil });
      const isHeld = (claimed: ClaimedJob) =>
        held.some(({ id, attempts }) => id === claimed.id && attempts === claimed.attempts);
      return claims.filter(isHeld);
    },
    listLost: (now, gone) => listLostJobs(db, now, gone),
  };
}
