// What an administrator of the instance looks at: whether everything is all right, what the disk holds, what runs.
import type { App } from "../../app.ts";
import { findCondition } from "../../store/engine/condition.ts";
import { sizeOfDisk } from "../../store/metrics.ts";
import {
  countGrowth,
  listUseByOrganization,
  listUseByPackage,
  sumUse,
  type HeldByOrganization,
  type HeldByPackage,
} from "../../store/storage-use.ts";
import { backupStatus, rehearsalStatus, type Light } from "../backups/status.ts";
import { certificateStatus } from "../certificates/status.ts";
import { queueStateOf } from "../jobs/board.ts";
import type { QueueState } from "../jobs/view.ts";
import { longestWait } from "../jobs/waiting.ts";
import { aliveForMs, listWorkers } from "../../store/jobs/workers.ts";
import { isExamining, lastFindings, type Findings } from "./findings.ts";

/** `at` is the start of the week. */
type Week = { at: number; bytes: number };

export type StorageUse = {
  archiveBytes: number;
  databaseBytes: number;
  /** null where archives are in a bucket, whose size nobody tells. */
  disk: { free: number; size: number } | null;
  organizations: HeldByOrganization[];
  packages: HeldByPackage[];
  weeks: Week[];
};

export type Operations = {
  findings: Findings | null;
  isExamining: boolean;
  storage: StorageUse;
  /** Until when the certificate is good; null without one of our own. */
  certificateUntil: number | null;
  backup: { state: Light; at: number | null };
  rehearsal: { state: Light; at: number | null };
  /** `SQLite 3.54.1`. */
  database: string;
  queue: { state: QueueState; waiting: number; dead: number };
  /** The mail server as `host:port`; null without one. */
  mailServer: string | null;
  /** Those that are set. */
  settings: App["config"]["settings"];
};

const weekMs = 7 * 86_400_000;
const weeksShown = 26;
const organizationsShown = 10;
const packagesShown = 10;

export async function operationsOf(app: App): Promise<Operations> {
  const { config } = app;
  const [findings, running, storage, condition, queue, certificate, backup, rehearsal] = await Promise.all([
    lastFindings(app),
    isExamining(app),
    storageOf(app),
    findCondition(app.db, config.database, 0),
    queueOf(app),
    certificateStatus(app),
    backupStatus(app),
    rehearsalStatus(app),
  ]);
  const mail = config.mail.kind === "smtp" ? config.mail.smtp : null;
  return {
    findings,
    isExamining: running,
    storage: { ...storage, databaseBytes: condition.bytes },
    certificateUntil: certificate.certificate?.notAfter ?? null,
    backup: { state: backup.state, at: backup.last?.succeededAt ?? null },
    rehearsal: { state: rehearsal.state, at: rehearsal.last?.succeededAt ?? null },
    database: condition.version,
    queue,
    mailServer: mail === null ? null : `${mail.host}:${mail.port}`,
    settings: config.settings.filter(({ origin }) => origin !== "default"),
  };
}

async function storageOf({ db, config, now }: App): Promise<Omit<StorageUse, "databaseBytes">> {
  const week = Math.floor(now() / weekMs);
  const since = (week - weeksShown + 1) * weekMs;
  const [total, organizations, packages, growth, disk] = await Promise.all([
    sumUse(db),
    listUseByOrganization(db, organizationsShown),
    listUseByPackage(db, packagesShown),
    countGrowth(db, { since, stepMs: weekMs }),
    config.storage.kind === "local" ? sizeOfDisk(config.dataDir) : null,
  ]);
  const weeks = Array.from({ length: weeksShown }, (_, at) => {
    const number = week - weeksShown + 1 + at;
    return { at: number * weekMs, bytes: growth.get(number) ?? 0 };
  });
  return { archiveBytes: total.bytes, disk, organizations, packages, weeks };
}

async function queueOf(app: App): Promise<Operations["queue"]> {
  const state = await Promise.all([app.jobs.countsByName(), app.jobs.paused(), listWorkers(app.db)]).catch(
    () => null,
  );
  if (state === null) return { state: "unworked", waiting: 0, dead: 0 };
  const [counts, pauses, workers] = state;
  const now = app.now();
  return {
    state: queueStateOf({
      isPaused: pauses.all,
      isWorked: workers.some(({ seen_at }) => seen_at > now - aliveForMs),
      longestWaitMs: Math.max(0, longestWait(counts, pauses, now)?.ms ?? 0),
    }),
    waiting: counts.reduce((sum, each) => sum + each.waiting, 0),
    dead: counts.reduce((sum, each) => sum + each.dead, 0),
  };
}
