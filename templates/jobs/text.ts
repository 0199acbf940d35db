// How the job dashboard says names, run times and regular turns.
import { actorText } from "../organizations/activity-text.tsx";
import { span } from "../parts/numbers.ts";
import { relative } from "../parts/time.tsx";
import type { JobName } from "../../src/registry/jobs/view.ts";
import type { Pause } from "../../src/registry/jobs/view.ts";

/** Each kind of job in plain words, with what it does. */
const jobs: Record<JobName, [title: string, purpose: string]> = {
  "sync-repository": ["Sync a repository", "Reads its tags and branches and publishes their versions."],
  "repair-archive": ["Rebuild an archive", "Makes a lost or damaged archive again from git."],
  "ensure-webhook": ["Set up a webhook", "Creates or corrects a repository's webhook at its Git host."],
  "check-webhooks": ["Check webhooks", "Asks the Git hosts whether the webhooks are still there."],
  "remove-webhooks": ["Remove webhooks", "Deletes the webhooks of removed repositories at their Git hosts."],
  "send-mails": ["Send mail", "Sends what waits in the outbox."],
  "poll-repositories": [
    "Check for changes",
    "Asks each repository for new tags and branches, webhook or not.",
  ],
  reconcile: ["Resume lost syncs", "Requests each sync again whose job or process was lost."],
  "watch-freshness": [
    "Watch for overdue repositories",
    "Alerts admins when a repository was not checked in time.",
  ],
  "watch-queue": ["Watch for long waits", "Alerts administrators when jobs wait too long."],
  "back-up": ["Back up", "Makes a backup when it is due, and restores one on trial."],
  "scrub-archives": ["Verify archives", "Reads stored archives and rebuilds those that are damaged."],
  "count-downloads": ["Count downloads", "Adds what Composer reported to the download counts."],
  "run-doctor": ["Check the installation", "Looks for what is wrong, for the page Operations."],
  "renew-certificate": ["Renew the certificate", "Orders the next certificate for HTTPS in time."],
  prune: ["Clean up", "Deletes expired sessions, old records, and archives that nothing refers to."],
};

/** "reconcile" → "Resume lost syncs". A kind of another version of Pricore stays as it is. */
export function titleOf(name: string): string {
  return name in jobs ? jobs[name as JobName][0] : name;
}

/** What jobs of a kind do, in one sentence; empty for a kind of another version. */
export function purposeOf(name: string): string {
  return name in jobs ? jobs[name as JobName][1] : "";
}

/** Of a sync that failed, once a later one of the same repository has succeeded. */
export const settledText = "failed, a later sync succeeded";

/** Of milliseconds: 46 → "46 ms", 460 → "0.46 s", 1920 → "1.92 s", 12400 → "12 s"; null → "–". */
export function took(milliseconds: number | null): string {
  if (milliseconds === null) return "–";
  if (milliseconds < 100) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 10_000) return `${Number((milliseconds / 1000).toFixed(2))} s`;
  return span(milliseconds);
}

/** How often: 15000 → "every 15 s", 3600000 → "hourly", 21600000 → "every 6 h". */
export function every(milliseconds: number): string {
  const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
  if (milliseconds === minute) return "every minute";
  if (milliseconds === hour) return "hourly";
  if (milliseconds === day) return "daily";
  if (milliseconds % day === 0) return `every ${milliseconds / day} days`;
  if (milliseconds % hour === 0) return `every ${milliseconds / hour} h`;
  if (milliseconds % minute === 0) return `every ${milliseconds / minute} min`;
  return `every ${milliseconds / 1000} s`;
}

/** "Paused by Ann Otto 3 min ago". */
export function pausedText({ by, at }: Pause, now: number): string {
  const who = by === null ? "" : ` by ${by.kind === "cli" ? "the command line" : actorText(by)}`;
  return `Paused${who} ${relative(at, now)}`;
}
