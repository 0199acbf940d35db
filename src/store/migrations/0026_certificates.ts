import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../engine/columns.ts";

/** Certificates from an authority, what it takes to get them, and who does something that only one may do. */
export function certificates(types: ColumnTypes): Migration {
  const { key, name, text, integer } = types;
  return {
    async up(db: Kysely<unknown>) {
      const table = (named: string) => types.tail(db.schema.createTable(named));
      await table("certificates")
        .addColumn("id", key, (c) => c.primaryKey())
        .addColumn("names", text, (c) => c.notNull())
        .addColumn("certificate", text, (c) => c.notNull())
        .addColumn("private_key", text, (c) => c.notNull())
        .addColumn("created_at", integer, (c) => c.notNull())
        .execute();
      await table("acme_accounts")
        .addColumn("directory", name, (c) => c.primaryKey())
        .addColumn("private_key", text, (c) => c.notNull())
        .addColumn("created_at", integer, (c) => c.notNull())
        .execute();
      await table("acme_challenges")
        .addColumn("token", name, (c) => c.primaryKey())
        .addColumn("authorization", text, (c) => c.notNull())
        .addColumn("created_at", integer, (c) => c.notNull())
        .execute();
      await table("leases")
        .addColumn("name", name, (c) => c.primaryKey())
        .addColumn("holder", key, (c) => c.notNull())
        .addColumn("expires_at", integer, (c) => c.notNull())
        .execute();
    },
  };
}
