// Waits for requested syncs, whichever process runs them.
import { refReason } from "../composer/refs.ts";
import type { App } from "../app.ts";
import { listRefs } from "../store/syncs/refs.ts";
import { findRepositoryById, type Repository } from "../store/repositories/repositories.ts";
import { listSyncs, type Sync } from "../store/syncs/syncs.ts";
import { listNotedVersions } from "../store/packages/versions.ts";
import type { Remedy } from "../remedy.ts";
import { handlersOf } from "../registry/handlers.ts";
import { causeOf, remedyFor } from "../registry/syncs/causes.ts";
import type { Organization } from "../store/organizations/organizations.ts";
import { wordedNotes, type NotedVersion } from "../registry/packages/notes.ts";

export type SyncReport = {
  repository: string;
  outcome: string;
  error: string | null;
  errorCode: string | null;
  /** The advice for the error. */
  action: Remedy | null;
  added: number;
  updated: number;
  removed: number;
  /** Every ref of the repository that currently gives no version, with the reason. */
  skipped: { ref: string; reason: string }[];
  /** Live versions that are not published exactly as their author wrote them. */
  noted: NotedVersion[];
  /** Development versions that do not fit into the documents of their packages. */
  leftOut: number;
  seconds: number;
};

const pollEveryMs = 100;
const drainMs = 30_000;

type Watched = { organization: Organization; repositories: Repository[]; since: number };

/**
 * Resolves when each repository has ended a sync that began at or after `since`. When no worker is running, also later
 * on, this process runs the jobs.
 */
export async function watchSyncs(
  app: App,
  { organization, repositories, since }: Watched,
  onProgress: (running: Sync, repository: Repository) => void,
): Promise<SyncReport[]> {
  const reports = new Map<string, SyncReport>();
  let working = false;
  try {
    for (let polls = 0; reports.size < repositories.length; polls++) {
      if (!working && polls % 20 === 0 && !(await app.jobs.isWorked())) {
        const limits = { "sync-repository": app.config.gitConcurrency };
        await app.jobs.start(handlersOf(app), { concurrency: app.config.gitConcurrency + 1, limits });
        working = true;
      }
      for (const repository of repositories)
        if (!reports.has(repository.id))
          await checkSync(app, { organization, repository, since, reports, onProgress });
      if (reports.size < repositories.length) await Bun.sleep(pollEveryMs);
    }
  } finally {
    if (working) await app.jobs.drain(drainMs);
  }
  return repositories.flatMap((repository) => reports.get(repository.id) ?? []);
}

type SyncCheck = {
  organization: Organization;
  repository: Repository;
  since: number;
  reports: Map<string, SyncReport>;
  onProgress: (running: Sync, repository: Repository) => void;
};

async function checkSync(app: App, check: SyncCheck): Promise<void> {
  const { organization, repository, since, reports, onProgress } = check;
  const syncs = await listSyncs(app.db, repository.id, since);
  const ended = syncs.find((sync) => sync.state !== "running");
  if (ended) reports.set(repository.id, await reportOf(app, { organization, repository }, ended));
  else if (syncs[0]) onProgress(syncs[0], repository);
  else if (!(await findRepositoryById(app.db, repository.id)))
    reports.set(repository.id, goneReport(repository));
}

async function reportOf(
  app: App,
  { organization, repository }: { organization: Organization; repository: Repository },
  sync: Sync,
): Promise<SyncReport> {
  const refs = await listRefs(app.db, repository.id);
  const skipped = refs.filter((ref) => ref.outcome === "skipped");
  const noted = await listNotedVersions(app.db, repository.id);
  return {
    repository: repository.name,
    outcome: sync.outcome ?? "failed",
    error: sync.error,
    errorCode: sync.error_code,
    action: remedyFor(causeOf(sync.error_code), { organization, repository }),
    added: sync.added,
    updated: sync.updated,
    removed: sync.removed,
    skipped: skipped.map((ref) => ({ ref: ref.name, reason: refReason(ref, ref.reason ?? "skipped") })),
    noted: noted.map((each) => ({ ...each, notes: wordedNotes(each.notes) })),
    leftOut: sync.left_out,
    seconds: ((sync.finished_at ?? sync.started_at) - sync.started_at) / 1000,
  };
}

function goneReport(repository: Repository): SyncReport {
  const error = "The repository was removed before its sync ended.";
  const none = { errorCode: null, action: null, skipped: [], noted: [] };
  const counts = { added: 0, updated: 0, removed: 0, leftOut: 0, seconds: 0 };
  return { repository: repository.name, outcome: "failed", error, ...none, ...counts };
}
