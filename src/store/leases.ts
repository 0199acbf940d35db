// What only one process may do at a time. A lease ends by itself, so that another process goes on when its holder dies.
import { insertNew, type Db } from "./engine/database.ts";

type Lease = { name: string; holder: string; now: number; forMs: number };

/** True for exactly one holder until the lease ends or is released. */
export async function claimLease(db: Db, { name, holder, now, forMs }: Lease): Promise<boolean> {
  const row = { name, holder, expires_at: now + forMs };
  if ((await insertNew(db, "leases", row, ["name"])) === 1) return true;
  const query = db.write.updateTable("leases").set(row).where("name", "=", name);
  const { numUpdatedRows } = await query
    .where((e) => e.or([e("expires_at", "<=", now), e("holder", "=", holder)]))
    .executeTakeFirst();
  return Number(numUpdatedRows) === 1;
}

export async function releaseLease(db: Db, { name, holder }: Pick<Lease, "name" | "holder">): Promise<void> {
  await db.write.deleteFrom("leases").where("name", "=", name).where("holder", "=", holder).execute();
}
