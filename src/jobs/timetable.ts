// Enqueues regular jobs, each once per period however many processes run the timetable.
import { messageOf } from "../errors.ts";
import type { Db } from "../store/engine/database.ts";
import { releaseScheduleEntry, claimScheduleEntry } from "../store/jobs/schedules.ts";
import type { JobName, JobPayloads, Queue } from "./queue.ts";

type NameWithoutPayload = {
  [Name in JobName]: JobPayloads[Name] extends Record<string, never> ? Name : never;
}[JobName];

export type TimetableEntry = { name: NameWithoutPayload; everyMs: number; firstAfterMs?: number };

type Timetable = {
  db: Db;
  jobs: Queue;
  now: () => number;
  entries: TimetableEntry[];
  log?: (event: string, fields: Record<string, unknown>) => void;
};

const tickEveryMs = 1000;

/** Each entry runs at once the first time, or after `firstAfterMs`. One job makes up for all periods in which no process ran. */
export function runTimetable(timetable: Timetable): { stop(): Promise<void> } {
  let isStopped = false;
  let running: Promise<void> | null = null;
  const run = async () => {
    for (const entry of timetable.entries) if (!isStopped) await enqueueWhenDue(timetable, entry);
    running = null;
  };
  const tick = () => void (running ??= run());
  const timer = setInterval(tick, tickEveryMs);
  tick();
  return {
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await running;
    },
  };
}

async function enqueueWhenDue(
  { db, jobs, now, log }: Timetable,
  { name, ...period }: TimetableEntry,
): Promise<void> {
  try {
    if (!(await claimScheduleEntry(db, { name, ...period, now: now() }))) return;
    await jobs.enqueue(name, {}, { key: name }).catch(async (error: unknown) => {
      await releaseScheduleEntry(db, name, now());
      throw error;
    });
  } catch (error) {
    log?.("timetable.fault", { name, error: messageOf(error) });
  }
}
