// The queue as a table of the product's own database: nothing more to run, and a job is as durable as the data.
// Any number of processes may add to it and work it.
import type { Database } from "../store/database.ts";
import {
  addJob,
  buryJob,
  claimJob,
  countJobs,
  finishJob,
  listLostJobs,
  renewLeases,
  requeueJob,
  reviveJob,
} from "../store/jobs.ts";
import type { Backlog, Hold } from "./backlog.ts";
import { isAnyoneAlive } from "./liveness.ts";
import type { JobHandlers, Queue, StartOptions } from "./queue.ts";
import { startWorker, type Worker } from "./worker.ts";

export type DatabaseQueueOptions = {
  db: Database;
  now: () => number;
  log?: (event: string, fields: Record<string, unknown>) => void;
};

/** Keys are told apart by job name. A process that never starts the queue adds jobs and costs nothing else. */
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
          : await db.transaction((db) => addJob(db, { ...job, key: `${name}:${key}` }));
      worker?.wake();
      return id;
    },
    async start(handlers: JobHandlers, options: StartOptions) {
      if (worker) throw new Error("This queue has been started already.");
      worker = await startWorker({ backlog: backlogOf(db), db, now, log, handlers, ...options });
    },
    isWorked: () => isAnyoneAlive(db, now()),
    stats: () => countJobs(db),
    async retry(id) {
      await reviveJob(db, id, now());
      worker?.wake();
    },
    drain,
    close: () => drain(0),
  };
}

function backlogOf(db: Database): Backlog {
  return {
    async claim(claim) {
      const job = await claimJob(db, claim);
      return job && { job, hold: { ...job, worker_id: claim.workerId } };
    },
    finish: async (hold, now) => void (await finishJob(db, hold, now)),
    requeue: async (hold, back) => void (await requeueJob(db, hold, back)),
    bury: (hold, of) => buryJob(db, hold, of),
    async renew(holds, leaseUntil) {
      const workerId = holds[0]?.worker_id ?? "";
      const held = await renewLeases(db, { workerId, ids: holds.map(({ id }) => id), leaseUntil });
      const isHeld = (hold: Hold) =>
        held.some(({ id, attempts }) => id === hold.id && attempts === hold.attempts);
      return holds.filter(isHeld);
    },
    listLost: (now, gone) => listLostJobs(db, now, gone),
  };
}
