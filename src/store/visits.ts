// The packages that somebody looked at last.
import { upsert, type Db } from "./database.ts";

/** Remembers it at most once a minute. */
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
  if (known && Number(known.visited_at) + 60_000 > now) return;
  const row = { user_id: userId, package_id: packageId, visited_at: now };
  await upsert(db, "visits", row, { key: ["user_id", "package_id"], update: ["visited_at"] });
}

/** The live packages of an organization that somebody looked at, the last one first. */
export async function listVisited(
  db: Db,
  organizationId: string,
  { userId, limit }: { userId: string; limit: number },
): Promise<{ name: string; latest: string | null; visitedAt: number }[]> {
  const rows = await db.read
    .selectFrom("visits")
    .innerJoin("packages", "packages.id", "visits.package_id")
    .select(["packages.name", "packages.latest", "visits.visited_at"])
    .where("visits.user_id", "=", userId)
    .where("packages.organization_id", "=", organizationId)
    .where("packages.removed_at", "is", null)
    .orderBy("visits.visited_at", "desc")
    .limit(limit)
    .execute();
  return rows.map((row) => ({ name: row.name, latest: row.latest, visitedAt: Number(row.visited_at) }));
}
