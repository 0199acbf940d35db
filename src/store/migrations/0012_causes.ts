import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../engine/columns.ts";

/** Why a ref gives no version and why a sync failed, as codes: advice is chosen by them, never by a sentence. */
export function causes(types: ColumnTypes): Migration {
  const { name } = types;
  return {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable("refs").addColumn("package_name", name).execute();
      await db.schema.alterTable("sync_refs").addColumn("code", name).execute();
      await db.schema.alterTable("repositories").addColumn("error_code", name).execute();
      await sql`update refs set package_name = (select package_name from repositories where id = refs.repository_id) where code = 'held'`.execute(
        db,
      );
      for (const table of ["refs", "sync_refs"])
        for (const [code, text] of [
          ["no_manifest", "there is no composer.json at the root"],
          ["not_a_version", "the name is not a version"],
        ])
          await sql`update ${sql.table(table)} set code = ${code} where outcome = 'skipped' and reason like ${`%: ${text}%`}`.execute(
            db,
          );
    },
  };
}
