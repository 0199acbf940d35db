// Removing hooks at forges that belong to nothing here any more. One that cannot be removed in a day is left behind:
// its deliveries are refused, until the forge gives up.
import type { App } from "../../app.ts";
import { Failure, messageOf, textOf } from "../../errors.ts";
import type { WorkFailure } from "../../jobs/queue.ts";
import { redact } from "../../log.ts";
import type { ForgeName } from "../../forges/forge.ts";
import { isUnconfirmed } from "../../store/backup/results.ts";
import {
  dropWebhookRemoval,
  listWebhookRemovals,
  postponeWebhookRemoval,
  type WebhookRemoval,
} from "../../store/webhooks/webhooks.ts";

const maxAtOnce = 50;
/** Attempts 1, 2, 4 … minutes apart: about 17 hours in all. */
const maxAttempts = 10;

/** Returns the reason of the last hook that could not be removed. */
export async function removeWebhooks(app: App): Promise<WorkFailure | void> {
  if (await isUnconfirmed(app.db)) return;
  let reason: string | null = null;
  for (const removal of await listWebhookRemovals(app.db, app.now(), maxAtOnce))
    reason = (await removeOne(app, removal)) ?? reason;
  if (reason !== null) return { failed: reason };
}

/** Returns why it could not be removed; null when it was. */
async function removeOne(app: App, removal: WebhookRemoval): Promise<string | null> {
  const { id, provider, origin, path, hook_id: hookId, username, attempts } = removal;
  try {
    const token = app.secrets.open("webhooks", id, removal.token);
    const forge = app.forges.at(provider as ForgeName, origin);
    await forge.removeWebhook({ token, username, limits: null }, { path, id: hookId });
    await dropWebhookRemoval(app.db, id);
    return null;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const at = URL.parse(origin)?.host ?? origin;
    const reason = `The webhook of ${path} at ${at} was not removed: ${redact(textOf(error))}`;
    const mayPass = error.kind === "unavailable" || error.kind === "tooMany";
    if (mayPass && attempts + 1 < maxAttempts) {
      const next_try_at = app.now() + Math.max(60_000 * 2 ** attempts, (error.retryAfterSeconds ?? 0) * 1000);
      await postponeWebhookRemoval(app.db, id, { attempts: attempts + 1, next_try_at });
      return reason;
    }
    app.log.warn("webhook.left_behind", { origin, path, reason: messageOf(error) });
    await dropWebhookRemoval(app.db, id);
    return reason;
  }
}
