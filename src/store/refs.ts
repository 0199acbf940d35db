// The last known commit of every tag and branch, and what became of it.
import { upsert, type Db } from "./database.ts";
import type { RefKind, RefRow } from "./schema.ts";

export function listRefs(db: Db, repositoryId: string): Promise<RefRow[]> {
  return db.read.selectFrom("refs").selectAll().where("repository_id", "=", repositoryId).execute();
}

export async function putRefs(db: Db, rows: RefRow[]): Promise<void> {
  if (rows.length === 0) return;
  await upsert(db, "refs", rows, {
    key: ["repository_id", "kind", "name"],
    update: ["reference", "outcome", "reason", "code", "version_id", "updated_at"],
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

export async function countPublishedRefs(db: Db, repositoryId: string): Promise<number> {
  const row = await db.read
    .selectFrom("refs")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("repository_id", "=", repositoryId)
    .where("outcome", "=", "published")
    .executeTakeFirstOrThrow();
  return Number(row.count);
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
