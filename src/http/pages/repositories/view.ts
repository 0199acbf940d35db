// What the page of a repository shows, gathered with the same few statements whatever its size.
import type { Query } from "../list-query.ts";
import { paths } from "../../../../templates/paths.ts";
import type { RefListProps } from "../../../../templates/repositories/refs.tsx";
import { refsHref } from "../../../../templates/repositories/refs.tsx";
import type { RepositoryView, RunningSync } from "../../../../templates/repositories/view.ts";
import type { SyncLine } from "../../../../templates/repositories/syncs.tsx";
import type { Tick } from "../../../registry/organizations/overview.ts";
import type { App } from "../../../app.ts";
import { durationText } from "../../../duration.ts";
import { forgeText } from "../../../registry/credentials/connect.ts";
import { fingerprintOf } from "../../../registry/credentials/credentials.ts";
import { nameOfCredential } from "../../../registry/names.ts";
import { freshnessOf } from "../../../registry/syncs/freshness.ts";
import { userIdOf } from "../../../store/organizations/activity.ts";
import { findCredential } from "../../../store/repositories/credentials.ts";
import { listPackagesOfRepository } from "../../../store/packages/packages.ts";
import {
  countRefsByOutcome,
  listRefsWithOutcome,
  listRemovedRefs,
  type RefOutcome,
} from "../../../store/syncs/ref-lists.ts";
import type { Repository } from "../../../store/repositories/repositories.ts";
import { listLatestSyncs, type Sync } from "../../../store/syncs/syncs.ts";
import { listUserNames } from "../../../store/accounts/users.ts";
import { countVersionsOfRepository } from "../../../store/packages/versions.ts";
import { rateOf } from "../credentials/lines.ts";
import { failedOf } from "./failure.ts";
import { forgeHrefs } from "./forge-links.ts";
import { refLineOf, removedLineOf, restoreHrefOf } from "./refs.ts";
import { webhookViewOf } from "./webhook-view.ts";

export const refsPageSize = 50;
const ticksShown = 18;
const syncsShown = 8;
/** Reads more syncs than are shown, because repeats become one line. */
const syncsRead = 100;
/** How long a removed ref stays in the list. */
const removedShownMs = 30 * 86_400_000;
const removedShown = 20;
const deliveriesShown = 5;

type RefsQuery = { outcome: RefOutcome | null; page: number };

export async function viewOf(
  app: App,
  repository: Repository,
  { slug, query }: { slug: string; query: RefsQuery },
): Promise<RepositoryView> {
  const now = app.now();
  const { syncIntervalMs } = app.config;
  const latest = await listLatestSyncs(app.db, repository.id, { limit: syncsRead });
  const base = paths.repository(slug, repository.name);
  const [last] = latest;
  const ofLastSync = { repositoryId: repository.id, syncId: last?.id ?? "" };
  const range = { limit: refsPageSize, offset: (query.page - 1) * refsPageSize };
  const [counts, refs, removed, packages, versions, names, { view: webhook }, pauses, credential] =
    await Promise.all([
      countRefsByOutcome(app.db, ofLastSync),
      listRefsWithOutcome(app.db, ofLastSync, { outcome: query.outcome, ...range }),
      listRemovedRefs(app.db, repository.id, { since: now - removedShownMs, limit: removedShown }),
      listPackagesOfRepository(app.db, repository.id),
      countVersionsOfRepository(app.db, repository.id),
      namesOf(app, latest),
      webhookViewOf(app, repository, { base, limit: deliveriesShown }),
      app.jobs.paused(),
      repository.credential_id === null
        ? null
        : findCredential(app.db, repository.organization_id, repository.credential_id),
    ]);
  const key = credential?.public_key ?? null;
  const hrefs = forgeHrefs(app, repository);
  const refusedHref =
    credential === null || credential.refused_at === null
      ? null
      : `${paths.credential(slug, credential.id)}/edit`;
  const running = last?.state === "running" ? runningOf(last, names) : null;
  return {
    id: repository.id,
    name: repository.name,
    url: repository.url,
    href: hrefs.repository,
    movedTo: repository.moved_to,
    provider: repository.provider,
    state: stateOf(repository, { now, intervalMs: syncIntervalMs }),
    checkedAt: repository.last_proven_fresh_at,
    isPaused: pauses.all || pauses.names.includes("sync-repository"),
    mayCancel: repository.sync_deadline !== null && repository.cancelled_by === null,
    polled:
      syncIntervalMs === null ? null : `at least every ${durationText(syncIntervalMs).replace(/^1 /, "")}`,
    running,
    failure:
      running || !last || repository.state !== "failed"
        ? null
        : failedOf(repository, last, { app, slug, base, refusedHref }),
    key: key === null ? null : { publicKey: key, fingerprint: await fingerprintOf(key) },
    credential: credential ? nameOfCredential(credential) : null,
    refs: {
      here: refsHref(base, query),
      base,
      refs: [
        ...refs.map((ref) => refLineOf(ref, hrefs, restoreHrefOf(repository, packages, slug))),
        ...(query.outcome === null && query.page === 1 ? removed.map(removedLineOf) : []),
      ],
      counts,
      folded: counts.unchanged ?? 0,
      outcome: query.outcome,
      page: query.page,
      pageSize: refsPageSize,
    },
    syncs: foldRepeats(latest.map((sync) => syncLineOf(sync, names))).slice(0, syncsShown),
    ticks: ticksOf(latest.slice(0, ticksShown).toReversed()),
    packages: packages
      .filter((pkg) => pkg.removed_at === null || pkg.deleted_at !== null)
      .map((pkg) => ({ name: pkg.name, latest: pkg.latest, isDeleted: pkg.deleted_at !== null })),
    versions,
    webhook,
    limits: {
      restsUntil: repository.rests_until,
      rate: credential === null ? null : rateOf(credential),
      forge: credential?.provider ? forgeText[credential.provider as keyof typeof forgeText] : null,
    },
  };
}

