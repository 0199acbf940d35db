// The change feed: what any process on the same database has recorded since the last poll, syncs and activity. Ids are
// UUIDv7, so "new" is a range of the primary key.
import type { Db } from "./engine/database.ts";
import { dataVersion, type DataVersion } from "./engine/data-version.ts";

type Change = { organizationId: string; kind: "sync" | "package" | "activity"; id: string };

/** On SQLite a poll without changes is one pragma; on a server it is a query. */
export function changesOf(db: Db): { everyMs: number; begin(): () => Promise<Change[]> } {
  return { everyMs: db.sqlite ? 250 : 1000, begin: () => createPoller(db) };
}

/** An id is made before its row is committed: so far back, rows may still turn up. */
const overlapMs = 10_000;
/** How far back the first poll searches for running syncs. */
const maxSyncMs = 3_600_000;
const maxRows = 1000;

function createPoller(db: Db): () => Promise<Change[]> {
  let version: DataVersion = null;
  let syncs = new Map<string, SyncSeen>();
  let activity = new Set<string>();
  let isFirst = true;
  return async () => {
    const current = dataVersion(db);
    if (current !== null && current === version) return [];
    const since = idAt(Date.now() - overlapMs);
    const [movedSyncs, newActivity] = await Promise.all([
      listSyncsSince(db, isFirst ? idAt(Date.now() - maxSyncMs) : oldestOf(syncs, since)),
      listActivitySince(db, since),
    ]);
    const found = isFirst ? [] : [...changesIn(movedSyncs, syncs), ...newOnes(newActivity, activity)];
    syncs = new Map(movedSyncs.map((row) => [row.id, row]));
    activity = new Set(newActivity.map(({ id }) => id));
    version = current;
    isFirst = false;
    return found;
  };
}

type SyncSeen = Awaited<ReturnType<typeof listSyncsSince>>[number];

function listSyncsSince(db: Db, since: string) {
  return db.read
    .selectFrom("syncs")
    .select(["id", "organization_id", "repository_id", "state", "refs_total", "refs_done", "current_ref"])
    .select(["added", "updated", "removed"])
    .where("id", ">=", since)
    .orderBy("id", "desc")
    .limit(maxRows)
    .execute();
}

function listActivitySince(db: Db, since: string) {
  return db.read
    .selectFrom("activity")
    .select(["id", "organization_id"])
    .where("id", ">=", since)
    .orderBy("id", "desc")
    .limit(maxRows)
    .execute();
}

function changesIn(rows: SyncSeen[], before: Map<string, SyncSeen>): Change[] {
  return rows.toReversed().flatMap((row) => {
    const known = before.get(row.id);
    if (known && signatureOf(known) === signatureOf(row)) return [];
    const subject = { organizationId: row.organization_id, id: row.repository_id };
    const published = known ? publishedIn(known) : 0;
    const sync: Change = { ...subject, kind: "sync" };
    return publishedIn(row) > published ? [sync, { ...subject, kind: "package" }] : [sync];
  });
}

function newOnes(
  rows: { id: string; organization_id: string | null }[],
  before: ReadonlySet<string>,
): Change[] {
  return rows
    .toReversed()
    .flatMap(({ id, organization_id: organizationId }) =>
      organizationId === null || before.has(id) ? [] : [{ organizationId, kind: "activity", id }],
    );
}

function signatureOf({ state, refs_total, refs_done, current_ref, added }: SyncSeen): string {
  return [state, refs_total, refs_done, current_ref, added].join(" ");
}

function publishedIn({ added, updated, removed }: SyncSeen): number {
  return added + updated + removed;
}

/** The start of the range, so that every sync that still ran at the last poll is in it. */
function oldestOf(syncs: Map<string, SyncSeen>, since: string): string {
  let oldest = since;
  for (const { id, state } of syncs.values()) if (state === "running" && id < oldest) oldest = id;
  return oldest;
}

/** The smallest UUIDv7 of that moment. */
function idAt(ms: number): string {
  const hex = ms.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
