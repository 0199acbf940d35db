// Which function runs each job.
import type { App } from "../app.ts";
import type { JobHandlers } from "../jobs/queue.ts";
import { pruneDeliveries } from "../store/webhooks/deliveries.ts";
import { pruneFormerSlugs } from "../store/organizations/former-slugs.ts";
import { recountRecentDownloads } from "../store/packages/downloads.ts";
import { pruneJobHistory } from "../store/jobs/history.ts";
import { pruneAttempts } from "../store/jobs/attempts.ts";
import { pruneOneTimeSecrets } from "../store/accounts/one-time-secrets.ts";
import { pruneMails } from "../store/mails.ts";
import { pruneSessions } from "../store/accounts/sessions.ts";
import { pruneThrottles } from "../store/accounts/throttles.ts";
import { pruneSyncs } from "../store/syncs/syncs.ts";
import { backUpWhenDue } from "./backups/schedule.ts";
import { countDownloads } from "./packages/downloads.ts";
import { checkWebhooks, ensureWebhook } from "./webhooks/ensure.ts";
import { renewCertificate } from "./certificates/renew.ts";
import { checkQueue } from "./jobs/long-waits.ts";
import { failedKept, failedKeptDays } from "./jobs/retention.ts";
import { watchFreshness } from "./syncs/freshness-alerts.ts";
import { forgetDeadMove } from "./moves/record.ts";
import { sendMails } from "./mail.ts";
import { pollRepositories } from "./syncs/polling.ts";
import { reconcile } from "./syncs/reconcile.ts";
import { removeWebhooks } from "./webhooks/remove.ts";
import { examine } from "./operations/findings.ts";
import { repairArchive } from "./packages/repair.ts";
import { scrubArchives } from "./packages/scrub.ts";
import { sweepArchives } from "./packages/sweep.ts";
import { daysBack } from "./packages/usage.ts";
import { createSyncSlots } from "./syncs/slots.ts";
import { runSync } from "./syncs/sync.ts";

const day = 86_400_000;
/** The limit for one repository. */
const deliveriesKept = 5000;

export function handlersOf(app: App): JobHandlers {
  const slots = createSyncSlots(app.config.gitConcurrency);
  return {
    "sync-repository": (payload, running) =>
      slots.hold(app, payload.repositoryId, () => runSync(app, payload, running.signal)),
    "repair-archive": (payload) => repairArchive(app, payload),
    "poll-repositories": () => pollRepositories(app),
    reconcile: () => reconcile(app),
    "watch-freshness": () => watchFreshness(app),
    "run-doctor": () => examine(app),
    "watch-queue": () => checkQueue(app),
    "scrub-archives": () => scrubArchives(app),
    "ensure-webhook": (payload) => ensureWebhook(app, payload),
    "check-webhooks": () => checkWebhooks(app),
    "remove-webhooks": () => removeWebhooks(app),
    "send-mails": () => sendMails(app),
    "count-downloads": () => countDownloads(app),
    "renew-certificate": () => renewCertificate(app),
    "back-up": (_payload, running) => backUpWhenDue(app, running),
    prune: () => prune(app),
  };
}

async function prune(app: App): Promise<void> {
  await forgetDeadMove(app);
  await sweepArchives(app);
  await recountRecentDownloads(app.db, daysBack(app.now(), 30)[0] ?? "");
  await app.jobs.prune({
    doneSince: app.now() - day,
    failedSince: app.now() - failedKeptDays * day,
    maxFailed: failedKept,
  });
  await pruneAttempts(app.db, app.now() - failedKeptDays * day);
  await pruneJobHistory(app.db, app.now());
  await pruneSyncs(app.db, { olderThan: app.now() - 90 * day, unchangedBefore: app.now() - 3 * day });
  await pruneSessions(app.db, app.now());
  await pruneOneTimeSecrets(app.db, app.now());
  await pruneThrottles(app.db, app.now());
  await pruneFormerSlugs(app.db, app.now());
  await pruneMails(app.db, app.now() - 30 * day);
  await pruneDeliveries(app.db, { olderThan: app.now() - 30 * day, keep: deliveriesKept });
}
