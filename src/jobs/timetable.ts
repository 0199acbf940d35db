// Enqueues regular jobs, each once per period however many processes run the timetable.
import { messageOf } from "../errors.ts";
import type { Db } from "../store/engine/database.ts";
import { releaseScheduleEntry, claimScheduleEntry } from "../store/jobs/schedules.ts";
import type { JobName, JobPayloads, Queue } from "./queue.ts";

type NameWithoutPayload = {
  [Name in JobName]: JobPayloads[Name] extends Record<string, never> ? Name : never;
}[JobName];

export type TimetableEntry = { name: NameWithoutPayload; everyMs: number };

export type Timetable = {
  db: Db;
  jobs: Queue;
  now: () => number;
  entries: TimetableEntry[];
  log?: (event: string, fields: Record<string, unknown>) => void;
};

const lookEveryMs = 1000;

/** The first time at once. Periods in which no process ran are made up for by one job. */
export function runTimetable(timetable: Timetable): { stop(): void } {
  let looking = false;
  const look = async () => {
    if (looking) return;
    looking = true;
    for (const entry of timetable.entries) await fire(timetable, entry);
    looking = false;
  };
  const timer = setInterval(look, lookEveryMs);
  void look();
  return { stop: () => clearInterval(timer) };
}

async function fire({ db, jobs, now, log }: Timetable, { name, everyMs }: TimetableEntry): Promise<void> {
  try {
    if (!(await claimScheduleEntry(db, { name, everyMs, now: now() }))) return;
    await jobs.enqueue(name, {}, { key: name }).catch(async (error: unknown) => {
      await releaseScheduleEntry(db, name, now());
      throw error;
    });
  } catch (error) {
    log?.("timetable.fault", { name, error: messageOf(error) });
  }
}
