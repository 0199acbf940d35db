import type { Db } from "./database.ts";

export type Activity = {
  organizationId: string | null;
  /** `cli`, `system`, `user:<id>` or `token:<id>`. */
  actor: string;
  /** `noun.verb`: `token.created`, `tag.moved`. */
  action: string;
  subject: string;
  details?: Record<string, string | number | boolean | null>;
  now: number;
};

/** Belongs in the transaction of the act it tells of. */
export async function addActivity(db: Db, ...activities: Activity[]): Promise<void> {
  if (activities.length === 0) return;
  const rows = activities.map((each) => ({
    id: Bun.randomUUIDv7(),
    organization_id: each.organizationId,
    actor: each.actor,
    action: each.action,
    subject: each.subject,
    details: JSON.stringify(each.details ?? {}),
    created_at: each.now,
  }));
  await db.write.insertInto("activity").values(rows).execute();
}

/** Newest first. */
export function listActivity(db: Db, organizationId: string, limit: number) {
  return db.read
    .selectFrom("activity")
    .selectAll()
    .where("organization_id", "=", organizationId)
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
}

/** The person who acted; null for the command line, the system and tokens. */
export function userIdOf(actor: string): string | null {
  return actor.startsWith("user:") ? actor.slice("user:".length) : null;
}
