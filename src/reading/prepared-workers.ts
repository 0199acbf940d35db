// Workers that are started before it is known whether there is anything to mirror. Starting a process takes as long as
// listing a server's refs, so both overlap.
import type { WorkerProcess } from "./worker-process.ts";

type PreparedWorker = {
  /** Ends the worker unless a mirror uses it. */
  close(): void;
};

export type PreparedWorkers = {
  prepare(): PreparedWorker;
  /** An unused worker; a new one when none is prepared. */
  claim(): WorkerProcess;
};

/** Prepared workers have read no repository yet, so any of them serves any mirror. */
export function createPreparedWorkers(start: () => WorkerProcess): PreparedWorkers {
  const idle = new Set<WorkerProcess>();
  return {
    prepare() {
      const worker = started(start);
      if (worker) idle.add(worker);
      return {
        close() {
          if (worker && idle.delete(worker)) void worker.kill();
        },
      };
    },
    claim() {
      for (const worker of idle) {
        idle.delete(worker);
        if (worker.isAlive()) return worker;
      }
      return start();
    },
  };
}

/** Ignores errors: a worker that cannot be started fails when a mirror needs one. */
function started(start: () => WorkerProcess): WorkerProcess | null {
  try {
    return start();
  } catch {
    return null;
  }
}
