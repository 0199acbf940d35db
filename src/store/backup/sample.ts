// Packages that a rehearsal installs: one of each of some organizations.
import type { Db } from "../engine/database.ts";

export type SamplePackage = { organizationId: string; name: string; body: Uint8Array };

/** Those with a stable version, each with its document. */
export async function listSamplePackages(db: Db, organizations: number): Promise<SamplePackage[]> {
  const found: SamplePackage[] = [];
  const owners = await db.read.selectFrom("organizations").select("id").orderBy("id").execute();
  for (const { id } of owners) {
    if (found.length === organizations) break;
    const row = await db.read
      .selectFrom("documents")
      .innerJoin("packages", (join) =>
        join
          .onRef("packages.organization_id", "=", "documents.organization_id")
          .onRef("packages.name", "=", "documents.name"),
      )
      .innerJoin("versions", "versions.package_id", "packages.id")
      .select(["documents.name", "documents.body"])
      .where("documents.organization_id", "=", id)
      .where("versions.stability", "!=", "dev")
      .where("versions.removed_at", "is", null)
      .where("versions.dist_id", "is not", null)
      .limit(1)
      .executeTakeFirst();
    if (row) found.push({ organizationId: id, ...row });
  }
  return found;
}
