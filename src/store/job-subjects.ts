// What jobs are about, for whoever looks at many of them.
import type { Db } from "./database.ts";

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

export type SyncProgress = { repository_id: string; refs_done: number; refs_total: number };

/** How far the syncs are that run and began at or after `since`. */
export function listSyncProgress(db: Db, since: number): Promise<SyncProgress[]> {
  return db.read
    .selectFrom("syncs")
    .select(["repository_id", "refs_done", "refs_total"])
    .where("started_at", ">=", since)
    .where("state", "=", "running")
    .orderBy("id")
    .execute();
}
