// When backups and rehearsals are due, and running them.
import { createHash } from "node:crypto";
import type { App } from "../../app.ts";
import { messageOf } from "../../errors.ts";
import type { RunningJob, WorkFailure } from "../../jobs/queue.ts";
import { findLastBackup, findLastRehearsal, type LastBackup } from "../../store/backup/results.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Many installations must not use one bucket at the same moment. */
const spreadMs = 30 * minuteMs;
const retryMs = 30 * minuteMs;
const rehearsalRetryMs = dayMs;

/** Runs what is due: a backup, and a rehearsal after it. */
export async function backUpWhenDue(
  app: App,
  { signal }: Pick<RunningJob, "signal">,
): Promise<WorkFailure | void> {
  const { to, dailyAt, rehearseEveryMs } = app.config.backup;
  if (to === null) return;
  try {
    const last = await findLastBackup(app.db);
    if (dailyAt !== null && isBackupDue(app, last, dailyAt)) await app.backups.run("backup", signal);
    const { succeededAt } = (await findLastBackup(app.db)) ?? { succeededAt: null };
    if (succeededAt !== null && rehearseEveryMs !== null && (await isRehearsalDue(app, rehearseEveryMs)))
      await app.backups.run("rehearsal", signal);
  } catch (error) {
    return { failed: messageOf(error) };
  }
}

/** The first one is due at once; one that failed is tried again half an hour later. */
function isBackupDue(
  { now, secrets }: Pick<App, "now" | "secrets">,
  last: LastBackup | null,
  dailyAt: number,
): boolean {
  if (last === null) return true;
  if (last.error !== null && now() - last.triedAt < retryMs) return false;
  if (last.succeededAt === null) return true;
  return last.succeededAt < latestTurn(now(), dailyAt, spreadOf(secrets.fingerprint));
}

/** The last moment before `now` that is so many minutes after midnight, and a little later. */
function latestTurn(now: number, dailyAt: number, spread: number): number {
  const midnight = new Date(now);
  midnight.setHours(0, dailyAt, 0, 0);
  const today = midnight.getTime() + spread;
  return today <= now ? today : today - dayMs;
}

function spreadOf(fingerprint: string): number {
  return createHash("sha256").update(fingerprint).digest().readUInt32BE(0) % spreadMs;
}

async function isRehearsalDue({ db, now }: App, everyMs: number): Promise<boolean> {
  const last = await findLastRehearsal(db);
  if (last === null) return true;
  if (last.problem !== null && now() - last.triedAt < Math.min(everyMs, rehearsalRetryMs)) return false;
  return last.succeededAt === null || now() - last.succeededAt >= everyMs;
}
