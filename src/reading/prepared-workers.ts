// Processes that are started before it is known whether there is anything to mirror: starting one takes as long as
// asking a server for its refs, and both go on side by side.
import type { WorkerProcess } from "./worker-process.ts";

export type PreparedWorker = {
  /** Ends it, unless a mirror has it by now. */
  close(): void;
};

export type PreparedWorkers = {
  prepare(): PreparedWorker;
  /** A process that has done nothing yet; a fresh one where none was prepared. */
  take(): WorkerProcess;
};

/** None has met a repository, so it does not matter who prepared the one that is taken. */
export function createPreparedWorkers(start: () => WorkerProcess): PreparedWorkers {
  const spares = new Set<WorkerProcess>();
  return {
    prepare() {
      const worker = started(start);
      if (worker) spares.add(worker);
      return {
        close() {
          if (worker && spares.delete(worker)) void worker.kill();
        },
      };
    },
    take() {
      for (const worker of spares) {
        spares.delete(worker);
        if (worker.isAlive()) return worker;
      }
      return start();
    },
  };
}

/** What cannot be started is told when it is needed. */
function started(start: () => WorkerProcess): WorkerProcess | null {
  try {
    return start();
  } catch {
    return null;
  }
}
