import { holdsWord, type Db } from "../engine/database.ts";
import type { ActivityRow } from "../schema.ts";

export type ActivityEntry = ActivityRow;

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
  db.recorded();
}

export type ActivityFilter = {
  /** Beginnings of actions: `token` for `token.created`. */
  nouns?: readonly string[];
  actor?: string | null;
  /** All of them in what the entry is about, or in its details. */
  words?: readonly string[];
  /** From this instant on. */
  since?: number | null;
  /** Before this instant. */
  until?: number | null;
  /** The id of an entry: those that are older. */
  before?: string | null;
};

/** Newest first. */
export function listActivity(
  db: Db,
  organizationId: string,
  limit: number,
  { nouns = [], actor = null, words = [], since = null, until = null, before = null }: ActivityFilter = {},
): Promise<ActivityEntry[]> {
  let query = db.read.selectFrom("activity").selectAll().where("organization_id", "=", organizationId);
  if (nouns.length > 0)
    query = query.where((e) => e.or(nouns.map((noun) => e("action", "like", `${noun}.%`))));
  if (actor !== null) query = query.where("actor", "=", actor);
  for (const word of words)
    query = query.where((e) =>
      e.or([holdsWord("activity.subject", word), holdsWord("activity.details", word)]),
    );
  if (since !== null) query = query.where("created_at", ">=", since);
  if (until !== null) query = query.where("created_at", "<", until);
  if (before !== null) query = query.where("id", "<", before);
  return query.orderBy("id", "desc").limit(limit).execute();
}

/** Everybody and everything that ever acted in the organization. */
export async function listActors(db: Db, organizationId: string): Promise<string[]> {
  const rows = await db.read
    .selectFrom("activity")
    .select("actor")
    .distinct()
    .where("organization_id", "=", organizationId)
    .execute();
  return rows.map(({ actor }) => actor);
}

/** The person who acted; null for the command line, the system and tokens. */
export function userIdOf(actor: string): string | null {
  return actor.startsWith("user:") ? actor.slice("user:".length) : null;
}
