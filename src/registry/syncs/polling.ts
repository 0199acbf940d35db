// The timetable polls each repository, whether or not it has a working webhook.
import type { App } from "../../app.ts";
import { dueAtOnce, listDueRepositories } from "../../store/syncs/polls.ts";
import { updateRepository } from "../../store/repositories/repositories.ts";
import { calmDelayMs, shortestMs } from "./poll-interval.ts";
import { requestSync } from "../sync-requests.ts";

/** Per run; the next one, seconds later, finds the rest. */
const maxAtOnce = 500;

/** Requests a sync of every repository that is due, unless one is running already. */
export async function pollRepositories(app: App): Promise<void> {
  for (const repository of await listDueRepositories(app.db, app.now(), maxAtOnce)) {
    const nextPollAt = app.now() + calmDelayMs(app.config.syncIntervalMs);
    await updateRepository(app.db, repository.id, { next_poll_at: nextPollAt });
    if (repository.state !== "syncing") await requestSync(app, repository, { reason: "poll" });
  }
}

/** At a start: webhooks sent while no server ran are lost, and few forges send them again. */
export async function pollAfterAbsence(app: App): Promise<void> {
  const { syncIntervalMs: interval } = app.config;
  if (interval === null) return;
  const now = app.now();
  const provenBefore = now - Math.min(shortestMs, interval);
  const due = await dueAtOnce(app.db, { now, provenBefore, latest: now + interval });
  if (due > 0) app.log.info("poll.after_absence", { repositories: due });
}
