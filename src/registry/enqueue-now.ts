// Runs a job of the timetable early.
import type { App } from "../app.ts";
import { messageOf } from "../errors.ts";
import type { TimetableEntry } from "../jobs/timetable.ts";

/** Best effort: when the queue does not answer, the timetable runs the job soon enough. */
export async function runSoon(app: App, name: TimetableEntry["name"], inMs = 0): Promise<void> {
  await app.jobs.enqueue(name, {}, { key: name, runAt: app.now() + inMs }).catch((error: unknown) => {
    app.log.warn("job.not_asked_for", { name, reason: messageOf(error) });
  });
}
