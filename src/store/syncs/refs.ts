// The last known commit of every tag and branch, and its outcome.
import { upsert, type Db } from "../engine/database.ts";
import type { RefKind, RefRow } from "../schema.ts";

export function listRefs(db: Db, repositoryId: string): Promise<RefRow[]> {
  return db.read.selectFrom("refs").selectAll().where("repository_id", "=", repositoryId).execute();
}

export async function putRefs(db: Db, rows: RefRow[]): Promise<void> {
  if (rows.length === 0) return;
  await upsert(db, "refs", rows, {
    key: ["repository_id", "kind", "name"],
    update: ["reference", "outcome", "reason", "code", "package_name", "version_id", "updated_at"],
  });
}

export async function removeRefs(
  db: Db,
  repositoryId: string,
  refs: { kind: RefKind; name: string }[],
): Promise<void> {
  for (const { kind, name } of refs) {
    const query = db.write.deleteFrom("refs").where("repository_id", "=", repositoryId);
    await query.where("kind", "=", kind).where("name", "=", name).execute();
  }
}

/** Marks the refs of versions that a person has deleted; `reason` says who and when. */
export async function markRefsDeleted(
  db: Db,
  versionIds: string[],
  { reason, now }: { reason: string; now: number },
): Promise<void> {
  if (versionIds.length === 0) return;
  const set = { outcome: "skipped", code: "deleted", reason, version_id: null, updated_at: now } as const;
  await db.write.updateTable("refs").set(set).where("version_id", "in", versionIds).execute();
}

/** Forgets refs whose version a person had deleted, so that they are read again. Returns their repositories. */
export async function forgetDeletedRefs(db: Db, organizationId: string): Promise<Set<string>> {
  const rows = await db.read
    .selectFrom("refs")
    .innerJoin("repositories", "repositories.id", "refs.repository_id")
    .select("refs.repository_id")
    .distinct()
    .where("repositories.organization_id", "=", organizationId)
    .where("refs.code", "=", "deleted")
    .execute();
  const ids = rows.map((row) => row.repository_id);
  if (ids.length > 0)
    await db.write
      .deleteFrom("refs")
      .where("code", "=", "deleted")
      .where("repository_id", "in", ids)
      .execute();
  return new Set(ids);
}

/** Refs of versions that a person has deleted count as well: nothing is wrong with them. */
export async function countPublishedRefs(db: Db, repositoryId: string): Promise<number> {
  const row = await db.read
    .selectFrom("refs")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("repository_id", "=", repositoryId)
    .where((e) => e.or([e("outcome", "=", "published"), e("code", "=", "deleted")]))
    .executeTakeFirstOrThrow();
  return row.count;
}

/** The current commits of moved tags, by the version that was published from another commit. */
export async function findMovedTags(db: Db, repositoryId: string): Promise<Map<string, string>> {
  const rows = await db.read
    .selectFrom("refs")
    .select(["version_id", "reference"])
    .where("repository_id", "=", repositoryId)
    .where("code", "=", "moved")
    .where("version_id", "is not", null)
    .execute();
  return new Map(rows.map((row) => [row.version_id ?? "", row.reference]));
}

/** Refs that would give versions of this package if another repository did not hold its name. */
export function listHeldRefs(db: Db, organizationId: string, packageName: string) {
  return db.read
    .selectFrom("refs")
    .innerJoin("repositories", "repositories.id", "refs.repository_id")
    .selectAll("refs")
    .select("repositories.default_branch")
    .where("repositories.organization_id", "=", organizationId)
    .where("refs.code", "=", "held")
    .where("refs.package_name", "=", packageName)
    .execute();
}

/** A repository whose refs would give the package, though none does; null when there is none. */
export async function findRepositoryNaming(
  db: Db,
  organizationId: string,
  name: string,
): Promise<string | null> {
  const row = await db.read
    .selectFrom("refs")
    .innerJoin("repositories", "repositories.id", "refs.repository_id")
    .select("refs.repository_id")
    .where("repositories.organization_id", "=", organizationId)
    .where("refs.outcome", "=", "skipped")
    .where("refs.package_name", "=", name)
    .limit(1)
    .executeTakeFirst();
  return row?.repository_id ?? null;
}

/** Forgets refs that were skipped because another repository held the name, so that they are tried again. */
export async function forgetHeldRefs(db: Db, organizationId: string): Promise<void> {
  await db.write
    .deleteFrom("refs")
    .where("code", "=", "held")
    .where("repository_id", "in", (e) =>
      e.selectFrom("repositories").select("id").where("organization_id", "=", organizationId),
    )
    .execute();
}
