import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../engine/columns.ts";

/** What the job dashboard looks at: how runs went, what each worker does, what a person has paused. */
export function jobHistory(types: ColumnTypes): Migration {
  const { key, name, text, integer } = types;
  return {
    async up(db: Kysely<unknown>) {
      const table = (name: string) => types.tail(db.schema.createTable(name));

      // It says who is alive now: whoever is writes its row again.
      await db.schema.dropTable("workers").execute();
      await table("workers")
        .addColumn("id", key, (c) => c.primaryKey())
        .addColumn("host", text, (c) => c.notNull())
        .addColumn("pid", integer, (c) => c.notNull())
        .addColumn("started_at", integer, (c) => c.notNull())
        .addColumn("seen_at", integer, (c) => c.notNull())
        .addColumn("memory_bytes", integer, (c) => c.notNull())
        .addColumn("places", integer, (c) => c.notNull())
        .addColumn("min_places", integer, (c) => c.notNull())
        .addColumn("max_places", integer, (c) => c.notNull())
        .addColumn("slots", text)
        .execute();

      await db.schema.createIndex("jobs_ended").on("jobs").columns(["state", "finished_at", "id"]).execute();

      await table("job_pauses")
        .addColumn("name", name, (c) => c.primaryKey())
        .addColumn("paused_at", integer, (c) => c.notNull())
        .execute();

      await table("job_history")
        .addColumn("step", integer, (c) => c.notNull())
        .addColumn("at", integer, (c) => c.notNull())
        .addColumn("name", name, (c) => c.notNull())
        .addColumn("bucket", integer, (c) => c.notNull())
        .addColumn("done", integer, (c) => c.notNull())
        .addColumn("failed", integer, (c) => c.notNull())
        .addPrimaryKeyConstraint("job_history_key", ["step", "at", "name", "bucket"])
        .execute();

      await table("job_totals")
        .addColumn("name", name, (c) => c.primaryKey())
        .addColumn("done", integer, (c) => c.notNull())
        .addColumn("failed", integer, (c) => c.notNull())
        .addColumn("run_ms", integer, (c) => c.notNull())
        .addColumn("last_ended_at", integer, (c) => c.notNull())
        .addColumn("last_ms", integer, (c) => c.notNull())
        .execute();
    },
  };
}
