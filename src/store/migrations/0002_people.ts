import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../engine/columns.ts";

/** Sessions, second factors, invitations, mail: what a dashboard with people remembers. */
export function people(types: ColumnTypes): Migration {
  const { key, name, text, integer } = types;
  return {
    async up(db: Kysely<unknown>) {
      const table = (name: string) => types.tail(db.schema.createTable(name));
      // One column a statement: SQLite takes no more.
      const users = [
        ["email_verified_at", integer],
        ["deleted_at", integer],
        ["theme", name],
        ["totp_secret", text],
        ["totp_confirmed_at", integer],
        ["totp_last_step", integer],
      ] as const;
      for (const [column, type] of users)
        await db.schema.alterTable("users").addColumn(column, type).execute();
      for (const column of ["seen_at", "onboarding_dismissed_at"])
        await db.schema.alterTable("members").addColumn(column, integer).execute();
      await db.schema.alterTable("tokens").addColumn("created_by", key).execute();
      for (const column of ["name", "host", "created_by"])
        await db.schema.alterTable("credentials").addColumn(column, name).execute();

      for (const [name, column, type] of [
        ["packages", "deleted_at", integer],
        ["packages", "deleted_by", key],
        ["versions", "deleted_at", integer],
        ["versions", "deleted_by", key],
        ["dists", "deleted_at", integer],
      ] as const)
        await db.schema.alterTable(name).addColumn(column, type).execute();
      for (const column of ["recent_downloads", "version_count"])
        await db.schema
          .alterTable("packages")
          .addColumn(column, integer, (c) => c.notNull().defaultTo(0))
          .execute();

      await table("sessions")
        .addColumn("id", key, (c) => c.primaryKey())
        .addColumn("hash", name, (c) => c.notNull().unique())
        .addColumn("user_id", key, (c) => c.notNull())
        .addColumn("created_at", integer, (c) => c.notNull())
        .addColumn("seen_at", integer, (c) => c.notNull())
        .addColumn("expires_at", integer, (c) => c.notNull())
        .addColumn("confirmed_at", integer, (c) => c.notNull())
        .addColumn("remembered", integer, (c) => c.notNull())
        .addColumn("address", name, (c) => c.notNull())
        .addColumn("user_agent", text, (c) => c.notNull())
        .addForeignKeyConstraint("sessions_user", ["user_id"], "users", ["id"])
        .execute();
      await db.schema.createIndex("sessions_of_user").on("sessions").column("user_id").execute();

      await table("one_time_secrets")
        .addColumn("hash", name, (c) => c.primaryKey())
        .addColumn("purpose", name, (c) => c.notNull())
        .addColumn("user_id", key)
        .addColumn("data", text, (c) => c.notNull())
        .addColumn("created_at", integer, (c) => c.notNull())
        .addColumn("expires_at", integer, (c) => c.notNull())
        .addColumn("used_at", integer)
        .addForeignKeyConstraint("one_time_secrets_user", ["user_id"], "users", ["id"])
        .execute();

      await table("recovery_codes")
        .addColumn("user_id", key, (c) => c.notNull())
        .addColumn("hash", name, (c) => c.notNull())
        .addColumn("used_at", integer)
        .addPrimaryKeyConstraint("recovery_codes_key", ["user_id", "hash"])
        .addForeignKeyConstraint("recovery_codes_user", ["user_id"], "users", ["id"])
        .execute();

      await table("passkeys")
        .addColumn("id", name, (c) => c.primaryKey())
        .addColumn("user_id", key, (c) => c.notNull())
        .addColumn("name", text, (c) => c.notNull())
        .addColumn("public_key", text, (c) => c.notNull())
        .addColumn("counter", integer, (c) => c.notNull())
        .addColumn("transports", text, (c) => c.notNull())
        .addColumn("created_at", integer, (c) => c.notNull())
        .addColumn("last_used_at", integer)
        .addForeignKeyConstraint("passkeys_user", ["user_id"], "users", ["id"])
        .execute();

      await table("throttles")
        .addColumn("key", name, (c) => c.primaryKey())
        .addColumn("count", integer, (c) => c.notNull())
        .addColumn("until", integer, (c) => c.notNull())
        .execute();

      await table("invitations")
        .addColumn("id", key, (c) => c.primaryKey())
        .addColumn("organization_id", key, (c) => c.notNull())
        .addColumn("email", name, (c) => c.notNull())
        .addColumn("role", name, (c) => c.notNull())
        .addColumn("hash", name, (c) => c.notNull().unique())
        .addColumn("mail_hash", name, (c) => c.notNull().unique())
        .addColumn("invited_by", key)
        .addColumn("created_at", integer, (c) => c.notNull())
        .addColumn("sent_at", integer, (c) => c.notNull())
        .addColumn("expires_at", integer, (c) => c.notNull())
        .addColumn("accepted_at", integer)
        .addColumn("revoked_at", integer)
        .addForeignKeyConstraint("invitations_organization", ["organization_id"], "organizations", ["id"])
        .execute();
      await db.schema
        .createIndex("invitations_of_organization")
        .on("invitations")
        .columns(["organization_id", "email"])
        .execute();

      await table("mails")
        .addColumn("id", key, (c) => c.primaryKey())
        .addColumn("recipient", name, (c) => c.notNull())
        .addColumn("subject", text, (c) => c.notNull())
        .addColumn("body", text)
        .addColumn("state", name, (c) => c.notNull())
        .addColumn("error", text)
        .addColumn("created_at", integer, (c) => c.notNull())
        .addColumn("next_try_at", integer, (c) => c.notNull())
        .addColumn("sent_at", integer)
        .execute();
      await db.schema.createIndex("mails_due").on("mails").columns(["state", "next_try_at"]).execute();

      await table("former_slugs")
        .addColumn("slug", name, (c) => c.primaryKey())
        .addColumn("organization_id", key, (c) => c.notNull())
        .addColumn("until", integer, (c) => c.notNull())
        .execute();

      await table("visits")
        .addColumn("user_id", key, (c) => c.notNull())
        .addColumn("package_id", key, (c) => c.notNull())
        .addColumn("visited_at", integer, (c) => c.notNull())
        .addPrimaryKeyConstraint("visits_key", ["user_id", "package_id"])
        .addForeignKeyConstraint("visits_user", ["user_id"], "users", ["id"])
        .execute();

      // Counting what is live then reads no row.
      await db.schema
        .createIndex("versions_live")
        .on("versions")
        .columns(["package_id", "removed_at"])
        .execute();
      await db.schema
        .createIndex("activity_of_actor")
        .on("activity")
        .columns(["organization_id", "actor", "id"])
        .execute();

      await table("organization_downloads")
        .addColumn("organization_id", key, (c) => c.notNull())
        .addColumn("day", key, (c) => c.notNull())
        .addColumn("count", integer, (c) => c.notNull())
        .addPrimaryKeyConstraint("organization_downloads_key", ["organization_id", "day"])
        .execute();
      await table("package_downloads")
        .addColumn("organization_id", key, (c) => c.notNull())
        .addColumn("package_name", name, (c) => c.notNull())
        .addColumn("day", key, (c) => c.notNull())
        .addColumn("count", integer, (c) => c.notNull())
        .addPrimaryKeyConstraint("package_downloads_key", ["organization_id", "package_name", "day"])
        .execute();
      await sumDownloads(db, "organization_downloads", ["organization_id", "day"]);
      await sumDownloads(db, "package_downloads", ["organization_id", "package_name", "day"]);

      await table("dependencies")
        .addColumn("organization_id", key, (c) => c.notNull())
        .addColumn("package_id", key, (c) => c.notNull())
        .addColumn("package_name", name, (c) => c.notNull())
        .addColumn("requires", name, (c) => c.notNull())
        .addColumn("is_dev", integer, (c) => c.notNull())
        .addColumn("version_constraint", text, (c) => c.notNull())
        .addPrimaryKeyConstraint("dependencies_key", ["package_id", "requires", "is_dev"])
        .addForeignKeyConstraint("dependencies_package", ["package_id"], "packages", ["id"])
        .execute();
      await db.schema
        .createIndex("dependencies_of")
        .on("dependencies")
        .columns(["organization_id", "requires", "is_dev", "package_name"])
        .execute();
      for (const [index, columns] of [
        ["packages_updated", ["organization_id", "updated_at"]],
        ["packages_downloaded", ["organization_id", "recent_downloads"]],
        ["packages_types", ["organization_id", "removed_at", "type", "version_count"]],
      ] as const)
        await db.schema
          .createIndex(index)
          .on("packages")
          .columns([...columns])
          .execute();
    },
  };
}

/** What was counted before there were these sums. */
async function sumDownloads(db: Kysely<unknown>, table: string, by: string[]): Promise<void> {
  const columns = sql.join([...by, "count"].map((column) => sql.ref(column)));
  const key = sql.join(by.map((column) => sql.ref(column)));
  await sql`insert into ${sql.table(table)} (${columns})
    select ${key}, sum(count) from downloads group by ${key}`.execute(db);
}
