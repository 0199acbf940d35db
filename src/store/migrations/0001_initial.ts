import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../engine/columns.ts";

/** Everything the first release remembers: one file, since a migration is one step. */
export function initial(types: ColumnTypes): Migration {
  const { key, name, text, long, integer, blob } = types;
  return {
    async up(db: Kysely<unknown>) {
      const table = (name: string) => types.tail(db.schema.createTable(name));

      await table("organizations")
        .addColumn("id", key, (c) => c.primaryKey())
        .addColumn("slug", name, (c) => c.notNull().unique())
        .addColumn("name", text, (c) => c.notNull())
        .addColumn("publishes_source", integer, (c) => c.notNull())
        .addColumn("notice", text)
        .addColumn("created_at", integer, (c) => c.notNull())
        .execute();

      await table("vendors")
        .addColumn("organization_id", key, (c) => c.notNull())
        .addColumn("vendor", name, (c) => c.notNull())
        .addColumn("created_at", integer, (c) => c.notNull())
        .addPrimaryKeyConstraint("vendors_key", ["organization_id", "vendor"])
        .addForeignKeyConstraint("vendors_organization", ["organization_id"], "organizations", ["id"])
        .execute();

      await table("users")
        .addColumn("id", key, (c) => c.primaryKey())
        .addColumn("email", name, (c) => c.notNull().unique())
        .addColumn("name", text, (c) => c.notNull())
        .addColumn("password_hash", text)
        .addColumn("is_admin", integer, (c) => c.notNull())
        .addColumn("created_at", integer, (c) => c.notNull())
        .execute();

      await table("members")
        .addColumn("organization_id", key, (c) => c.notNull())
        .addColumn("user_id", key, (c) => c.notNull())
        .addColumn("role", name, (c) => c.notNull())
        .addColumn("created_at", integer, (c) => c.notNull())
        .addPrimaryKeyConstraint("members_key", ["organization_id", "user_id"])
        .addForeignKeyConstraint("members_organization", ["organization_id"], "organizations", ["id"])
        .addForeignKeyConstraint("members_user", ["user_id"], "users", ["id"])
        .execute();

      await table("tokens")
        .addColumn("id", key, (c) => c.primaryKey())
        .addColumn("organization_id", key)
        .addColumn("user_id", key)
        .addColumn("name", text, (c) => c.notNull())
        .addColumn("hash", name, (c) => c.notNull().unique())
        .addColumn("packages", text)
        .addColumn("created_at", integer, (c) => c.notNull())
        .addColumn("expires_at", integer)
        .addColumn("last_used_at", integer)
        .addColumn("revoked_at", integer)
        .addForeignKeyConstraint("tokens_organization", ["organization_id"], "organizations", ["id"])
        .addForeignKeyConstraint("tokens_user", ["user_id"], "users", ["id"])
        .execute();

      await table("credentials")
        .addColumn("id", key, (c) => c.primaryKey())
        .addColumn("organization_id", key, (c) => c.notNull())
        .addColumn("kind", name, (c) => c.notNull())
        .addColumn("username", text)
        .addColumn("secret", text, (c) => c.notNull())
        .addColumn("public_key", text)
        .addColumn("created_at", integer, (c) => c.notNull())
        .addForeignKeyConstraint("credentials_organization", ["organization_id"], "organizations", ["id"])
        .execute();

      await table("host_keys")
        .addColumn("organization_id", key, (c) => c.notNull())
        .addColumn("host", name, (c) => c.notNull())
        .addColumn("host_key", text, (c) => c.notNull())
        .addColumn("created_at", integer, (c) => c.notNull())
        .addPrimaryKeyConstraint("host_keys_key", ["organization_id", "host"])
        .addForeignKeyConstraint("host_keys_organization", ["organization_id"], "organizations", ["id"])
        .execute();

      await table("repositories")
        .addColumn("id", key, (c) => c.primaryKey())
        .addColumn("organization_id", key, (c) => c.notNull())
        .addColumn("name", name, (c) => c.notNull())
        .addColumn("url", text, (c) => c.notNull())
        .addColumn("provider", name, (c) => c.notNull())
        .addColumn("credential_id", key)
        .addColumn("state", name, (c) => c.notNull())
        .addColumn("error", text)
        .addColumn("default_branch", text)
        .addColumn("package_name", name)
        .addColumn("created_at", integer, (c) => c.notNull())
        .addColumn("last_synced_at", integer)
        .addColumn("last_proven_fresh_at", integer)
        .addColumn("removals_confirmed", integer, (c) => c.notNull())
        .addColumn("next_poll_at", integer, (c) => c.notNull())
        .addColumn("failures", integer, (c) => c.notNull())
        .addUniqueConstraint("repositories_name", ["organization_id", "name"])
        .addForeignKeyConstraint("repositories_organization", ["organization_id"], "organizations", ["id"])
        .addForeignKeyConstraint("repositories_credential", ["credential_id"], "credentials", ["id"])
        .execute();
      await db.schema.createIndex("repositories_poll").on("repositories").column("next_poll_at").execute();

      await table("refs")
        .addColumn("repository_id", key, (c) => c.notNull())
        .addColumn("kind", name, (c) => c.notNull())
        .addColumn("name", name, (c) => c.notNull())
        .addColumn("reference", name, (c) => c.notNull())
        .addColumn("outcome", name, (c) => c.notNull())
        .addColumn("reason", text)
        .addColumn("code", name)
        .addColumn("version_id", key)
        .addColumn("updated_at", integer, (c) => c.notNull())
        .addPrimaryKeyConstraint("refs_key", ["repository_id", "kind", "name"])
        .addForeignKeyConstraint("refs_repository", ["repository_id"], "repositories", ["id"])
        .execute();
      await db.schema.createIndex("refs_version").on("refs").column("version_id").execute();

      await table("syncs")
        .addColumn("id", key, (c) => c.primaryKey())
        .addColumn("organization_id", key, (c) => c.notNull())
        .addColumn("repository_id", key, (c) => c.notNull())
        .addColumn("reason", name, (c) => c.notNull())
        .addColumn("state", name, (c) => c.notNull())
        .addColumn("outcome", name)
        .addColumn("error", text)
        .addColumn("refs_total", integer, (c) => c.notNull())
        .addColumn("refs_done", integer, (c) => c.notNull())
        .addColumn("current_ref", text)
        .addColumn("added", integer, (c) => c.notNull())
        .addColumn("updated", integer, (c) => c.notNull())
        .addColumn("removed", integer, (c) => c.notNull())
        .addColumn("skipped", integer, (c) => c.notNull())
        .addColumn("started_at", integer, (c) => c.notNull())
        .addColumn("finished_at", integer)
        .addForeignKeyConstraint("syncs_repository", ["repository_id"], "repositories", ["id"])
        .execute();
      await db.schema.createIndex("syncs_repository").on("syncs").columns(["repository_id", "id"]).execute();

      await table("sync_refs")
        .addColumn("sync_id", key, (c) => c.notNull())
        .addColumn("kind", name, (c) => c.notNull())
        .addColumn("name", name, (c) => c.notNull())
        .addColumn("outcome", name, (c) => c.notNull())
        .addColumn("reason", text)
        .addPrimaryKeyConstraint("sync_refs_key", ["sync_id", "kind", "name"])
        .addForeignKeyConstraint("sync_refs_sync", ["sync_id"], "syncs", ["id"])
        .execute();

      await table("packages")
        .addColumn("id", key, (c) => c.primaryKey())
        .addColumn("organization_id", key, (c) => c.notNull())
        .addColumn("name", name, (c) => c.notNull())
        .addColumn("repository_id", key)
        .addColumn("type", name, (c) => c.notNull())
        .addColumn("description", text)
        .addColumn("latest", name)
        .addColumn("abandoned", text)
        .addColumn("renamed_to", name)
        .addColumn("created_at", integer, (c) => c.notNull())
        .addColumn("updated_at", integer, (c) => c.notNull())
        .addColumn("removed_at", integer)
        .addUniqueConstraint("packages_name", ["organization_id", "name"])
        .addForeignKeyConstraint("packages_organization", ["organization_id"], "organizations", ["id"])
        .addForeignKeyConstraint("packages_repository", ["repository_id"], "repositories", ["id"])
        .execute();
      await db.schema.createIndex("packages_repository").on("packages").column("repository_id").execute();

      await table("readmes")
        .addColumn("hash", name, (c) => c.primaryKey())
        .addColumn("html", long, (c) => c.notNull())
        .execute();

      await table("dists")
        .addColumn("id", key, (c) => c.primaryKey())
        .addColumn("organization_id", key, (c) => c.notNull())
        .addColumn("package_name", name, (c) => c.notNull())
        .addColumn("reference", name, (c) => c.notNull())
        .addColumn("sha1", name, (c) => c.notNull())
        .addColumn("sha256", name, (c) => c.notNull())
        .addColumn("size_bytes", integer, (c) => c.notNull())
        .addColumn("created_at", integer, (c) => c.notNull())
        .addUniqueConstraint("dists_reference", ["organization_id", "package_name", "reference"])
        .addForeignKeyConstraint("dists_organization", ["organization_id"], "organizations", ["id"])
        .execute();
      await db.schema.createIndex("dists_sha256").on("dists").column("sha256").execute();

      await table("versions")
        .addColumn("id", key, (c) => c.primaryKey())
        .addColumn("package_id", key, (c) => c.notNull())
        .addColumn("version", text, (c) => c.notNull())
        .addColumn("version_normalized", name, (c) => c.notNull())
        .addColumn("stability", name, (c) => c.notNull())
        .addColumn("is_default_branch", integer, (c) => c.notNull())
        .addColumn("ref_kind", name, (c) => c.notNull())
        .addColumn("reference", name, (c) => c.notNull())
        .addColumn("dist_id", key)
        .addColumn("manifest", long, (c) => c.notNull())
        .addColumn("readme_hash", name)
        .addColumn("released_at", integer, (c) => c.notNull())
        .addColumn("created_at", integer, (c) => c.notNull())
        .addColumn("updated_at", integer, (c) => c.notNull())
        .addColumn("removed_at", integer)
        .addUniqueConstraint("versions_normalized", ["package_id", "version_normalized"])
        .addForeignKeyConstraint("versions_package", ["package_id"], "packages", ["id"])
        .addForeignKeyConstraint("versions_dist", ["dist_id"], "dists", ["id"])
        .execute();

      await table("provided")
        .addColumn("organization_id", key, (c) => c.notNull())
        .addColumn("provided", name, (c) => c.notNull())
        .addColumn("package_id", key, (c) => c.notNull())
        .addPrimaryKeyConstraint("provided_key", ["organization_id", "provided", "package_id"])
        .addForeignKeyConstraint("provided_package", ["package_id"], "packages", ["id"])
        .execute();

      await table("documents")
        .addColumn("organization_id", key, (c) => c.notNull())
        .addColumn("name", name, (c) => c.notNull())
        .addColumn("last_modified", integer, (c) => c.notNull())
        .addColumn("hash", name, (c) => c.notNull())
        .addColumn("body", blob, (c) => c.notNull())
        .addPrimaryKeyConstraint("documents_key", ["organization_id", "name"])
        .addForeignKeyConstraint("documents_organization", ["organization_id"], "organizations", ["id"])
        .execute();

      await table("installs")
        .addColumn("organization_id", key, (c) => c.notNull())
        .addColumn("package_name", name, (c) => c.notNull())
        .addColumn("version_normalized", name, (c) => c.notNull())
        .addColumn("token_id", key, (c) => c.notNull())
        .addColumn("minute", integer, (c) => c.notNull())
        .addColumn("counted", integer, (c) => c.notNull())
        .addPrimaryKeyConstraint("installs_key", [
          "organization_id",
          "package_name",
          "version_normalized",
          "token_id",
          "minute",
        ])
        .execute();
      await db.schema.createIndex("installs_counted").on("installs").columns(["counted", "minute"]).execute();

      await table("downloads")
        .addColumn("organization_id", key, (c) => c.notNull())
        .addColumn("package_name", name, (c) => c.notNull())
        .addColumn("version_normalized", name, (c) => c.notNull())
        // Short, because MySQL's keys end at 3072 bytes.
        .addColumn("day", key, (c) => c.notNull())
        .addColumn("count", integer, (c) => c.notNull())
        .addPrimaryKeyConstraint("downloads_key", [
          "organization_id",
          "package_name",
          "version_normalized",
          "day",
        ])
        .execute();

      await table("activity")
        .addColumn("id", key, (c) => c.primaryKey())
        .addColumn("organization_id", key)
        .addColumn("actor", name, (c) => c.notNull())
        .addColumn("action", name, (c) => c.notNull())
        .addColumn("subject", text, (c) => c.notNull())
        .addColumn("details", text, (c) => c.notNull())
        .addColumn("created_at", integer, (c) => c.notNull())
        .execute();
      await db.schema
        .createIndex("activity_organization")
        .on("activity")
        .columns(["organization_id", "id"])
        .execute();

      await table("jobs")
        .addColumn("id", key, (c) => c.primaryKey())
        .addColumn("name", name, (c) => c.notNull())
        .addColumn("payload", text, (c) => c.notNull())
        .addColumn("key", name)
        .addColumn("waiting_key", name, (c) => c.unique())
        .addColumn("running_key", name, (c) => c.unique())
        .addColumn("state", name, (c) => c.notNull())
        .addColumn("priority", integer, (c) => c.notNull())
        .addColumn("run_at", integer, (c) => c.notNull())
        .addColumn("attempts", integer, (c) => c.notNull())
        .addColumn("worker_id", key)
        .addColumn("lease_until", integer)
        .addColumn("error", text)
        .addColumn("created_at", integer, (c) => c.notNull())
        .addColumn("started_at", integer)
        .addColumn("finished_at", integer)
        .execute();
      await db.schema
        .createIndex("jobs_claim")
        .on("jobs")
        .columns(["state", "priority", "run_at", "id"])
        .execute();

      await table("schedules")
        .addColumn("name", name, (c) => c.primaryKey())
        .addColumn("next_run_at", integer, (c) => c.notNull())
        .addColumn("last_run_at", integer)
        .execute();

      await table("workers")
        .addColumn("id", key, (c) => c.primaryKey())
        .addColumn("host", text, (c) => c.notNull())
        .addColumn("pid", integer, (c) => c.notNull())
        .addColumn("started_at", integer, (c) => c.notNull())
        .addColumn("seen_at", integer, (c) => c.notNull())
        .execute();

      await table("settings")
        .addColumn("name", name, (c) => c.primaryKey())
        .addColumn("value", text, (c) => c.notNull())
        .execute();
    },
  };
}
