// Runs jobs within a command, and waits for the signal to stop.
import type { App } from "../app.ts";
import { runTimetable } from "../jobs/timetable.ts";
import { handlersOf } from "../registry/handlers.ts";
import { timetableOf } from "../registry/jobs/timetable.ts";

const drainMs = 25_000;

type Work = { stop(): Promise<void> };

export async function startWork(app: App, concurrency: number): Promise<Work> {
  await app.jobs.start(handlersOf(app), {
    concurrency,
    minimum: Math.min(app.config.workerMinimum, concurrency),
    limits: { "sync-repository": app.config.gitConcurrency, "repair-archive": 1, "ensure-webhook": 2 },
  });
  const timetable = runTimetable({ db: app.db, jobs: app.jobs, now: app.now, entries: timetableOf(app) });
  return {
    async stop() {
      // First, so that it adds no job and writes nothing once the worker has stopped.
      await timetable.stop();
      await app.jobs.drain(drainMs);
    },
  };
}

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    let stopping = false;
    const stop = () => {
      if (stopping) process.exit(1);
      stopping = true;
      resolve();
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  });
}
