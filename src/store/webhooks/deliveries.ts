// Deliveries from forges. An accepted delivery without a sync waits for the next one.
import { sql } from "kysely";
import { insertNew, type Db } from "../engine/database.ts";
import type { DeliveryRow } from "../schema.ts";

export type ReceivedDelivery = DeliveryRow;
export type NewDelivery = Pick<
  DeliveryRow,
  "organization_id" | "repository_id" | "forge_id" | "event" | "verdict" | "reason" | "size_bytes"
> & { refs: string[]; now: number };

/** Returns null and counts the repetition when the repository has a delivery with that forge id already. */
export async function addDelivery(db: Db, delivery: NewDelivery): Promise<ReceivedDelivery | null> {
  const { refs, now, ...rest } = delivery;
  const id = Bun.randomUUIDv7();
  const row = { ...rest, id, refs: JSON.stringify(refs), received_at: now, repeats: 0, sync_id: null };
  if ((await insertNew(db, "deliveries", row, ["repository_id", "forge_id"])) === 1) return row;
  await countRepeat(db, rest.repository_id, rest.forge_id);
  return null;
}

/** Returns false without a delivery to repeat; nothing is then written. */
export async function countRepeat(db: Db, repositoryId: string, forgeId: string | null): Promise<boolean> {
  const known = db.read
    .selectFrom("deliveries")
    .select("id")
    .where("repository_id", "=", repositoryId)
    .where("forge_id", "=", forgeId);
  if (!(await known.executeTakeFirst())) return false;
  const { numUpdatedRows } = await db.write
    .updateTable("deliveries")
    .set({ repeats: sql`${sql.ref("repeats")} + 1` })
    .where("repository_id", "=", repositoryId)
    .where("forge_id", "=", forgeId)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Newest first, each with the state of its sync, if that still exists. */
export function listDeliveries(
  db: Db,
  repositoryId: string,
  { limit, offset = 0 }: { limit: number; offset?: number },
) {
  return db.read
    .selectFrom("deliveries")
    .leftJoin("syncs", "syncs.id", "deliveries.sync_id")
    .selectAll("deliveries")
    .select(["syncs.state as sync_state", "syncs.added", "syncs.updated", "syncs.removed"])
    .where("deliveries.repository_id", "=", repositoryId)
    .orderBy("deliveries.id", "desc")
    .limit(limit)
    .offset(offset)
    .execute();
}

export async function countDeliveries(db: Db, repositoryId: string): Promise<number> {
  const row = await db.read
    .selectFrom("deliveries")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("repository_id", "=", repositoryId)
    .executeTakeFirstOrThrow();
  return row.count;
}

/** The newest verified delivery, or the newest refused one; null when there was none in 30 days. */
export async function findLastDelivery(
  db: Db,
  repositoryId: string,
  which: "proven" | "refused",
): Promise<ReceivedDelivery | null> {
  const query = db.read.selectFrom("deliveries").selectAll().where("repository_id", "=", repositoryId);
  const wanted = query.where("verdict", which === "refused" ? "=" : "!=", "refused");
  return (await wanted.orderBy("id", "desc").limit(1).executeTakeFirst()) ?? null;
}

/** How many stored deliveries were refused after this one; after "", all. */
export async function countRefusedAfter(db: Db, repositoryId: string, id: string): Promise<number> {
  const row = await db.read
    .selectFrom("deliveries")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("repository_id", "=", repositoryId)
    .where("verdict", "=", "refused")
    .where("id", ">", id)
    .executeTakeFirstOrThrow();
  return row.count;
}

/** The newest verified delivery that names any of these refs (`refs/tags/…`). */
export async function findLastNaming(
  db: Db,
  repositoryId: string,
  refs: string[],
): Promise<ReceivedDelivery | null> {
  const query = db.read
    .selectFrom("deliveries")
    .selectAll()
    .where("repository_id", "=", repositoryId)
    .where("verdict", "!=", "refused")
    .where("refs", "!=", "[]");
  // "!" escapes on every engine; the list is JSON, so that quotes end a name.
  const names = (ref: string) => `%${JSON.stringify(ref).replace(/[!%_]/g, "!$&")}%`;
  const naming = query.where((e) =>
    e.or(refs.map((ref) => sql<boolean>`refs like ${names(ref)} escape '!'`)),
  );
  return (await naming.orderBy("id", "desc").limit(1).executeTakeFirst()) ?? null;
}

/** How many accepted deliveries still wait for their sync, at most `limit`. */
export async function countWaitingDeliveries(db: Db, repositoryId: string, limit: number): Promise<number> {
  const waiting = db.read
    .selectFrom("deliveries")
    .select("id")
    .where("repository_id", "=", repositoryId)
    .where("verdict", "=", "accepted")
    .where("sync_id", "is", null);
  return (await waiting.limit(limit).execute()).length;
}

/** Assigns waiting deliveries to this sync; returns how many. Belongs in the transaction that starts the sync. */
export async function claimDeliveries(
  db: Db,
  claim: { repositoryId: string; syncId: string },
): Promise<number> {
  const { numUpdatedRows } = await db.write
    .updateTable("deliveries")
    .set({ sync_id: claim.syncId })
    .where("repository_id", "=", claim.repositoryId)
    .where("verdict", "=", "accepted")
    .where("sync_id", "is", null)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** Removes all but the newest `keep` refused deliveries. */
export async function trimRefused(db: Db, repositoryId: string, limit: number): Promise<void> {
  const last = await db.read
    .selectFrom("deliveries")
    .select("id")
    .where("repository_id", "=", repositoryId)
    .where("verdict", "=", "refused")
    .orderBy("id", "desc")
    .offset(limit)
    .limit(1)
    .executeTakeFirst();
  if (!last) return;
  await db.write
    .deleteFrom("deliveries")
    .where("repository_id", "=", repositoryId)
    .where("verdict", "=", "refused")
    .where("id", "<=", last.id)
    .execute();
}

/** Removes old deliveries, unless their sync is still to come, and those that a repository has beyond `keep`. */
export async function pruneDeliveries(
  db: Db,
  { olderThan, keep: limit }: { olderThan: number; keep: number },
): Promise<void> {
  const settled = () =>
    db.write
      .deleteFrom("deliveries")
      .where((e) => e.or([e("sync_id", "is not", null), e("verdict", "!=", "accepted")]));
  await settled().where("received_at", "<", olderThan).execute();
  const many = await db.read
    .selectFrom("deliveries")
    .select("repository_id")
    .groupBy("repository_id")
    .having((e) => e.fn.countAll<number>(), ">", limit)
    .execute();
  for (const { repository_id } of many) {
    const query = db.read.selectFrom("deliveries").select("id").where("repository_id", "=", repository_id);
    const last = await query.orderBy("id", "desc").offset(limit).limit(1).executeTakeFirst();
    if (last) await settled().where("repository_id", "=", repository_id).where("id", "<=", last.id).execute();
  }
}
