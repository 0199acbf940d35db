// Which repositories are polled, and when.
import { sql } from "kysely";
import type { Db } from "../engine/database.ts";
import type { RepositoryRow } from "../schema.ts";

/**
 * Repositories that are due, the longest overdue first. One that was synced in what is the future by
 * now is due as well: the clock was set back.
 */
export function listDueRepositories(db: Db, now: number, limit: number): Promise<RepositoryRow[]> {
  const query = db.read
    .selectFrom("repositories")
    .selectAll()
    .where(({ eb, or, and, ref }) =>
      or([
        eb("next_poll_at", "<=", now),
        and([eb("last_synced_at", ">", now), eb("next_poll_at", ">", ref("last_synced_at"))]),
      ]),
    );
  return query.orderBy("next_poll_at").limit(limit).execute();
}

/**
 * Makes repositories due that were not checked since `provenBefore`, or would not be polled before `latest`,
 * except those that failed or rest. Returns how many.
 */
export async function dueAtOnce(
  db: Db,
  { now, provenBefore, latest }: { now: number; provenBefore: number; latest: number },
): Promise<number> {
  const { numUpdatedRows } = await db.write
    .updateTable("repositories")
    .set({ next_poll_at: now })
    .where("next_poll_at", ">", now)
    .where("state", "=", "fresh")
    .where((e) => e.or([e("last_proven_fresh_at", "<", provenBefore), e("next_poll_at", ">", latest)]))
    .where((e) => e.or([e("rests_until", "is", null), e("rests_until", "<=", now)]))
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** Postpones polls of the organization's repositories at that origin (`https://host:port`) until `until`. */
export async function postponePolls(
  db: Db,
  organizationId: string,
  { origin, until }: { origin: string; until: number },
): Promise<void> {
  const start = `${origin}/`;
  await db.write
    .updateTable("repositories")
    .set({
      rests_until: until,
      next_poll_at: sql`case when next_poll_at < ${until} then ${until} else next_poll_at end`,
    })
    .where("organization_id", "=", organizationId)
    .where((e) => e.or([e("rests_until", "is", null), e("rests_until", "<", until)]))
    .where(({ fn, val }) => fn("substr", ["url", val(1), val(start.length)]), "=", start)
    .execute();
}
