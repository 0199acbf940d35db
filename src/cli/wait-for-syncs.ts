// Waiting for syncs that were asked for, by whoever runs them.
import type { App } from "../app.ts";
import { listRefs } from "../store/syncs/refs.ts";
import { findRepositoryById, type Repository } from "../store/repositories/repositories.ts";
import { listSyncs, type Sync } from "../store/syncs/syncs.ts";
import { listNotedVersions } from "../store/packages/versions.ts";
import { handlersOf } from "../registry/handlers.ts";
import { wordedNotes, type NotedVersion } from "../registry/packages/notes.ts";

export type SyncReport = {
  repository: string;
  outcome: string;
  error: string | null;
  added: number;
  updated: number;
  removed: number;
  /** Every ref of the repository that gives no version now, and why. */
  skipped: { ref: string; reason: string }[];
  /** Of its live versions, those that are not in all as their author wrote them. */
  noted: NotedVersion[];
  /** Development versions for which the documents of its packages have no room. */
  leftOut: number;
  seconds: number;
};

const lookEveryMs = 100;
const drainMs = 30_000;

/**
 * Resolves when each repository has ended a sync that began at or after `since`. When nobody works the queue,
 * also later on, this process does.
 */
export async function watchSyncs(
  app: App,
  { repositories, since }: { repositories: Repository[]; since: number },
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
        if (!reports.has(repository.id)) await checkSync(app, { repository, since, reports, onProgress });
      if (reports.size < repositories.length) await Bun.sleep(lookEveryMs);
    }
  } finally {
    if (working) await app.jobs.drain(drainMs);
  }
  return repositories.flatMap((repository) => reports.get(repository.id) ?? []);
}

type SyncCheck = {
  repository: Repository;
  since: number;
  reports: Map<string, SyncReport>;
  onProgress: (running: Sync, repository: Repository) => void;
};

async function checkSync(app: App, { repository, since, reports, onProgress }: SyncCheck): Promise<void> {
  const syncs = await listSyncs(app.db, repository.id, since);
  const ended = syncs.find((sync) => sync.state !== "running");
  if (ended) reports.set(repository.id, await reportOf(app, repository, ended));
  else if (syncs[0]) onProgress(syncs[0], repository);
  else if (!(await findRepositoryById(app.db, repository.id)))
    reports.set(repository.id, goneReport(repository));
}

async function reportOf(app: App, repository: Repository, sync: Sync): Promise<SyncReport> {
  const refs = await listRefs(app.db, repository.id);
  const skipped = refs.filter((ref) => ref.outcome === "skipped");
  const noted = await listNotedVersions(app.db, repository.id);
  return {
    repository: repository.name,
    outcome: sync.outcome ?? "failed",
    error: sync.error,
    added: sync.added,
    updated: sync.updated,
    removed: sync.removed,
    skipped: skipped.map((ref) => ({ ref: ref.name, reason: ref.reason ?? "" })),
    noted: noted.map((each) => ({ ...each, notes: wordedNotes(each.notes) })),
    leftOut: sync.left_out,
    seconds: (Number(sync.finished_at ?? sync.started_at) - Number(sync.started_at)) / 1000,
  };
}

function goneReport(repository: Repository): SyncReport {
  const error = "The repository was removed meanwhile.";
  const counts = { added: 0, updated: 0, removed: 0, leftOut: 0, seconds: 0 };
  return { repository: repository.name, outcome: "failed", error, skipped: [], noted: [], ...counts };
}
