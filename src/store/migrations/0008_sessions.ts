import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../engine/columns.ts";

/** What ends all sessions of a person wherever they are kept. */
export function sessions({ key }: ColumnTypes): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .alterTable("users")
        .addColumn("session_generation", key, (c) => c.notNull().defaultTo(""))
        .execute();
    },
  };
}
