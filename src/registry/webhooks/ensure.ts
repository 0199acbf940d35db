// Compares the webhook at the forge with the one that should be there: it is registered, checked every hour, and put
// back once when it is gone. A forge that cannot be asked changes nothing.
import type { App } from "../../app.ts";
import { Failure, invalid, messageOf, textOf } from "../../errors.ts";
import type { WorkFailure } from "../../jobs/queue.ts";
import { redact } from "../../log.ts";
import type { ForgeWebhook } from "../../forges/forge.ts";
import { isUnconfirmed } from "../../store/backup/results.ts";
import { addActivity } from "../../store/organizations/activity.ts";
import { findRepositoryById, type Repository } from "../../store/repositories/repositories.ts";
import type { WebhookRow } from "../../store/schema.ts";
import { findWebhook, listDueWebhooks, updateWebhook, type Webhook } from "../../store/webhooks/webhooks.ts";
import { askForge } from "../forges/access.ts";
import { forgeOfRepository, type ForgeOfRepository } from "../forges/of-repository.ts";
import { openWebhookSecret, withdrawn, stillCounting } from "./secrets.ts";
import { offerWebhook, putRenewed, webhookUrl } from "./webhooks.ts";

const hour = 3_600_000;
const checkEveryMs = hour;
/** The pause after a refusal that only a person can fix. */
const refusedPauseMs = 6 * hour;
/** The pause after a forge was away. */
const awayPauseMs = 5 * 60_000;
const maxAtOnce = 200;

/** Queues every webhook that is due, spread over the hour. */
export async function checkWebhooks(app: App): Promise<void> {
  if (await isUnconfirmed(app.db)) return;
  for (const { repository_id: id } of await listDueWebhooks(app.db, app.now(), maxAtOnce)) {
    await updateWebhook(app.db, id, { next_check_at: app.now() + spread(checkEveryMs) });
    await offerWebhook(app, id);
  }
}

type WebhookAtForge = ForgeOfRepository & { app: App; repository: Repository; webhook: Webhook };

/** Registers a waiting webhook, or checks one that is registered. A failure is saved with the webhook and returned. */
export async function ensureWebhook(
  app: App,
  { repositoryId }: { repositoryId: string },
): Promise<WorkFailure | void> {
  if (await isUnconfirmed(app.db)) return;
  const repository = await findRepositoryById(app.db, repositoryId);
  const webhook = repository && (await findWebhook(app.db, repositoryId));
  if (!repository || !webhook || webhook.state === "manual") return;
  const forge = await forgeOfRepository(app, app.db, repository);
  if (!forge) return fail({ app, repository, webhook }, noAccount(repository));
  const context = { ...forge, app, repository, webhook };
  try {
    if (webhook.state === "waiting" || webhook.hook_id === null) await register(context);
    else return await checkWebhookAtForge(context, webhook.hook_id);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return await fail(context, error);
  }
}

async function register(context: WebhookAtForge): Promise<void> {
  const { app, repository, webhook, credential, path } = context;
  const url = webhookUrl(app, repository);
  mustBeReachable(url, credential.origin ?? "");
  const secret = openWebhookSecret(app, repository.id, webhook.secret);
  const id = await askForge(app, credential, (forge, access) =>
    forge.registerWebhook(access, { path, url, secret }),
  );
  const former = webhook.hook_id;
  if (former !== null && former !== id) await dropFormer(context, former);
  await saveState(context, { state: "active", hook_id: id, error: null, checked_at: app.now() });
  app.log.info("webhook.registered", { repository: repository.name });
}

/** Removes the hook of a former address of this registry. */
async function dropFormer({ app, repository, credential, path }: WebhookAtForge, id: string): Promise<void> {
  await askForge(app, credential, (forge, access) => forge.removeWebhook(access, { path, id })).catch(
    (error: unknown) =>
      app.log.info("webhook.left_behind", { repository: repository.name, reason: messageOf(error) }),
  );
}

