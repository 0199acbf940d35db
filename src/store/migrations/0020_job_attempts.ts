import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../engine/columns.ts";

/** Why each attempt of a job failed, and who paused jobs. */
export function jobAttempts(types: ColumnTypes): Migration {
  const { key, name, text, integer } = types;
  return {
    async up(db: Kysely<unknown>) {
      await types
        .tail(db.schema.createTable("job_attempts"))
        .addColumn("id", key, (c) => c.primaryKey())
        .addColumn("job_id", key, (c) => c.notNull())
        .addColumn("attempt", integer, (c) => c.notNull())
        .addColumn("started_at", integer)
        .addColumn("ended_at", integer, (c) => c.notNull())
        .addColumn("error", text, (c) => c.notNull())
        .execute();
      for (const column of ["job_id", "ended_at"])
        await db.schema.createIndex(`job_attempts_${column}`).on("job_attempts").column(column).execute();
      await db.schema.alterTable("job_pauses").addColumn("paused_by", name).execute();
    },
  };
}
