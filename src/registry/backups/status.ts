// Whether this registry could be restored, for administrators: of when, and when that was tried.
import type { App } from "../../app.ts";
import {
  findLastBackup,
  findLastRehearsal,
  type LastBackup,
  type LastRehearsal,
} from "../../store/backup/results.ts";

export type Light = "ok" | "amber" | "red" | "off";

type BackupStatus = { state: Light; last: LastBackup | null };
type RehearsalStatus = { state: Light; last: LastRehearsal | null };

const dayMs = 86_400_000;
/** A day's turn may be half an hour later than that of the day before, and takes its time. */
const graceMs = 2 * 3_600_000;

/** Amber when a day was missed, red when three were; off without a target. */
export async function backupStatus({ db, config, now }: App): Promise<BackupStatus> {
  const last = await findLastBackup(db);
  if (config.backup.to === null || config.backup.dailyAt === null) return { state: "off", last };
  if (last === null) return { state: "amber", last };
  const age = now() - (last.succeededAt ?? 0);
  if (age > 3 * dayMs + graceMs)
    return { state: last.succeededAt === null && last.failures < 3 ? "amber" : "red", last };
  return { state: last.error !== null || age > dayMs + graceMs ? "amber" : "ok", last };
}

/** Amber after a rehearsal that went wrong, and when two were missed. */
export async function rehearsalStatus({ db, config, now }: App): Promise<RehearsalStatus> {
  const last = await findLastRehearsal(db);
  const { to, rehearseEveryMs } = config.backup;
  if (to === null || rehearseEveryMs === null) return { state: "off", last };
  if (last?.succeededAt == null || last.problem !== null) return { state: "amber", last };
  return { state: now() - last.succeededAt > 2 * rehearseEveryMs + graceMs ? "amber" : "ok", last };
}