async function checkWebhookAtForge(context: WebhookAtForge, id: string): Promise<WorkFailure | void> {
  const { app, repository, webhook, credential, path } = context;
  const found = await askForge(app, credential, (forge, access) => forge.findWebhook(access, { path, id }));
  const problem = problemWith(found, { url: webhookUrl(app, repository), origin: credential.origin ?? "" });
  if (problem === null) return saveState(context, { state: "active", error: null, checked_at: app.now() });
  app.log.warn("webhook.missing", { repository: repository.name, reason: problem });
  if (webhook.repaired_at !== null) {
    await saveState(context, { state: "missing", error: problem, checked_at: app.now() });
    return { failed: problem };
  }
  const request = { repository, action: "webhook.repaired", actor: "system" } as const;
  const renewed = await app.db.transaction((db) => putRenewed(app, db, request));
  try {
    await register({ ...context, webhook: renewed });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return await fail({ ...context, webhook: renewed }, error);
  }
}

function problemWith(found: ForgeWebhook | null, { url, origin }: { url: string; origin: string }) {
  const host = new URL(origin).host;
  if (found === null) return `It was deleted at ${host}.`;
  if (found.url !== url) return `At ${host} it points to another address.`;
  return found.isActive ? null : `It was turned off at ${host}.`;
}

/**
 * Saves a failure that a person must fix; a passing one is tried again. A hook that the forge has stays valid.
 */
async function fail(
  context: Pick<WebhookAtForge, "app" | "repository" | "webhook">,
  failure: Failure,
): Promise<WorkFailure> {
  const { app, repository, webhook } = context;
  const error = textOf(failure);
  const answer = { failed: redact(error) };
  app.log.warn("webhook.failed", { repository: repository.name, code: failure.code, reason: error });
  const isWaiting = webhook.state === "waiting";
  if (passing.has(failure.code)) {
    const pause = Math.max(awayPauseMs, (failure.retryAfterSeconds ?? 0) * 1000);
    await saveState(context, {
      error,
      next_check_at: app.now() + spread(pause),
      ...(isWaiting ? stillCounting(app, webhook) : {}),
    });
    return answer;
  }
  await saveState(context, {
    state: "failed",
    error,
    next_check_at: app.now() + spread(refusedPauseMs),
    ...(isWaiting && webhook.hook_id !== null ? withdrawn(app, webhook) : {}),
  });
  if (webhook.error === error) return answer;
  const { organization_id: organizationId, name: subject } = repository;
  const entry = { organizationId, actor: "system", subject, now: app.now() };
  await app.db.transaction((db) =>
    addActivity(db, { ...entry, action: "webhook.failed", details: { error: error.slice(0, 500) } }),
  );
  return answer;
}

const passing = new Set(["forge_unavailable", "forge_rate_limited"]);

/** Writes nothing when another secret was requested meanwhile: that one has its own job. */
async function saveState(
  { app, repository, webhook }: Pick<WebhookAtForge, "app" | "repository" | "webhook">,
  change: Partial<WebhookRow>,
): Promise<void> {
  await app.db.transaction(async (db) => {
    const now = await findWebhook(db, repository.id);
    if (now?.secret !== webhook.secret) return;
    await updateWebhook(db, repository.id, {
      next_check_at: app.now() + spread(checkEveryMs),
      ...change,
    });
  });
  app.events.publish({ organizationId: repository.organization_id, kind: "sync", id: repository.id });
}

function mustBeReachable(url: string, origin: string): void {
  const isHere = (text: string) => /^(localhost|127\..*|\[::1\])$/.test(new URL(text).hostname);
  if (!isHere(url) || isHere(origin)) return;
  throw invalid(`${new URL(origin).host} cannot reach ${new URL(url).origin}.`, {
    code: "webhook_unreachable",
    advice: "Set APP_URL to an address that it can reach, then repair the webhook.",
  });
}

function noAccount({ provider }: Repository): Failure {
  return invalid("No account at its Git host is connected any more.", {
    code: "webhook_no_account",
    advice: `Connect a ${provider} account under Settings → Credentials, then repair the webhook.`,
  });
}

function spread(ms: number): number {
  return Math.round(ms * (0.8 + Math.random() * 0.4));
}
