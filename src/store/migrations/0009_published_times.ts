import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../engine/columns.ts";

/**
 * When each version was published, which clients were told as the time of its last change until now. Corrected once: what
 * the first sync of a repository met gets the time of its commit, as far as it is known, later versions that of their
 * first sight. Documents are written anew at the next start, since their format is another one.
 */
export function publishedTimes({ integer }: ColumnTypes): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable("repositories").addColumn("first_read_at", integer).execute();
      await db.schema
        .alterTable("versions")
        .addColumn("published_at", integer, (c) => c.notNull().defaultTo(0))
        .execute();
      await sql`
        update repositories set first_read_at = coalesce(
          (select min(finished_at) from syncs where repository_id = repositories.id and state = 'done'),
          last_synced_at,
          created_at
        ) where last_synced_at is not null or default_branch is not null`.execute(db);
      const { rows } =
        await sql<Owner>`select distinct repository_id, case when repository_id is null then id end
        as package_id from packages`.execute(db);
      for (const owner of rows) await correct(db, owner);
    },
  };
}

/** A repository, or a package whose repository is gone. */
type Owner = { repository_id: string | null; package_id: string | null };
type Version = { id: string; version_normalized: string; released_at: number; created_at: number };

async function correct(db: Kysely<unknown>, owner: Owner): Promise<void> {
  const versions = await versionsOf(db, owner);
  if (versions.length === 0) return;
  const until = await endOfFirstRead(db, owner, Math.min(...versions.map((each) => each.created_at)));
  // A renamed package has its versions twice; the name that it had first is the one that was seen first.
  const seen = new Map<string, number>();
  for (const { version_normalized: version, created_at } of versions)
    seen.set(version, Math.min(created_at, seen.get(version) ?? created_at));
  const times = versions.map(({ id, version_normalized, released_at, created_at }) => {
    const firstSight = seen.get(version_normalized) ?? created_at;
    return { id, time: firstSight <= until ? Math.max(0, Math.min(firstSight, released_at)) : firstSight };
  });
  for (let at = 0; at < times.length; at += atOnce) await put(db, times.slice(at, at + atOnce));
}

async function versionsOf(db: Kysely<unknown>, { repository_id, package_id }: Owner): Promise<Version[]> {
  const { rows } = await sql<Version>`
    select versions.id, version_normalized, released_at, versions.created_at from versions
    inner join packages on packages.id = versions.package_id
    where ${repository_id === null ? sql`packages.id = ${package_id}` : sql`repository_id = ${repository_id}`}
  `.execute(db);
  // Servers give 64 bits as text.
  return rows.map((row) => ({
    ...row,
    released_at: Number(row.released_at),
    created_at: Number(row.created_at),
  }));
}

/** Syncs are kept for 90 days. Without the first one, it lasted no longer than git may take. */
async function endOfFirstRead(db: Kysely<unknown>, { repository_id }: Owner, first: number): Promise<number> {
  const { rows } = await sql<{ first_at: number | string | null; done_at: number | string | null }>`
    select min(started_at) as first_at, min(case when state = 'done' then finished_at end) as done_at
    from syncs where repository_id = ${repository_id}`.execute(db);
  const { first_at = null, done_at = null } = rows[0] ?? {};
  const isKept = first_at !== null && Number(first_at) <= first;
  return isKept && done_at !== null ? Number(done_at) : first + longestFetchMs;
}

const longestFetchMs = 10 * 60_000;
const atOnce = 500;

async function put(db: Kysely<unknown>, times: { id: string; time: number }[]): Promise<void> {
  const cases = sql.join(
    times.map(({ id, time }) => sql`when ${id} then ${sql.lit(time)}`),
    sql` `,
  );
  const ids = sql.join(times.map(({ id }) => id));
  await sql`update versions set published_at = case id ${cases} end where id in (${ids})`.execute(db);
}
