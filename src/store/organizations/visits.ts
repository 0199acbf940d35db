// Recently visited packages, for the palette.
import { upsert, type Db } from "../engine/database.ts";

/** Records a visit of the package, at most once a minute. */
export async function addVisit(
  db: Db,
  { userId, packageId, now }: { userId: string; packageId: string; now: number },
): Promise<void> {
  const known = await db.read
    .selectFrom("visits")
    .select("visited_at")
    .where("user_id", "=", userId)
    .where("package_id", "=", packageId)
    .executeTakeFirst();
  if (known && known.visited_at + 60_000 > now) return;
  const row = { user_id: userId, package_id: packageId, visited_at: now };
  await upsert(db, "visits", row, { key: ["user_id", "package_id"], update: ["visited_at"] });
}

/** Names of live packages of the organization, the one seen last first. */
export async function listVisitedPackages(
  db: Db,
  { userId, organizationId, limit }: { userId: string; organizationId: string; limit: number },
): Promise<string[]> {
  const rows = await db.read
    .selectFrom("visits")
    .innerJoin("packages", "packages.id", "visits.package_id")
    .select("packages.name")
    .where("visits.user_id", "=", userId)
    .where("packages.organization_id", "=", organizationId)
    .where("packages.removed_at", "is", null)
    .orderBy("visits.visited_at", "desc")
    .limit(limit)
    .execute();
  return rows.map(({ name }) => name);
}
