import { upsert, type Db } from "./database.ts";
import type { Role } from "./schema.ts";

/** Adds the user to the organization, or changes the role. */
export async function setMember(
  db: Db,
  organizationId: string,
  { userId, role, now }: { userId: string; role: Role; now: number },
): Promise<void> {
  const row = { organization_id: organizationId, user_id: userId, role, created_at: now };
  await upsert(db, "members", row, { key: ["organization_id", "user_id"], update: ["role"] });
}
