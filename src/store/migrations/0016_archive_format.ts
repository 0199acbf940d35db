import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../engine/columns.ts";

/** How an archive was made, so that it is made the same way again. */
export function archiveFormat({ integer }: ColumnTypes): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .alterTable("dists")
        .addColumn("archive_format", integer, (c) => c.notNull().defaultTo(1))
        .execute();
    },
  };
}
