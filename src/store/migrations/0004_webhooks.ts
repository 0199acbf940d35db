import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../engine/columns.ts";

/** What forges call when something was pushed, and what came that way. */
export function webhooks(types: ColumnTypes): Migration {
  const { key, name, text, integer } = types;
  return {
    async up(db: Kysely<unknown>) {
      const table = (name: string) => types.tail(db.schema.createTable(name));

      await table("webhooks")
        .addColumn("repository_id", key, (c) => c.primaryKey())
        .addColumn("organization_id", key, (c) => c.notNull())
        .addColumn("state", name, (c) => c.notNull())
        .addColumn("secret", text, (c) => c.notNull())
        .addColumn("previous_secret", text)
        .addColumn("previous_until", integer)
        .addColumn("hook_id", name)
        .addColumn("error", text)
        .addColumn("created_at", integer, (c) => c.notNull())
        .addColumn("checked_at", integer)
        .addColumn("next_check_at", integer, (c) => c.notNull())
        .addColumn("repaired_at", integer)
        .addForeignKeyConstraint("webhooks_repository", ["repository_id"], "repositories", ["id"])
        .execute();
      await db.schema.createIndex("webhooks_due").on("webhooks").column("next_check_at").execute();
      await db.schema
        .createIndex("webhooks_of_organization")
        .on("webhooks")
        .column("organization_id")
        .execute();

      await table("deliveries")
        .addColumn("id", key, (c) => c.primaryKey())
        .addColumn("organization_id", key, (c) => c.notNull())
        .addColumn("repository_id", key, (c) => c.notNull())
        .addColumn("forge_id", name)
        .addColumn("event", name)
        .addColumn("verdict", name, (c) => c.notNull())
        .addColumn("reason", text)
        .addColumn("refs", text, (c) => c.notNull())
        .addColumn("size_bytes", integer, (c) => c.notNull())
        .addColumn("received_at", integer, (c) => c.notNull())
        .addColumn("repeats", integer, (c) => c.notNull())
        .addColumn("sync_id", key)
        .addUniqueConstraint("deliveries_once", ["repository_id", "forge_id"])
        .addForeignKeyConstraint("deliveries_repository", ["repository_id"], "repositories", ["id"])
        .execute();
      for (const [index, columns] of [
        ["deliveries_of_repository", ["repository_id", "id"]],
        ["deliveries_of_organization", ["organization_id"]],
        ["deliveries_waiting", ["repository_id", "sync_id", "verdict"]],
        ["deliveries_received", ["received_at"]],
      ] as const)
        await db.schema
          .createIndex(index)
          .on("deliveries")
          .columns([...columns])
          .execute();

      // Without a reference to what they belonged to: that is gone.
      await table("webhook_removals")
        .addColumn("id", key, (c) => c.primaryKey())
        .addColumn("provider", name, (c) => c.notNull())
        .addColumn("origin", name, (c) => c.notNull())
        .addColumn("path", text, (c) => c.notNull())
        .addColumn("hook_id", name, (c) => c.notNull())
        .addColumn("username", name)
        .addColumn("token", text, (c) => c.notNull())
        .addColumn("attempts", integer, (c) => c.notNull())
        .addColumn("next_try_at", integer, (c) => c.notNull())
        .execute();
    },
  };
}
