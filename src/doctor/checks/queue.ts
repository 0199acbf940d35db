// Whether jobs are run.
import { durationText } from "../../duration.ts";
import { messageOf } from "../../errors.ts";
import { longestWait, stuckMs } from "../../registry/jobs/waiting.ts";
import { countRecentFailures } from "../../store/jobs/history.ts";
import { listWorkers } from "../../store/jobs/workers.ts";
import { fail, ok, warn, withApp, type Check } from "../check.ts";

const seenWithinMs = 60_000;
const hourMs = 3_600_000;

export const queue: Check = {
  id: "queue",
  title: "Job queue",
  run: withApp(async (app, { now }) => {
    const at = now();
    const state = await Promise.all([app.jobs.countsByName(), app.jobs.paused()]).catch(messageOf);
    if (typeof state === "string") return fail(`The queue does not answer: ${state}`);
    const [counts, pauses] = state;
    const workers = (await listWorkers(app.db)).filter(({ seen_at }) => seen_at > at - seenWithinMs);
    if (workers.length === 0)
      return fail("No worker was seen in the last minute: nothing is synced and no mail is sent.", {
        remedy: { do: "run-worker" },
      });
    if (pauses.all) return warn("The queue is paused.", { remedy: { do: "see-jobs" } });
    const wait = longestWait(counts, pauses, at);
    if (wait && wait.ms > stuckMs)
      return fail(`${wait.name} has waited for ${durationText(Math.round(wait.ms / 60_000) * 60_000)}.`, {
        advice: "Raise WORKER_CONCURRENCY, or run a worker on another machine.",
      });
    const failed = await countRecentFailures(app.db, at - hourMs);
    const dead = counts.reduce((sum, each) => sum + each.dead, 0);
    if (dead > 0) return warn(`${dead} jobs have failed for good.`, { remedy: { do: "see-jobs" } });
    return ok(`Jobs are run; ${failed} failed in the last hour.`);
  }),
};
