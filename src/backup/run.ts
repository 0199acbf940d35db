// One whole run: the set, then retention, and how it went.
import { hostname } from "node:os";
import type { App } from "../app.ts";
import { Failure, messageOf, textOf } from "../errors.ts";
import { findLastBackup, saveLastBackup } from "../store/backup/results.ts";
import { withLease } from "./lease.ts";
import { makeBackup, type Made, type Progress } from "./make.ts";
import { openTarget } from "./open-target.ts";
import { sweep, type Swept } from "./retention.ts";

type Ran = Made & { swept: Swept | null };

/** `to` is a target instead of the configured one; the result is then not that of the installation's backups. */
export async function runBackup(
  app: App,
  { to = null, progress = () => {} }: { to?: string | null; progress?: Progress } = {},
): Promise<Ran> {
  try {
    const ran = await runOn(app, to, progress);
    app.log.info("backup.done", {
      set: ran.set.id,
      target: ran.target,
      archives: ran.set.archives,
      newBytes: ran.newBytes,
      ms: ran.tookMs,
    });
    if (to === null) await saveSuccess(app, ran);
    return ran;
  } catch (error) {
    app.log.error("backup.failed", { reason: messageOf(error) });
    if (to === null) await saveFailure(app, error);
    throw error;
  }
}

async function runOn(app: App, to: string | null, progress: Progress): Promise<Ran> {
  const { backup } = app.config;
  const target = openTarget({ ...backup, to: to ?? backup.to });
  // Nothing is deleted, so that runs cannot harm each other; and the credentials may not overwrite.
  if (backup.appendOnly) return { ...(await makeBackup(app, { to, progress })), swept: null };
  return withLease(target, { now: app.now(), by: hostname() }, async () => {
    const made = await makeBackup(app, { to, progress });
    return { ...made, swept: await sweep(target, { keep: backup.keep, now: app.now() }) };
  });
}

async function saveSuccess(app: App, { set, target, newBytes, tookMs }: Ran): Promise<void> {
  await saveLastBackup(app.db, {
    succeededAt: app.now(),
    setAt: set.madeAt,
    setId: set.id,
    target,
    archives: set.archives,
    databaseBytes: set.databaseBytes,
    newBytes,
    tookMs,
    triedAt: app.now(),
    error: null,
    failures: 0,
  });
}

async function saveFailure(app: App, error: unknown): Promise<void> {
  const before = await findLastBackup(app.db);
  await saveLastBackup(app.db, {
    succeededAt: null,
    setAt: null,
    setId: null,
    target: app.config.backup.to ?? "",
    archives: 0,
    databaseBytes: 0,
    newBytes: 0,
    tookMs: 0,
    ...before,
    triedAt: app.now(),
    error: (error instanceof Failure ? textOf(error) : messageOf(error)).slice(0, 500),
    failures: (before?.failures ?? 0) + 1,
  });
}
