// Recording a failed sync: its reason, and when the repository is polled again.
import type { App } from "../../app.ts";
import { Failure, messageOf, textOf } from "../../errors.ts";
import { redact } from "../../log.ts";
import { addActivity } from "../../store/organizations/activity.ts";
import { postponePolls } from "../../store/syncs/polls.ts";
import { type Repository } from "../../store/repositories/repositories.ts";
import { markFinished } from "../../store/syncs/requests.ts";
import { listCrashes, listLatestSyncs, updateSync, type Sync } from "../../store/syncs/syncs.ts";
import { deadlineAfter } from "../sync-requests.ts";
import { consumed } from "./finish.ts";
import { causeOf } from "./causes.ts";
import { logRefusal } from "../security-log.ts";
import { hostOf } from "../credentials/remotes.ts";

type FailedSync = { app: App; repository: Repository; sync: Sync };

const strikes = 3;
/** Crashes of an organization, or of a host, within an hour after which each further one rests at once. */
const sharedStrikes = 6;
const sharedStrikesMs = 3_600_000;
const restMs = 24 * 3_600_000;

/** Returns the reason as text. */
export async function failSync(failing: FailedSync, error: unknown): Promise<string> {
  const { app, repository, sync } = failing;
  const known = error instanceof Failure ? error : null;
  const log = { repository: repository.name, sync: sync.id, reason: messageOf(error) };
  logRefusal(app.log, error, { repository: repository.name, sync: sync.id });
  app.log.warn("sync.failed", known ? { ...log, code: known.code } : log);
  const now = app.now();
  const failures = repository.failures + 1;
  const outcome = outcomeOf(known);
  const { nextPollAt, message } = await nextPoll(failing, { failure: known, outcome, failures, now });
  // It contains the server's own message, which may repeat a secret that it was sent.
  const text = redact(message);
  await app.db.transaction(async (db) => {
    await updateSync(db, sync.id, {
      state: "failed",
      outcome,
      error: text,
      error_code: known?.code ?? null,
      current_ref: null,
      finished_at: now,
    });
    await markFinished(db, repository.id, {
      state: "failed",
      deadline: deadlineAfter(now),
      error: text,
      error_code: known?.code ?? null,
      ...consumed(repository),
      failures,
      last_synced_at: now,
      next_poll_at: nextPollAt,
    });
    // Only the first of several failures in a row is recorded; the repository's page has them all.
    if (failures === 1)
      await addActivity(db, {
        organizationId: repository.organization_id,
        actor: "system",
        action: "repository.sync_failed",
        subject: repository.name,
        details: { error: text.slice(0, 500) },
        now,
      });
    const origin = known?.code === "git_rate_limited" ? URL.parse(repository.url)?.origin : undefined;
    if (origin && known?.retryAfterSeconds)
      await postponePolls(db, repository.organization_id, { origin, until: nextPollAt });
  });
  return text;
}

type Outcome = "failed" | "stopped" | "crashed";

function outcomeOf(failure: Failure | null): Outcome {
  if (failure?.code === "removals_unconfirmed") return "stopped";
  return failure !== null && causeOf(failure.code) === "costly" ? "crashed" : "failed";
}

type FailureOutcome = { failure: Failure | null; outcome: Outcome; failures: number; now: number };

/** Respects the pause that a server requests, and rests a repository that crashes its process again and again. */
async function nextPoll(
  failing: FailedSync,
  { failure, outcome, failures, now }: FailureOutcome,
): Promise<{ nextPollAt: number; message: string }> {
  if (!failure)
    return {
      nextPollAt: now + retryAfterMs(failures),
      message: "Something went wrong in Pricore. See the log for details.",
    };
  const strike = outcome === "crashed" ? await lastStrike(failing, now) : null;
  if (strike !== null) return rest(failing, { failure, now, strike });
  const askedMs = (failure.retryAfterSeconds ?? 0) * 1000;
  const nextPollAt = now + Math.max(retryAfterMs(failures), askedMs);
  const pause = failure.code === "git_rate_limited" ? ` The next poll is at ${timeText(nextPollAt)}.` : "";
  return { nextPollAt, message: textOf(failure) + pause };
}

/** Says what has happened too often; null while the repository may be tried again. This crash is not recorded yet. */
async function lastStrike({ app, repository, sync }: FailedSync, now: number): Promise<string | null> {
  const latest = await listLatestSyncs(app.db, repository.id, { limit: strikes });
  const isThird =
    latest.length === strikes && latest.every(({ id, outcome }) => id === sync.id || outcome === "crashed");
  if (isThird) return `This happened ${strikes} times in a row`;
  const crashes = await listCrashes(app.db, now - sharedStrikesMs);
  const sameOrganization = crashes.filter(
    ({ organization_id }) => organization_id === repository.organization_id,
  );
  if (sameOrganization.length + 1 >= sharedStrikes)
    return `This happened ${sharedStrikes} times within an hour in this organization`;
  const host = hostOf(repository.url);
  const sameHost = crashes.filter(({ url }) => hostOf(url) === host);
  if (sameHost.length + 1 >= sharedStrikes)
    return `This happened ${sharedStrikes} times within an hour from ${host || "local folders"}`;
  return null;
}

type Resting = { failure: Failure; now: number; strike: string };

function rest({ app, repository }: FailedSync, { failure, now, strike }: Resting) {
  const nextPollAt = now + restMs;
  app.log.warn("repository.rests", { repository: repository.name, until: timeText(nextPollAt) });
  const message = `${textOf(failure)} ${strike}, so the next automatic sync is at ${timeText(nextPollAt)}.`;
  return { nextPollAt, message };
}

function timeText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** 1, 2, 4 … 60 minutes, give or take a tenth, so that not all repositories poll a forge at once when it is back. */
function retryAfterMs(failures: number): number {
  const minutes = Math.min(60, 2 ** Math.min(failures - 1, 6));
  return Math.round(minutes * 60_000 * (0.9 + Math.random() * 0.2));
}
