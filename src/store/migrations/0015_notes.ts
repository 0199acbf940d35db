import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../engine/columns.ts";

/** What was left out belongs to the version, and to the archive that other versions share; how refs were read last. */
export function notes({ text, integer }: ColumnTypes): Migration {
  return {
    async up(db: Kysely<unknown>) {
      for (const table of ["versions", "dists"])
        await db.schema.alterTable(table).addColumn("notes", text).execute();
      await db.schema
        .alterTable("repositories")
        .addColumn("reading", integer, (c) => c.notNull().defaultTo(0))
        .execute();
      await carryOver(db);
    },
  };
}

type Noted = { id: string; dist_id: string | null; reason: string };

/** Archives are not made again: what was said of them, beside one of their refs, is all that is known. */
async function carryOver(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<Noted>`
    select versions.id, versions.dist_id, refs.reason from refs
    inner join versions on versions.id = refs.version_id
    where refs.outcome = 'published' and refs.reason is not null`.execute(db);
  for (const { id, dist_id, reason } of rows) {
    const stored = JSON.stringify([{ code: "earlier", text: reason }]);
    await sql`update versions set notes = ${stored} where id = ${id}`.execute(db);
    if (dist_id !== null) await sql`update dists set notes = ${stored} where id = ${dist_id}`.execute(db);
  }
}
