import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../engine/columns.ts";

/** What must be heard of a repository by when, what was active last, and incidents of those that fell behind. */
export function freshness(types: ColumnTypes): Migration {
  const { key, name, integer } = types;
  return {
    async up(db: Kysely<unknown>) {
      for (const column of ["expected_by", "active_at", "rests_until"])
        await db.schema.alterTable("repositories").addColumn(column, integer).execute();
      await db.schema.alterTable("repositories").addColumn("cancelled_by", name).execute();
      await db.schema
        .alterTable("repositories")
        .addColumn("sync_asked", integer, (c) => c.notNull().defaultTo(0))
        .execute();
      await db.schema.createIndex("repositories_expected").on("repositories").column("expected_by").execute();
      await db.schema
        .createIndex("repositories_proven")
        .on("repositories")
        .columns(["organization_id", "last_proven_fresh_at"])
        .execute();
      await db.schema.createIndex("syncs_started").on("syncs").column("started_at").execute();
      await sql`update repositories set expected_by = 0 where state in ('waiting', 'syncing')`.execute(db);

      for (const table of ["packages", "syncs"])
        await db.schema
          .alterTable(table)
          .addColumn("left_out", integer, (c) => c.notNull().defaultTo(0))
          .execute();

      await types
        .tail(db.schema.createTable("freshness_incidents"))
        .addColumn("organization_id", key, (c) => c.primaryKey())
        .addColumn("began_at", integer, (c) => c.notNull())
        .addColumn("mailed_at", integer)
        .addColumn("recovered_at", integer)
        .addForeignKeyConstraint("freshness_incidents_organization", ["organization_id"], "organizations", [
          "id",
        ])
        .execute();
    },
  };
}
