import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** A sync is requested, and has a deadline: the columns are named as the code names them. */
export function syncRequests(): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable("repositories").renameColumn("sync_asked", "sync_requested").execute();
      await db.schema.alterTable("repositories").renameColumn("expected_by", "sync_deadline").execute();
    },
  };
}
