// Which jobs run by themselves, and how often.
import type { App } from "../../app.ts";
import type { TimetableEntry } from "../../jobs/timetable.ts";

const day = 86_400_000;

export function timetableOf(app: App): TimetableEntry[] {
  const { syncIntervalMs, freshnessLimitMs, tls, backup } = app.config;
  const isOff = (name: string) =>
    (name === "poll-repositories" && syncIntervalMs === null) ||
    (name === "watch-freshness" && freshnessLimitMs === null) ||
    (name === "renew-certificate" && tls.kind !== "acme") ||
    (name === "back-up" && backup.to === null);
  return turnsOf(syncIntervalMs).filter(({ name }) => !isOff(name));
}

function turnsOf(syncIntervalMs: number | null): TimetableEntry[] {
  return [
    { name: "poll-repositories", everyMs: Math.min(15_000, syncIntervalMs ?? 15_000) },
    { name: "watch-freshness", everyMs: 60_000 },
    { name: "reconcile", everyMs: 30_000 },
    { name: "watch-queue", everyMs: 60_000 },
    { name: "check-webhooks", everyMs: 60_000 },
    { name: "remove-webhooks", everyMs: 60_000 },
    { name: "send-mails", everyMs: 15_000 },
    { name: "count-downloads", everyMs: 60_000 },
    { name: "renew-certificate", everyMs: 60_000 },
    { name: "scrub-archives", everyMs: 60_000 },
    { name: "back-up", everyMs: 60_000 },
    { name: "prune", everyMs: day / 4 },
    // When a new server has settled.
    { name: "run-doctor", everyMs: day, firstAfterMs: 600_000 },
  ];
}

/** Every name of the timetable, also of entries that are turned off. */
export const timetableNames: readonly string[] = turnsOf(null).map(({ name }) => name);
