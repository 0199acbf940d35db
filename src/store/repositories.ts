import { sql } from "kysely";
import { conflict, notFound } from "../errors.ts";
import { holdsWord, type Db } from "./database.ts";
import type { RepositoryRow, RepositoryState } from "./schema.ts";

export type Repository = RepositoryRow;
export type NewRepository = Pick<
  RepositoryRow,
  "organization_id" | "name" | "url" | "provider" | "credential_id" | "created_at" | "next_poll_at"
>;

/** Fails as `conflict` when the organization has a repository of that name or address. */
export async function addRepository(db: Db, repository: NewRepository): Promise<Repository> {
  const same = await db.read
    .selectFrom("repositories")
    .select(["name", "url"])
    .where("organization_id", "=", repository.organization_id)
    .where((e) => e.or([e("name", "=", repository.name), e("url", "=", repository.url)]))
    .executeTakeFirst();
  if (same?.url === repository.url)
    throw conflict(`${repository.url} is mirrored already, as "${same.name}".`, {
      code: "repository_exists",
      remedy: `Sync it with: pricore sync --org SLUG ${same.name}`,
    });
  if (same)
    throw conflict(`A repository is named "${repository.name}" already.`, {
      code: "name_taken",
      remedy: "Give this one another name with --name.",
    });
  const row: Repository = {
    ...repository,
    id: Bun.randomUUIDv7(),
    state: "waiting",
    error: null,
    default_branch: null,
    package_name: null,
    last_synced_at: null,
    last_proven_fresh_at: null,
    removals_confirmed: 0,
    failures: 0,
    moved_to: null,
    expected_by: null,
    sync_asked: 0,
    cancelled_by: null,
    active_at: null,
    rests_until: null,
  };
  await db.write.insertInto("repositories").values(row).execute();
  return row;
}

export async function findRepository(
  db: Db,
  organizationId: string,
  name: string,
): Promise<Repository | null> {
  const query = db.read.selectFrom("repositories").selectAll().where("organization_id", "=", organizationId);
  return (await query.where("name", "=", name).executeTakeFirst()) ?? null;
}

export async function findRepositoryByUrl(
  db: Db,
  organizationId: string,
  url: string,
): Promise<Repository | null> {
  const query = db.read.selectFrom("repositories").selectAll().where("organization_id", "=", organizationId);
  return (await query.where("url", "=", url).executeTakeFirst()) ?? null;
}

/** Those that are mirrored from one of these addresses, or have moved there. */
export async function listRepositoriesAt(
  db: Db,
  organizationId: string,
  urls: string[],
): Promise<Pick<Repository, "name" | "url" | "moved_to">[]> {
  if (urls.length === 0) return [];
  return db.read
    .selectFrom("repositories")
    .select(["name", "url", "moved_to"])
    .where("organization_id", "=", organizationId)
    .where((e) => e.or([e("url", "in", urls), e("moved_to", "in", urls)]))
    .execute();
}

export async function getRepository(db: Db, organizationId: string, name: string): Promise<Repository> {
  const repository = await findRepository(db, organizationId, name);
  if (!repository)
    throw notFound(`There is no repository "${name}".`, { remedy: "See: pricore repo list --org SLUG" });
  return repository;
}

/** For jobs, which know ids only; null when it was removed meanwhile. */
export async function findRepositoryById(db: Db, id: string): Promise<Repository | null> {
  return (
    (await db.read.selectFrom("repositories").selectAll().where("id", "=", id).executeTakeFirst()) ?? null
  );
}

export function listRepositories(db: Db, organizationId: string): Promise<Repository[]> {
  const query = db.read.selectFrom("repositories").selectAll().where("organization_id", "=", organizationId);
  return query.orderBy("name").execute();
}

/**
 * A sync is wanted: it waits, or comes after the one that runs. By `expectedBy` something must be heard of it. With
 * `isQuiet` the repository is not said to wait, since nobody does.
 */
export async function markSyncAsked(
  db: Db,
  id: string,
  asked: { expectedBy: number; confirmRemovals: boolean; isQuiet?: boolean },
): Promise<void> {
  const { expectedBy, confirmRemovals, isQuiet = false } = asked;
  await db.write
    .updateTable("repositories")
    .set({
      cancelled_by: sql`case when state = 'syncing' then cancelled_by else null end`,
      ...(isQuiet ? {} : { state: sql`case when state = 'syncing' then state else 'waiting' end` }),
      sync_asked: 1,
      expected_by: expectedBy,
      ...(confirmRemovals ? { removals_confirmed: 1 } : {}),
    })
    .where("id", "=", id)
    .execute();
}

