// A push as a forge tells it. Whatever is acknowledged is in the database before: the queue may lose its job, the sync
// is found here again.
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

/** `joined`: the sync that waits will see it too. `flooded`: refused as one of too many, without a trace. */
export type Receipt = "queued" | "joined" | "duplicate" | "ping" | "ignored" | "refused" | "flooded";

/** So many of a repository are kept while they wait for their sync; further ones are answered and not kept. */
export const waitingKept = 20;
/** Of what nobody has proven, so much is kept: enough to see that a secret is wrong. */
export const refusedKept = 50;
/** An answer does not wait longer for the queue. */
const queuePatienceMs = 1000;

export type Arrived = {
  /** As in the address. */
  provider: string;
  repositoryId: string;
  received: ReceivedDelivery;
  /** For the log. */
  address: string;
};

export type RefusalLimits = {
  /** Counts a delivery that is refused; false when it is one of too many. */
  admits(arrived: Pick<Arrived, "repositoryId" | "address">): boolean;
};

/** Throws only for a fault of ours. */
export async function receiveDelivery(app: App, arrived: Arrived, refusals: RefusalLimits): Promise<Receipt> {
  const { provider, repositoryId, received } = arrived;
  const listened = /^[0-9a-f-]{36}$/.test(repositoryId)
    ? await findWebhookTarget(app.db, repositoryId)
    : null;
  const isItsOwn = listened?.provider === provider && isGitHostName(provider);
  const delivery = isItsOwn ? deliveryReaders[provider](received, secretsOf(app, listened)) : null;
  if (listened === null || delivery === null) {
    if (!refusals.admits(arrived)) return "flooded";
    await keepRefusal(app, arrived, listened);
    return "refused";
  }
  const size = received.body.length;
  const receipt =
    delivery.effect === "sync"
      ? await keepPush(app, { listened, delivery, size })
      : await keepOther(app, { listened, delivery, size });
  tell(app, listened);
  app.log.info(events[receipt], { repository: listened.name, kind: delivery.event, id: delivery.id });
  return receipt;
}

const events: Record<Exclude<Receipt, "refused" | "flooded">, string> = {
  queued: "webhook.accepted",
  joined: "sync.coalesced",
  duplicate: "webhook.duplicate",
  ping: "webhook.ping",
  ignored: "webhook.ignored",
};

type Proven = { listened: WebhookTarget; delivery: Delivery; size: number };

async function keepPush(app: App, proven: Proven): Promise<"queued" | "joined" | "duplicate"> {
  const { id } = proven.listened;
  const { id: forgeId } = proven.delivery;
  if ((await countWaitingDeliveries(app.db, id, waitingKept)) === waitingKept) {
    const isKnown = forgeId !== null && (await countRepeat(app.db, id, forgeId));
    return isKnown ? "duplicate" : "joined";
  }
  const isNew = await app.db.transaction(async (db) => {
    const added = await addDelivery(db, rowOf(app, proven, "accepted"));
    if (added) await recordSyncRequest(app, db, id, { reason: "webhook" });
    return added !== null;
  });
  if (!isNew) return "duplicate";
  await offerToQueue(app, id);
  return "queued";
}

async function keepOther(app: App, proven: Proven): Promise<"ping" | "ignored" | "duplicate"> {
  const verdict = proven.delivery.effect === "ping" ? "ping" : "ignored";
  const added = await app.db.transaction((db) => addDelivery(db, rowOf(app, proven, verdict)));
  return added ? verdict : "duplicate";
}

/** A queue that is away, or slow, keeps nobody waiting: what it must do is found in the database when it is back. */
async function offerToQueue(app: App, repositoryId: string): Promise<void> {
  const queued = enqueueSync(app, { repositoryId, reason: "webhook" }).catch((error: unknown) => {
    app.log.error("webhook.queue_away", { repository: repositoryId, reason: messageOf(error) });
  });
  await Promise.race([queued, Bun.sleep(queuePatienceMs)]);
}

async function keepRefusal(
  app: App,
  { provider, repositoryId, received, address }: Arrived,
  listened: WebhookTarget | null,
): Promise<void> {
  const reason = listened === null ? null : whyRefused(listened, provider);
  app.log.warn("webhook.bad_sig", { provider, repository: repositoryId, address, reason });
  if (listened === null) return;
  const row: NewDelivery = {
    organization_id: listened.organization_id,
    repository_id: listened.id,
    // Else a stranger could take the id of a delivery that is still to come.
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
    await trimRefused(db, listened.id, refusedKept);
  });
  tell(app, listened);
}

/** Whoever looks at the page of the repository sees it at once. */
function tell({ events }: App, { organization_id: organizationId, id }: WebhookTarget): void {
  events.publish({ organizationId, kind: "sync", id });
}

function whyRefused({ provider: own }: WebhookTarget, provider: string): string {
  if (!isGitHostName(provider)) return `Sent to an address of no forge, and this repository is of ${own}`;
  if (own !== provider) return `Sent to the address for ${provider}, and this repository is of ${own}`;
  return "Signature did not match";
}

function rowOf(
  app: App,
  { listened, delivery, size }: Proven,
  verdict: "accepted" | "ping" | "ignored",
): NewDelivery {
  return {
    organization_id: listened.organization_id,
    repository_id: listened.id,
    forge_id: delivery.id,
    event: delivery.event,
    verdict,
    reason: null,
    refs: delivery.refs,
    size_bytes: size,
    now: app.now(),
  };
}
