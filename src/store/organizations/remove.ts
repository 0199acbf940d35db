// Everything that an organization holds, table by table: those that refer to others come first.
import type { Db } from "../engine/database.ts";
import type { Schema } from "../schema.ts";

/** Its rows in `activity` and `former_slugs` stay. Belongs in a transaction. */
export async function removeOrganization(db: Db, id: string): Promise<void> {
  const repositories = db.read.selectFrom("repositories").select("id").where("organization_id", "=", id);
  const packages = db.read.selectFrom("packages").select("id").where("organization_id", "=", id);
  const syncs = db.read.selectFrom("syncs").select("id").where("organization_id", "=", id);
  await db.write.deleteFrom("sync_refs").where("sync_id", "in", syncs).execute();
  await db.write.deleteFrom("refs").where("repository_id", "in", repositories).execute();
  await db.write.deleteFrom("versions").where("package_id", "in", packages).execute();
  await db.write.deleteFrom("visits").where("package_id", "in", packages).execute();
  for (const table of owned)
    await db.write
      .deleteFrom(table as "vendors")
      .where("organization_id", "=", id)
      .execute();
  await db.write.deleteFrom("organizations").where("id", "=", id).execute();
}

const owned: (keyof Schema)[] = [
  "syncs",
  "freshness_incidents",
  "provided",
  "dependencies",
  "packages",
  "dists",
  "documents",
  "deliveries",
  "webhooks",
  "repositories",
  "credentials",
  "host_keys",
  "vendors",
  "tokens",
  "invitations",
  "members",
  "installs",
  "downloads",
  "package_downloads",
  "organization_downloads",
];
