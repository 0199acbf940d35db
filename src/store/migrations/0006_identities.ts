import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../engine/columns.ts";

/** Who people are elsewhere, and who renews the access to a forge just now. */
export function identities(types: ColumnTypes): Migration {
  const { key, name, integer } = types;
  return {
    async up(db: Kysely<unknown>) {
      await types
        .tail(db.schema.createTable("identities"))
        .addColumn("id", key, (c) => c.primaryKey())
        .addColumn("user_id", key, (c) => c.notNull())
        .addColumn("provider", name, (c) => c.notNull())
        .addColumn("issuer", name, (c) => c.notNull())
        .addColumn("subject", name, (c) => c.notNull())
        .addColumn("login", name, (c) => c.notNull())
        .addColumn("created_at", integer, (c) => c.notNull())
        .addColumn("last_used_at", integer)
        .addUniqueConstraint("identities_subject", ["issuer", "subject"])
        .addUniqueConstraint("identities_of_user", ["user_id", "issuer"])
        .addForeignKeyConstraint("identities_user", ["user_id"], "users", ["id"])
        .execute();
      // One column a statement: SQLite takes no more.
      for (const column of ["granted_at", "renewal_until"])
        await db.schema.alterTable("credentials").addColumn(column, integer).execute();
    },
  };
}