/** A repository whose requested sync has not started is waiting, however fresh it is. */
export function stateOf(repository: Repository, clock: { now: number; intervalMs: number | null }) {
  return repository.state === "waiting" ? "waiting" : freshnessOf(repository, clock).kind;
}

/** Oldest first, both. */
export function ticksOf(syncs: Sync[]): Tick[] {
  return syncs.map(({ state, outcome, added, updated, removed }): Tick => {
    if (state === "running" || outcome === "stopped" || outcome === "cancelled") return "waiting";
    if (state === "failed") return "failed";
    return added + updated + removed > 0 ? "changed" : "same";
  });
}

export function syncLineOf(sync: Sync, names: Map<string, string>): SyncLine {
  const { id, outcome, error } = sync;
  return {
    id,
    state:
      sync.state === "running"
        ? "running"
        : outcome === "stopped" || outcome === "cancelled"
          ? outcome
          : sync.state === "failed"
            ? "failed"
            : "success",
    startedAt: sync.started_at,
    finishedAt: sync.finished_at,
    by: requesterText(sync.reason, names),
    error,
    added: sync.added,
    updated: sync.updated,
    removed: sync.removed,
    leftOut: sync.left_out,
    isUnchanged: sync.reason === "poll" && sync.outcome === "unchanged",
    times: 1,
    since: sync.started_at,
  };
}

/** The names of the users who requested these syncs. */
export function namesOf(app: App, syncs: Pick<Sync, "reason">[]): Promise<Map<string, string>> {
  const ids = syncs.flatMap(({ reason }) => userIdOf(reason) ?? []);
  return listUserNames(app.db, [...new Set(ids)]);
}

/** Polls in a row without changes, and failures in a row for the same reason, become one line: the newest of them. */
export function foldRepeats(syncs: SyncLine[]): SyncLine[] {
  const folded: SyncLine[] = [];
  for (const sync of syncs) {
    const last = folded.at(-1);
    if (last && isRepeat(last, sync)) {
      last.times += 1;
      last.since = sync.startedAt;
    } else folded.push({ ...sync });
  }
  return folded;
}

function isRepeat(newer: SyncLine, older: SyncLine): boolean {
  if (newer.isUnchanged && older.isUnchanged) return true;
  return newer.state === "failed" && older.state === "failed" && newer.error === older.error;
}

export function outcomeIn(query: Query): RefOutcome | null {
  const outcomes: RefOutcome[] = ["added", "updated", "unchanged", "removed", "skipped"];
  return outcomes.find((each) => each === query["outcome"]) ?? null;
}

export function refCount(counts: RefListProps["counts"], outcome: RefOutcome | null): number {
  if (outcome !== null) return counts[outcome] ?? 0;
  return Object.values(counts).reduce((sum, each) => sum + each, 0);
}

function runningOf(sync: Sync, names: Map<string, string>): RunningSync {
  return {
    total: sync.refs_total,
    done: sync.refs_done,
    added: sync.added,
    updated: sync.updated,
    skipped: sync.skipped,
    current: sync.current_ref,
    startedAt: sync.started_at,
    by: requesterText(sync.reason, names),
  };
}

const reasonTexts = new Map([
  ["poll", "schedule"],
  ["added", "new repository"],
  ["resumed", "restart after an interruption"],
  ["asked", "command line"],
]);

/** Who or what requested a sync. */
function requesterText(reason: string, names: Map<string, string>): string {
  const userId = userIdOf(reason);
  if (userId !== null) return names.get(userId) ?? "a deleted user";
  return reasonTexts.get(reason) ?? reason;
}
