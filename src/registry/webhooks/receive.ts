// Receiving a delivery from a forge. It is in the database before it is acknowledged: the queue may lose its job, and
// the sync is still found here.
import type { App } from "../../app.ts";
import { messageOf } from "../../errors.ts";
import { isGitHostName, deliveryReaders } from "../../forges/deliveries.ts";
import type { Delivery, ReceivedDelivery } from "../../forges/forge.ts";
import {
  addDelivery,
  countRepeat,
  countWaitingDeliveries,
  trimRefused,
  type NewDelivery,
} from "../../store/webhooks/deliveries.ts";
import { findWebhookTarget, type WebhookTarget } from "../../store/webhooks/webhooks.ts";
import { enqueueSync, recordSyncRequest } from "../sync-requests.ts";
import { secretsOf } from "./secrets.ts";

/** `joined`: the waiting sync will see this push, too. `flooded`: refused as one of too many, without a trace. */
export type Receipt = "queued" | "joined" | "duplicate" | "ping" | "ignored" | "refused" | "flooded";

/**
 * The most deliveries of a repository that are stored while they wait for a sync; further ones are only acknowledged.
 */
export const waitingKept = 20;
/** The most refused deliveries that are stored: enough to see that a secret is wrong. */
export const refusedKept = 50;
/** A response waits no longer for the queue. */
const queuePatienceMs = 1000;

type ReceivedRequest = {
  /** The name in the address. */
  provider: string;
  repositoryId: string;
  received: ReceivedDelivery;
  /** The client's address, for the log. */
  address: string;
};

export type RefusalLimits = {
  /** Counts a delivery that is refused; false when it is one of too many. */
  admits(request: Pick<ReceivedRequest, "repositoryId" | "address">): boolean;
};

/** Throws only for an error of this server. */
export async function receiveDelivery(
  app: App,
  request: ReceivedRequest,
  refusals: RefusalLimits,
): Promise<Receipt> {
  const { provider, repositoryId, received } = request;
  const target = /^[0-9a-f-]{36}$/.test(repositoryId) ? await findWebhookTarget(app.db, repositoryId) : null;
  const isItsOwn = target?.provider === provider && isGitHostName(provider);
  const delivery = isItsOwn ? deliveryReaders[provider](received, secretsOf(app, target)) : null;
  if (target === null || delivery === null) {
    if (!refusals.admits(request)) return "flooded";
    await saveRefusal(app, request, target);
    return "refused";
  }
  const size = received.body.length;
  const receipt =
    delivery.effect === "sync"
      ? await savePush(app, { target, delivery, size })
      : await saveOther(app, { target, delivery, size });
  publishChange(app, target);
  app.log.info(events[receipt], { repository: target.name, kind: delivery.event, id: delivery.id });
  return receipt;
}

const events: Record<Exclude<Receipt, "refused" | "flooded">, string> = {
  queued: "webhook.accepted",
  joined: "sync.coalesced",
  duplicate: "webhook.duplicate",
  ping: "webhook.ping",
  ignored: "webhook.ignored",
};

type VerifiedDelivery = { target: WebhookTarget; delivery: Delivery; size: number };

async function savePush(app: App, verified: VerifiedDelivery): Promise<"queued" | "joined" | "duplicate"> {
  const { id } = verified.target;
  const { id: forgeId } = verified.delivery;
  if ((await countWaitingDeliveries(app.db, id, waitingKept)) === waitingKept) {
    const isKnown = forgeId !== null && (await countRepeat(app.db, id, forgeId));
    return isKnown ? "duplicate" : "joined";
  }
  const isNew = await app.db.transaction(async (db) => {
    const added = await addDelivery(db, rowOf(app, verified, "accepted"));
    if (added) await recordSyncRequest(app, db, id, { reason: "webhook" });
    return added !== null;
  });
  if (!isNew) return "duplicate";
  await offerToQueue(app, id);
  return "queued";
}

async function saveOther(app: App, verified: VerifiedDelivery): Promise<"ping" | "ignored" | "duplicate"> {
  const verdict = verified.delivery.effect === "ping" ? "ping" : "ignored";
  const added = await app.db.transaction((db) => addDelivery(db, rowOf(app, verified, verdict)));
  return added ? verdict : "duplicate";
}

/** Best effort: when the queue is away or slow, the sync is found in the database later. */
async function offerToQueue(app: App, repositoryId: string): Promise<void> {
  const queued = enqueueSync(app, { repositoryId, reason: "webhook" }).catch((error: unknown) => {
    app.log.error("webhook.queue_away", { repository: repositoryId, reason: messageOf(error) });
  });
  await Promise.race([queued, Bun.sleep(queuePatienceMs)]);
}

async function saveRefusal(
  app: App,
  { provider, repositoryId, received, address }: ReceivedRequest,
  target: WebhookTarget | null,
): Promise<void> {
  const reason = target === null ? null : whyRefused(target, provider);
  app.log.warn("webhook.bad_sig", { provider, repository: repositoryId, address, reason });
  if (target === null) return;
  const row: NewDelivery = {
    organization_id: target.organization_id,
    repository_id: target.id,
    // Otherwise a stranger could use up the id of a future delivery.
    forge_id: null,
    event: null,
    verdict: "refused",
    reason,
    refs: [],
    size_bytes: received.body.length,
    now: app.now(),
  };
  await app.db.transaction(async (db) => {
    await addDelivery(db, row);
    await trimRefused(db, target.id, refusedKept);
  });
  publishChange(app, target);
}

/** Updates open pages of the repository at once. */
function publishChange({ events }: App, { organization_id: organizationId, id }: WebhookTarget): void {
  events.publish({ organizationId, kind: "sync", id });
}

function whyRefused({ provider: own }: WebhookTarget, provider: string): string {
  if (!isGitHostName(provider))
    return `Sent to the address of an unknown Git host; this repository uses ${own}`;
  if (own !== provider) return `Sent to the address for ${provider}; this repository uses ${own}`;
  return "Signature did not match";
}

function rowOf(
  app: App,
  { target, delivery, size }: VerifiedDelivery,
  verdict: "accepted" | "ping" | "ignored",
): NewDelivery {
  return {
    organization_id: target.organization_id,
    repository_id: target.id,
    forge_id: delivery.id,
    event: delivery.event,
    verdict,
    reason: null,
    refs: delivery.refs,
    size_bytes: size,
    now: app.now(),
  };
}