/** Of a sync that runs, and of none that has ended meanwhile. */
export async function prolongExpected(db: Db, id: string, expectedBy: number): Promise<void> {
  const running = db.write.updateTable("repositories").set({ expected_by: expectedBy }).where("id", "=", id);
  await running.where("state", "=", "syncing").execute();
}

/**
 * The sync that waits or runs is wanted no longer; one that waits gives way to what `rested` says. False when there is
 * none. Belongs in a transaction.
 */
export async function markSyncUnwanted(
  db: Db,
  id: string,
  { by, rested }: { by: string; rested: Pick<RepositoryRow, "state" | "next_poll_at"> },
): Promise<boolean> {
  const { numUpdatedRows } = await db.write
    .updateTable("repositories")
    .set({ cancelled_by: by, sync_asked: 0 })
    .where("id", "=", id)
    .where("expected_by", "is not", null)
    .executeTakeFirst();
  await db.write
    .updateTable("repositories")
    .set({ ...rested, expected_by: null })
    .where("id", "=", id)
    .where("state", "!=", "syncing")
    .where("cancelled_by", "is not", null)
    .execute();
  return numUpdatedRows === 1n;
}

/** Who cancelled the sync that runs; null when nobody did. */
export async function findCanceller(db: Db, id: string): Promise<string | null> {
  const query = db.read.selectFrom("repositories").select("cancelled_by").where("id", "=", id);
  return (await query.executeTakeFirst())?.cancelled_by ?? null;
}

/** What its sync came to; one that was asked for meanwhile is waited for. Belongs in a transaction. */
export async function endSync(
  db: Db,
  id: string,
  { expectedBy, ...change }: Partial<RepositoryRow> & { state: RepositoryState; expectedBy: number },
): Promise<void> {
  await updateRepository(db, id, { ...change, expected_by: null, cancelled_by: null });
  await db.write
    .updateTable("repositories")
    .set({ state: "waiting", expected_by: expectedBy })
    .where("id", "=", id)
    .where("sync_asked", "=", 1)
    .execute();
}

/**
 * Those of whose sync nothing was heard by `now`, or that expect it too far ahead, by a clock that was set back
 * meanwhile; the longest overdue first.
 */
export function listUnheardOf(
  db: Db,
  { now, farthest, limit }: { now: number; farthest: number; limit: number },
): Promise<Repository[]> {
  return db.read
    .selectFrom("repositories")
    .selectAll()
    .where(({ eb, or }) => or([eb("expected_by", "<=", now), eb("expected_by", ">", farthest)]))
    .orderBy("expected_by")
    .limit(limit)
    .execute();
}

/** Those whose sync was asked for and has not begun. */
export function listAskedRepositories(db: Db): Promise<Repository[]> {
  return db.read
    .selectFrom("repositories")
    .selectAll()
    .where("expected_by", "is not", null)
    .where("state", "!=", "syncing")
    .execute();
}

/** Those that a credential opens and that failed last. */
export function listFailedOf(db: Db, organizationId: string, credentialId: string): Promise<Repository[]> {
  return db.read
    .selectFrom("repositories")
    .selectAll()
    .where("organization_id", "=", organizationId)
    .where("credential_id", "=", credentialId)
    .where("state", "=", "failed")
    .execute();
}

export async function updateRepository(db: Db, id: string, change: Partial<RepositoryRow>): Promise<void> {
  await db.write.updateTable("repositories").set(change).where("id", "=", id).execute();
}

/** Its refs, syncs and webhook go; packages, versions and archives stay, without a holder. */
export async function removeRepository(db: Db, organizationId: string, id: string): Promise<void> {
  const ofIt = (table: "refs" | "syncs" | "deliveries" | "webhooks") =>
    db.write
      .deleteFrom(table as "refs")
      .where("repository_id", "=", id)
      .execute();
  const syncs = db.write.deleteFrom("sync_refs");
  await syncs
    .where("sync_id", "in", (e) => e.selectFrom("syncs").select("id").where("repository_id", "=", id))
    .execute();
  await ofIt("syncs");
  await ofIt("refs");
  await ofIt("deliveries");
  await ofIt("webhooks");
  const query = db.write.deleteFrom("repositories").where("organization_id", "=", organizationId);
  await query.where("id", "=", id).execute();
}

/** Every word must stand in the name or the address, whatever its case. */
export function searchRepositories(
  db: Db,
  organizationId: string,
  { words, limit }: { words: string[]; limit: number },
): Promise<Pick<Repository, "name" | "url" | "state">[]> {
  let query = db.read
    .selectFrom("repositories")
    .select(["name", "url", "state"])
    .where("organization_id", "=", organizationId);
  for (const word of words)
    query = query.where((e) =>
      e.or([holdsWord("repositories.name", word), holdsWord("repositories.url", word)]),
    );
  return query.orderBy("name").limit(limit).execute();
}
