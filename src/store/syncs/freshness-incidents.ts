// Repositories that were not proven fresh for too long, and since when an organization has had some.
import { sql, type RawBuilder } from "kysely";
import { upsert, type Db } from "../engine/database.ts";
import type { FreshnessIncidentRow, RepositoryRow } from "../schema.ts";

/** `since`: when it was last proven fresh, or added. */
export type OverdueRepository = Pick<
  RepositoryRow,
  "organization_id" | "name" | "url" | "state" | "error"
> & {
  since: number;
};

const since = sql<number>`coalesce(last_proven_fresh_at, created_at)`;

/** Said so that an index answers it, which it does for no expression over both columns. */
function isLate(provenBefore: number): RawBuilder<boolean> {
  return sql<boolean>`(last_proven_fresh_at < ${provenBefore} or (last_proven_fresh_at is null and created_at < ${provenBefore}))`;
}

/** Those of all organizations, or of one, that were last proven before `provenBefore`; the longest behind first. */
export async function listOverdue(
  db: Db,
  { provenBefore, organizationId, limit }: { provenBefore: number; organizationId?: string; limit?: number },
): Promise<OverdueRepository[]> {
  let query = db.read
    .selectFrom("repositories")
    .select(["organization_id", "name", "url", "state", "error"])
    .select(since.as("since"))
    .where(isLate(provenBefore))
    .orderBy("since")
    .orderBy("name");
  if (organizationId !== undefined) query = query.where("organization_id", "=", organizationId);
  const rows = await (limit === undefined ? query : query.limit(limit)).execute();
  return rows.map((row) => ({ ...row, since: Number(row.since) }));
}

export async function countOverdue(db: Db, organizationId: string, provenBefore: number): Promise<number> {
  const row = await db.read
    .selectFrom("repositories")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("organization_id", "=", organizationId)
    .where(isLate(provenBefore))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

export type FreshnessIncident = FreshnessIncidentRow;

/** The latest one of the organization, over or not. */
export async function findIncident(db: Db, organizationId: string): Promise<FreshnessIncident | null> {
  const query = db.read.selectFrom("freshness_incidents").selectAll();
  return (await query.where("organization_id", "=", organizationId).executeTakeFirst()) ?? null;
}

export function listOpenIncidents(db: Db): Promise<FreshnessIncident[]> {
  return db.read.selectFrom("freshness_incidents").selectAll().where("recovered_at", "is", null).execute();
}

/** In the place of the one before. */
export async function putIncident(db: Db, row: FreshnessIncident): Promise<void> {
  const update = ["began_at", "mailed_at", "recovered_at"] as const;
  await upsert(db, "freshness_incidents", row, { key: ["organization_id"], update: [...update] });
}
