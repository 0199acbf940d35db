import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../engine/columns.ts";

/** Accounts at forges: whose token it is, how long it holds, and what the forge said about it last. */
export function forges(types: ColumnTypes): Migration {
  const { name, text, integer } = types;
  return {
    async up(db: Kysely<unknown>) {
      // One column a statement: SQLite takes no more.
      for (const [column, type] of [
        ["provider", name],
        ["origin", name],
        ["account", name],
        ["scopes", text],
        ["refresh_secret", text],
        ["expires_at", integer],
        ["refused_at", integer],
        ["error", text],
        ["rate_limit", integer],
        ["rate_remaining", integer],
        ["rate_resets_at", integer],
      ] as const)
        await db.schema.alterTable("credentials").addColumn(column, type).execute();
      await db.schema.alterTable("repositories").addColumn("moved_to", text).execute();
    },
  };
}
