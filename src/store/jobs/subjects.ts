// The repositories and packages that jobs are about, for lists of jobs.
import { type RawBuilder, sql, type SqlBool } from "kysely";
import type { Db } from "../engine/database.ts";

export type JobRepository = { id: string; name: string; slug: string };

export async function listJobRepositories(db: Db, ids: string[]): Promise<JobRepository[]> {
  if (ids.length === 0) return [];
  return db.read
    .selectFrom("repositories")
    .innerJoin("organizations", "organizations.id", "repositories.organization_id")
    .select(["repositories.id", "repositories.name", "organizations.slug"])
    .where("repositories.id", "in", ids)
    .execute();
}

export function listJobOrganizations(db: Db, ids: string[]): Promise<{ id: string; slug: string }[]> {
  if (ids.length === 0) return Promise.resolve([]);
  return db.read.selectFrom("organizations").select(["id", "slug"]).where("id", "in", ids).execute();
}

/** Repositories whose `organization/name` or package name contains the text, in any case. */
export async function listRepositoryIdsNamed(db: Db, text: string, limit: number): Promise<string[]> {
  const part = `%${text.toLowerCase().replace(/[!%_]/g, "!$&")}%`;
  const slug = sql.ref("organizations.slug");
  const name = sql.ref("repositories.name");
  const called = db.engine === "mysql" ? sql`concat(${slug}, '/', ${name})` : sql`${slug} || '/' || ${name}`;
  const holds = (column: RawBuilder<unknown>) => sql<SqlBool>`lower(${column}) like ${part} escape '!'`;
  const rows = await db.read
    .selectFrom("repositories")
    .innerJoin("organizations", "organizations.id", "repositories.organization_id")
    .select("repositories.id")
    .where(({ or }) => or([holds(called), holds(sql.ref("repositories.package_name"))]))
    .orderBy("repositories.id")
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

type SyncProgress = { repository_id: string; refs_done: number; refs_total: number };

/** The progress of running syncs that started at or after `since`. */
export function listSyncProgress(db: Db, since: number): Promise<SyncProgress[]> {
  return db.read
    .selectFrom("syncs")
    .select(["repository_id", "refs_done", "refs_total"])
    .where("started_at", ">=", since)
    .where("state", "=", "running")
    .orderBy("id")
    .execute();
}
