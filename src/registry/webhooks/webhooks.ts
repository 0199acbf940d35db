// Setting up, renewing and removing a repository's webhook. A job makes the requests to the forge.
import type { App } from "../../app.ts";
import { messageOf } from "../../errors.ts";
import { addActivity, type ActivityAction } from "../../store/organizations/activity.ts";
import type { Db } from "../../store/engine/database.ts";
import { findRepositoryById, type Repository } from "../../store/repositories/repositories.ts";
import {
  addWebhookRemovals,
  findWebhook,
  listWebhooks,
  putWebhook,
  removeWebhook as remove,
  updateWebhook,
  type Webhook,
  type WebhookRemoval,
} from "../../store/webhooks/webhooks.ts";
import { userAt } from "../forges/access.ts";
import { forgeOfRepository, type ForgeOfRepository } from "../forges/of-repository.ts";
import { openWebhookSecret, renewed } from "./secrets.ts";

/** `https://packages.acme.example/webhooks/github/<id>`. */
export function webhookUrl({ config }: App, { provider, id }: Pick<Repository, "provider" | "id">): string {
  return `${config.appUrl}/webhooks/${provider}/${id}`;
}

export type WebhookAction = Extract<
  ActivityAction,
  "webhook.set_up" | "webhook.rotated" | "webhook.repaired"
>;
type WebhookRequest = { repository: Repository; action: WebhookAction; actor: string };

/**
 * Sets up the webhook, or gives it a new secret; the old one stays valid for 24 hours.
 * Returns the secret when somebody must enter it at the forge, and null when a job registers it.
 */
export async function requestWebhook(app: App, request: WebhookRequest): Promise<string | null> {
  const row = await app.db.transaction((db) => putRenewed(app, db, request));
  if (request.action === "webhook.rotated")
    app.log.info("webhook.rotated", { repository: request.repository.name });
  if (row.state === "manual") return openWebhookSecret(app, row.repository_id, row.secret);
  await offerWebhook(app, row.repository_id);
  return null;
}

/** Belongs in a transaction; `offerWebhook` follows it. */
export async function putRenewed(
  app: App,
  db: Db,
  { repository, action, actor }: WebhookRequest,
): Promise<Webhook> {
  const { id, organization_id: organizationId, name } = repository;
  const isKept = (await forgeOfRepository(app, db, repository)) !== null;
  const known = await findWebhook(db, id);
  const now = app.now();
  // The forge does not know the waiting secret yet: another one would be the third that it may sign with.
  const secrets = known?.state === "waiting" ? known : renewed(app, id, known);
  const row: Webhook = {
    repository_id: id,
    organization_id: organizationId,
    state: isKept ? "waiting" : "manual",
    secret: secrets.secret,
    previous_secret: secrets.previous_secret,
    previous_until: secrets.previous_until,
    hook_id: isKept ? (known?.hook_id ?? null) : null,
    error: null,
    created_at: known?.created_at ?? now,
    checked_at: known?.checked_at ?? null,
    next_check_at: now,
    repaired_at: actor === "system" && action === "webhook.repaired" ? now : null,
  };
  await putWebhook(db, row);
  await addActivity(db, { organizationId, actor, now, action, subject: name });
  return row;
}

/** Queues the webhook's job. Best effort: the next check does the same. */
export async function offerWebhook(app: App, repositoryId: string): Promise<void> {
  await app.jobs
    .enqueue("ensure-webhook", { repositoryId }, { key: repositoryId, priority: 15 })
    .catch((error: unknown) => app.log.warn("webhook.not_offered", { reason: messageOf(error) }));
}

/** Queues a check whether the forge still has the webhook. */
export async function checkWebhook(app: App, { id }: Repository): Promise<void> {
  await updateWebhook(app.db, id, { next_check_at: app.now() });
  await offerWebhook(app, id);
}

/** Removes the webhook here at once and at the forge by a job; its deliveries stay visible. */
export async function removeWebhook(
  app: App,
  { repository, actor }: { repository: Repository; actor: string },
): Promise<void> {
  await app.db.transaction(async (db) => {
    const webhook = await findWebhook(db, repository.id);
    if (!webhook) return;
    await leaveForge(app, db, [webhook]);
    await remove(db, repository.id);
    const entry = { organizationId: repository.organization_id, actor, now: app.now() };
    await addActivity(db, { ...entry, action: "webhook.removed", subject: repository.name });
  });
  await offerRemovals(app);
}

/** Best effort: the timetable removes them within a minute anyway. */
async function offerRemovals(app: App): Promise<void> {
  await app.jobs
    .enqueue("remove-webhooks", {}, { key: "remove-webhooks" })
    .catch((error: unknown) => app.log.warn("webhook.not_offered", { reason: messageOf(error) }));
}

/** Schedules the removal of the webhooks at their forges. Belongs in the transaction that removes them here. */
export async function leaveForge(app: App, db: Db, webhooks: Webhook[]): Promise<void> {
  for (const webhook of webhooks) {
    const { hook_id: hookId } = webhook;
    const repository = hookId === null ? null : await findRepositoryById(db, webhook.repository_id);
    const forge = repository && (await forgeOfRepository(app, db, repository));
    const removal = forge && hookId !== null ? removalOf(app, forge, hookId) : null;
    if (removal) await addWebhookRemovals(db, [removal]);
  }
}

export async function leaveForges(app: App, db: Db, organizationId: string): Promise<void> {
  await leaveForge(app, db, await listWebhooks(db, organizationId));
}

/** Null when the token cannot be decrypted any more: the hook is then left behind. */
function removalOf(app: App, { credential, path }: ForgeOfRepository, hookId: string): WebhookRemoval | null {
  const id = Bun.randomUUIDv7();
  try {
    const token = app.secrets.open("credentials", credential.id, credential.secret);
    return {
      id,
      provider: credential.provider ?? "",
      origin: credential.origin ?? "",
      path,
      hook_id: hookId,
      username: userAt(credential),
      token: app.secrets.seal("webhooks", id, token),
      attempts: 0,
      next_try_at: app.now(),
    };
  } catch (error) {
    app.log.warn("webhook.left_behind", { path, reason: messageOf(error) });
    return null;
  }
}
