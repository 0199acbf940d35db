// A job of the timetable whose time has come early.
import type { App } from "../app.ts";
import { messageOf } from "../errors.ts";
import type { TimetableEntry } from "../jobs/timetable.ts";

/** A queue that does not answer is no reason to fail: the timetable asks for the job soon enough. */
export async function runSoon(app: App, name: TimetableEntry["name"], inMs = 0): Promise<void> {
  await app.jobs.enqueue(name, {}, { key: name, runAt: app.now() + inMs }).catch((error: unknown) => {
    app.log.warn("job.not_asked_for", { name, reason: messageOf(error) });
  });
}
