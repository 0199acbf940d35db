// Overdue repositories, which were not checked for too long, and incidents of organizations that have some.
import { sql, type RawBuilder } from "kysely";
import { upsert, type Db } from "../engine/database.ts";
import type { FreshnessIncidentRow, RepositoryRow } from "../schema.ts";

/** `since`: the time of its last check, or when it was added. */
export type OverdueRepository = Pick<
  RepositoryRow,
  "organization_id" | "name" | "url" | "state" | "error"
> & {
  since: number;
};

const since = sql<number>`coalesce(last_proven_fresh_at, created_at)`;

/** Written so that an index can be used, which no expression over both columns allows. */
function isOverdue(provenBefore: number): RawBuilder<boolean> {
  return sql<boolean>`(last_proven_fresh_at < ${provenBefore} or (last_proven_fresh_at is null and created_at < ${provenBefore}))`;
}

/**
 * Repositories of all organizations, or of one, that were checked last before `provenBefore`; the longest overdue
 * first.
 */
export async function listOverdue(
  db: Db,
  { provenBefore, organizationId, limit }: { provenBefore: number; organizationId?: string; limit?: number },
): Promise<OverdueRepository[]> {
  let query = db.read
    .selectFrom("repositories")
    .select(["organization_id", "name", "url", "state", "error"])
    .select(since.as("since"))
    .where(isOverdue(provenBefore))
    .orderBy("since")
    .orderBy("name");
  if (organizationId !== undefined) query = query.where("organization_id", "=", organizationId);
  return (limit === undefined ? query : query.limit(limit)).execute();
}

export async function countOverdue(db: Db, organizationId: string, provenBefore: number): Promise<number> {
  const row = await db.read
    .selectFrom("repositories")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("organization_id", "=", organizationId)
    .where(isOverdue(provenBefore))
    .executeTakeFirstOrThrow();
  return row.count;
}

export type FreshnessIncident = FreshnessIncidentRow;

/** The latest incident of the organization, open or recovered. */
export async function findIncident(db: Db, organizationId: string): Promise<FreshnessIncident | null> {
  const query = db.read.selectFrom("freshness_incidents").selectAll();
  return (await query.where("organization_id", "=", organizationId).executeTakeFirst()) ?? null;
}

export function listOpenIncidents(db: Db): Promise<FreshnessIncident[]> {
  return db.read.selectFrom("freshness_incidents").selectAll().where("recovered_at", "is", null).execute();
}

/** Replaces the previous incident. */
export async function putIncident(db: Db, row: FreshnessIncident): Promise<void> {
  const update = ["began_at", "mailed_at", "recovered_at"] as const;
  await upsert(db, "freshness_incidents", row, { key: ["organization_id"], update: [...update] });
}
