// What the last backup and the last rehearsal were.
import type { Db } from "../engine/database.ts";
import { findSetting, setSetting } from "../settings.ts";
import type { Restored } from "./after-restore.ts";

export type LastBackup = {
  /** Milliseconds since the epoch; null before the first success. */
  succeededAt: number | null;
  /** The moment that the last set is of. */
  setAt: number | null;
  setId: string | null;
  target: string;
  archives: number;
  databaseBytes: number;
  newBytes: number;
  tookMs: number;
  /** The last attempt, and why it failed; null when it did not. */
  triedAt: number;
  error: string | null;
  /** Failures in a row. */
  failures: number;
};

export type LastRehearsal = {
  succeededAt: number | null;
  setAt: number | null;
  setId: string | null;
  packages: string[];
  tookMs: number;
  triedAt: number;
  /** What is wrong, or why it was not tried; null when all was right. */
  problem: string | null;
};

export async function findLastBackup(db: Db): Promise<LastBackup | null> {
  const text = await findSetting(db, "backup");
  return text === null ? null : (JSON.parse(text) as LastBackup);
}

export async function saveLastBackup(db: Db, last: LastBackup): Promise<void> {
  await setSetting(db, "backup", JSON.stringify(last));
}

export async function findLastRehearsal(db: Db): Promise<LastRehearsal | null> {
  const text = await findSetting(db, "rehearsal");
  return text === null ? null : (JSON.parse(text) as LastRehearsal);
}

export async function saveLastRehearsal(db: Db, last: LastRehearsal): Promise<void> {
  await setSetting(db, "rehearsal", JSON.stringify(last));
}

/** null for a registry that was not restored. */
export async function findRestored(db: Db): Promise<Restored | null> {
  const text = await findSetting(db, "restored");
  return text === null ? null : (JSON.parse(text) as Restored);
}

/** An administrator has said that this is the real one. */
export async function confirmRestored(db: Db, now: number): Promise<void> {
  const found = await findRestored(db);
  if (found && found.confirmedAt === null)
    await setSetting(db, "restored", JSON.stringify({ ...found, confirmedAt: now }));
}

/** Whether this is a restored registry that may not be the real one: it leaves the webhooks at the forges alone. */
export async function isUnconfirmed(db: Db): Promise<boolean> {
  const found = await findRestored(db);
  return found !== null && found.confirmedAt === null;
}
