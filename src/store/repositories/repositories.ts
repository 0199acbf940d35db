import { notFound } from "../../errors.ts";
import { holdsWord, type Db } from "../engine/database.ts";
import type { RepositoryRow } from "../schema.ts";

export type Repository = RepositoryRow;
type NewRepository = Pick<
  RepositoryRow,
  "organization_id" | "name" | "url" | "provider" | "credential_id" | "created_at" | "next_poll_at"
>;

/** The caller checks that the organization has no repository of that name or address. */
export async function addRepository(db: Db, repository: NewRepository): Promise<Repository> {
  const row: Repository = {
    ...repository,
    id: Bun.randomUUIDv7(),
    state: "waiting",
    error: null,
    error_code: null,
    default_branch: null,
    package_name: null,
    first_read_at: null,
    last_synced_at: null,
    last_proven_fresh_at: null,
    removals_confirmed: 0,
    failures: 0,
    moved_to: null,
    sync_deadline: null,
    sync_requested: 0,
    cancelled_by: null,
    active_at: null,
    rests_until: null,
    reading: 0,
  };
  await db.write.insertInto("repositories").values(row).execute();
  return row;
}

/** The one that has this name or this address already; the address counts first. */
export async function findSameRepository(
  db: Db,
  { organization_id, name, url }: Pick<RepositoryRow, "organization_id" | "name" | "url">,
): Promise<Pick<Repository, "name" | "url"> | null> {
  const found = await db.read
    .selectFrom("repositories")
    .select(["name", "url"])
    .where("organization_id", "=", organization_id)
    .where((e) => e.or([e("name", "=", name), e("url", "=", url)]))
    .execute();
  return found.find((each) => each.url === url) ?? found[0] ?? null;
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

/** Repositories that are mirrored from one of these addresses, or have moved there. */
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

/** Fails as `notFound`. */
export async function getRepository(
  db: Db,
  organization: { id: string; slug: string },
  name: string,
): Promise<Repository> {
  const repository = await findRepository(db, organization.id, name);
  if (!repository)
    throw notFound(`${organization.slug} has no repository "${name}".`, {
      remedy: { do: "list", what: "repositories", organization: organization.slug },
    });
  return repository;
}

/** For jobs, which know ids only; null when it was removed meanwhile. */
export async function findRepositoryById(db: Db, id: string): Promise<Repository | null> {
  return (
    (await db.read.selectFrom("repositories").selectAll().where("id", "=", id).executeTakeFirst()) ?? null
  );
}

/** The repositories of the organization among these ids. */
export async function listRepositoriesById(
  db: Db,
  organizationId: string,
  ids: string[],
): Promise<Repository[]> {
  if (ids.length === 0) return [];
  const query = db.read.selectFrom("repositories").selectAll().where("organization_id", "=", organizationId);
  return query.where("id", "in", ids).execute();
}

export function listRepositories(db: Db, organizationId: string): Promise<Repository[]> {
  const query = db.read.selectFrom("repositories").selectAll().where("organization_id", "=", organizationId);
  return query.orderBy("name").execute();
}

/** Repositories that use the credential and have failed. */
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

/** Removes the repository with its refs, syncs and webhook; packages, versions and archives stay without a holder. */
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

/** Every term must be in the name or the address, in any case. */
export function searchRepositories(
  db: Db,
  organizationId: string,
  { terms, limit }: { terms: string[]; limit: number },
): Promise<Pick<Repository, "name" | "url" | "state">[]> {
  let query = db.read
    .selectFrom("repositories")
    .select(["name", "url", "state"])
    .where("organization_id", "=", organizationId);
  for (const word of terms)
    query = query.where((e) =>
      e.or([holdsWord("repositories.name", word), holdsWord("repositories.url", word)]),
    );
  return query.orderBy("name").limit(limit).execute();
}
