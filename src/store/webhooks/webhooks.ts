// The webhook of each repository, and hooks at forges that must be removed.
import { upsert, type Db } from "../engine/database.ts";
import type { RepositoryRow, WebhookRemovalRow, WebhookRow, WebhookState } from "../schema.ts";

export type Webhook = WebhookRow;

export async function findWebhook(db: Db, repositoryId: string): Promise<Webhook | null> {
  const query = db.read.selectFrom("webhooks").selectAll().where("repository_id", "=", repositoryId);
  return (await query.executeTakeFirst()) ?? null;
}

export type WebhookTarget = Pick<
  RepositoryRow & WebhookRow,
  "id" | "organization_id" | "name" | "provider" | "secret" | "previous_secret" | "previous_until"
>;

/** What a delivery is checked against: the repository with its webhook's secrets; null without a webhook. */
export async function findWebhookTarget(db: Db, repositoryId: string): Promise<WebhookTarget | null> {
  const row = await db.read
    .selectFrom("webhooks")
    .innerJoin("repositories", "repositories.id", "webhooks.repository_id")
    .select(["repositories.id", "repositories.organization_id", "repositories.name", "repositories.provider"])
    .select(["webhooks.secret", "webhooks.previous_secret", "webhooks.previous_until"])
    .where("webhooks.repository_id", "=", repositoryId)
    .executeTakeFirst();
  return row ?? null;
}

/** Replaces the repository's webhook. The caller encrypts the secrets. */
export async function putWebhook(db: Db, row: WebhookRow): Promise<void> {
  const update = (Object.keys(row) as (keyof WebhookRow)[]).filter((column) => column !== "repository_id");
  await upsert(db, "webhooks", row, { key: ["repository_id"], update });
}

export async function updateWebhook(
  db: Db,
  repositoryId: string,
  change: Partial<WebhookRow>,
): Promise<void> {
  await db.write.updateTable("webhooks").set(change).where("repository_id", "=", repositoryId).execute();
}

export async function removeWebhook(db: Db, repositoryId: string): Promise<void> {
  await db.write.deleteFrom("webhooks").where("repository_id", "=", repositoryId).execute();
}

/** The webhooks of the organization's repositories. */
export async function listWebhookStates(db: Db, organizationId: string): Promise<Map<string, WebhookState>> {
  const rows = await db.read
    .selectFrom("webhooks")
    .select(["repository_id", "state"])
    .where("organization_id", "=", organizationId)
    .execute();
  return new Map(rows.map(({ repository_id, state }) => [repository_id, state]));
}

export function listWebhooks(db: Db, organizationId: string): Promise<Webhook[]> {
  return db.read
    .selectFrom("webhooks")
    .selectAll()
    .where("organization_id", "=", organizationId)
    .orderBy("repository_id")
    .execute();
}

/** Webhooks whose check is due. */
export function listDueWebhooks(db: Db, now: number, limit: number): Promise<Webhook[]> {
  return db.read
    .selectFrom("webhooks")
    .selectAll()
    .where("next_check_at", "<=", now)
    .where("state", "!=", "manual")
    .orderBy("next_check_at")
    .limit(limit)
    .execute();
}

export type WebhookRemoval = WebhookRemovalRow;

export async function addWebhookRemovals(db: Db, rows: WebhookRemovalRow[]): Promise<void> {
  if (rows.length > 0) await db.write.insertInto("webhook_removals").values(rows).execute();
}

export function listWebhookRemovals(db: Db, now: number, limit: number): Promise<WebhookRemoval[]> {
  return db.read
    .selectFrom("webhook_removals")
    .selectAll()
    .where("next_try_at", "<=", now)
    .orderBy("next_try_at")
    .limit(limit)
    .execute();
}

export async function postponeWebhookRemoval(
  db: Db,
  id: string,
  change: Pick<WebhookRemovalRow, "attempts" | "next_try_at">,
): Promise<void> {
  await db.write.updateTable("webhook_removals").set(change).where("id", "=", id).execute();
}

export async function dropWebhookRemoval(db: Db, id: string): Promise<void> {
  await db.write.deleteFrom("webhook_removals").where("id", "=", id).execute();
}
