import { holdsWord, type Db } from "../engine/database.ts";
import type { ActivityRow } from "../schema.ts";

export type ActivityEntry = ActivityRow;

/** What is recorded of an organization. Each has its sentence on the activity page. */
export type OrganizationAction =
  | "organization.created"
  | "organization.adopted"
  | "organization.changed"
  | "organization.moved"
  | "organization.deleted"
  | "ownership.transferred"
  | "member.added"
  | "member.removed"
  | "member.left"
  | "member.role_changed"
  | "invitation.sent"
  | "invitation.resent"
  | "invitation.revoked"
  | "invitation.accepted"
  | "vendor.added"
  | "vendor.removed"
  | "token.created"
  | "token.revoked"
  | "credential.connected"
  | "credential.refused"
  | "credential.created"
  | "credential.replaced"
  | "credential.removed"
  | "ssh_key.created"
  | "ssh_key.removed"
  | "host_key.forgotten"
  | "repository.added"
  | "repository.removed"
  | "repository.renamed"
  | "repository.followed"
  | "repository.credential_changed"
  | "repository.sync_asked"
  | "repository.sync_cancelled"
  | "repository.sync_failed"
  | "repository.synced"
  | "repository.removals_confirmed"
  | "webhook.set_up"
  | "webhook.rotated"
  | "webhook.repaired"
  | "webhook.removed"
  | "webhook.failed"
  | "freshness.lost"
  | "freshness.recovered"
  | "tag.moved"
  | "package.deleted"
  | "package.brought_back"
  | "version.deleted"
  | "version.brought_back";

/** What is recorded of a person's account, or of the whole instance. No page shows it. */
export type InstanceAction =
  | "instance.set_up"
  | "key.replaced"
  | "queue.waits_long"
  | "queue.recovered"
  | "job.retried"
  | "job.all_retried"
  | "job.forgotten"
  | "job.all_forgotten"
  | "job.paused"
  | "job.resumed"
  | "user.created"
  | "user.signed_up"
  | "user.renamed"
  | "user.deleted"
  | "email.verified"
  | "email.changed"
  | "email.change_asked"
  | "email.change_undone"
  | "password.changed"
  | "password.reset"
  | "password.reset_asked"
  | "session.started"
  | "session.ended"
  | "session.others_ended"
  | "identity.connected"
  | "identity.disconnected"
  | "passkey.added"
  | "passkey.removed"
  | "two_factor.app_added"
  | "two_factor.app_removed"
  | "two_factor.codes_renewed"
  | "two_factor.recovery_used"
  | "two_factor.disabled";

export type ActivityAction = OrganizationAction | InstanceAction;

export type Activity = {
  /** `cli`, `system`, `user:<id>` or `token:<id>`. */
  actor: string;
  subject: string;
  details?: Record<string, string | number | boolean | null>;
  now: number;
} & (
  | { organizationId: string; action: OrganizationAction }
  | { organizationId: null; action: InstanceAction }
  // A token belongs to an organization or to a person.
  | { organizationId: string | null; action: "token.created" | "token.revoked" }
);

/** Belongs in the transaction of the change that it records. */
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
  /** The nouns of actions: `token` for `token.created`. */
  nouns?: readonly string[];
  actor?: string | null;
  /** Search terms: each must be in the subject or the details. */
  terms?: readonly string[];
  /** From this instant on. */
  since?: number | null;
  /** Before this instant. */
  until?: number | null;
  /** The id of an entry: only older ones are listed. */
  before?: string | null;
};

/** Newest first. */
export function listActivity(
  db: Db,
  organizationId: string,
  limit: number,
  { nouns = [], actor = null, terms = [], since = null, until = null, before = null }: ActivityFilter = {},
): Promise<ActivityEntry[]> {
  let query = db.read.selectFrom("activity").selectAll().where("organization_id", "=", organizationId);
  if (nouns.length > 0)
    query = query.where((e) => e.or(nouns.map((noun) => e("action", "like", `${noun}.%`))));
  if (actor !== null) query = query.where("actor", "=", actor);
  for (const word of terms)
    query = query.where((e) =>
      e.or([holdsWord("activity.subject", word), holdsWord("activity.details", word)]),
    );
  if (since !== null) query = query.where("created_at", ">=", since);
  if (until !== null) query = query.where("created_at", "<", until);
  if (before !== null) query = query.where("id", "<", before);
  return query.orderBy("id", "desc").limit(limit).execute();
}

/** All actors in the organization's activity. */
export async function listActors(db: Db, organizationId: string): Promise<string[]> {
  const rows = await db.read
    .selectFrom("activity")
    .select("actor")
    .distinct()
    .where("organization_id", "=", organizationId)
    .execute();
  return rows.map(({ actor }) => actor);
}

/** The actor of what a person does. */
export function actorOf(userId: string): string {
  return `user:${userId}`;
}

/** The user id of an actor; null for the command line, the system and tokens. */
export function userIdOf(actor: string): string | null {
  return actor.startsWith("user:") ? actor.slice("user:".length) : null;
}
