// The current metrics of the whole instance, gathered when they are requested.
import type { App } from "../../app.ts";
import { findLastBackup, findLastRehearsal } from "../../store/backup/results.ts";
import { messageOf } from "../../errors.ts";
import type { NameCounts } from "../../jobs/queue.ts";
import { listJobTotals, listRecentRunTimes, minuteMs, quantileOf } from "../../store/jobs/history.ts";
import { countFreshness, countSyncOutcomes, sizeOfDatabase, sizeOfDisk } from "../../store/metrics.ts";
import { aliveForMs, listWorkers, slotsOf } from "../../store/jobs/workers.ts";

const dayMs = 86_400_000;
const runTimesOfMs = 60 * minuteMs;
const shares = [0.5, 0.95] as const;

/** `queue` is null while the queue does not answer; the other metrics are reported all the same. */
export async function measureJobs(app: App) {
  const { db, config } = app;
  const now = app.now();
  const [queue, totals, times, workers, syncs, freshness, databaseBytes, disk, backup, rehearsal] =
    await Promise.all([
      queueOf(app),
      listJobTotals(db),
      listRecentRunTimes(db, now - runTimesOfMs),
      listWorkers(db),
      countSyncOutcomes(db, now - dayMs),
      countFreshness(db),
      sizeOfDatabase(db, config.database),
      sizeOfDisk(config.dataDir),
      findLastBackup(db),
      findLastRehearsal(db),
    ]);
  const slots = workers.filter(({ seen_at }) => seen_at > now - aliveForMs).flatMap(slotsOf);
  const verifiedAt = freshness.map(({ provenAt }) => provenAt).filter((at) => at !== null);
  return {
    now,
    lastBackupAt: backup?.succeededAt ?? null,
    lastRehearsalAt: rehearsal?.succeededAt ?? null,
    queue,
    totals,
    runTimes: [...times].flatMap(([name, counts]) =>
      shares.map((share) => ({ name, share, ms: quantileOf(counts, share) ?? 0 })),
    ),
    workers: {
      busy: slots.filter(({ job }) => job !== null).length,
      idle: slots.filter(({ job }) => job === null).length,
    },
    syncs,
    repositories: freshness,
    oldestProofMs: verifiedAt.length > 0 ? now - Math.min(...verifiedAt) : null,
    databaseBytes,
    disk,
  };
}

export type JobMetrics = Awaited<ReturnType<typeof measureJobs>>;

async function queueOf(app: App): Promise<{ counts: NameCounts[]; isPaused: boolean } | null> {
  try {
    const [counts, { all }] = await Promise.all([app.jobs.countsByName(), app.jobs.paused()]);
    return { counts, isPaused: all };
  } catch (error) {
    app.log.warn("metrics.queue_away", { reason: messageOf(error) });
    return null;
  }
}
