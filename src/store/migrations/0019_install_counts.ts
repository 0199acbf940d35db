import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Every reported install counts: the flag of a token's minute becomes how many are not in the sums yet. */
export function installCounts(): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable("installs").renameColumn("counted", "uncounted").execute();
      await sql`update installs set uncounted = 1 - uncounted`.execute(db);
    },
  };
}
