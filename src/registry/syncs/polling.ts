// The timetable asks each repository whether anything is new, whatever its webhook does.
import type { App } from "../../app.ts";
import { dueAtOnce, listDueRepositories } from "../../store/syncs/polls.ts";
import { updateRepository } from "../../store/repositories/repositories.ts";
import { calmDelayMs, shortestMs } from "./poll-interval.ts";
import { requestSync } from "./sync.ts";

/** Of one look; the next one, seconds later, finds the rest. */
const mostAtOnce = 500;

/** Asks for a sync of every repository whose time has come; one that runs already is as good. */
export async function pollRepositories(app: App): Promise<void> {
  for (const repository of await listDueRepositories(app.db, app.now(), mostAtOnce)) {
    const nextPollAt = app.now() + calmDelayMs(app.config.syncIntervalMs);
    await updateRepository(app.db, repository.id, { next_poll_at: nextPollAt });
    if (repository.state !== "syncing") await requestSync(app, repository, { reason: "poll" });
  }
}

/** At a start: what forges told meanwhile was told to nobody, and few of them say it again. */
export async function pollAfterAbsence(app: App): Promise<void> {
  const { syncIntervalMs: interval } = app.config;
  if (interval === null) return;
  const now = app.now();
  const provenBefore = now - Math.min(shortestMs, interval);
  const due = await dueAtOnce(app.db, { now, provenBefore, latest: now + interval });
  if (due > 0) app.log.info("poll.after_absence", { repositories: due });
}
