// How long it takes until a repository is polled again: briefly while people push, never
// longer than SYNC_INTERVAL.
import type { Db } from "../../store/engine/database.ts";
import { findLastDelivery } from "../../store/webhooks/deliveries.ts";
import { findWebhook } from "../../store/webhooks/webhooks.ts";

type Pace = {
  /** null: repositories are never polled. */
  intervalMs: number | null;
  /** The time since the last known change or push; null without one. */
  quietMs: number | null;
  /** Whether its webhook reports pushes, so that the usual interval is enough. */
  isTold: boolean;
};

export const shortestMs = 60_000;
const activeForMs = 3_600_000;
/** A repository without changes is polled after a twelfth of the time since the last one. */
const quietShare = 12;
/** The delay is shortened by up to a fifth, so that repositories added together are polled apart. */
const spread = 0.2;
const neverMs = 100 * 365 * 86_400_000;

/** `random` is from 0 to 1. Never more than the interval; never under a minute, unless the interval itself is. */
export function pollDelayMs({ intervalMs, quietMs, isTold }: Pace, random = Math.random()): number {
  if (intervalMs === null) return neverMs;
  const jittered = (ms: number) => ms * (1 - spread * random);
  if (intervalMs <= shortestMs) return Math.round(jittered(intervalMs));
  const eager = Math.max(shortestMs, intervalMs / 15) / (1 - spread);
  const calm = quietMs === null || isTold ? intervalMs : Math.max(eager, quietMs / quietShare);
  const wanted = quietMs !== null && quietMs < activeForMs && !isTold ? eager : calm;
  return Math.round(Math.max(shortestMs, jittered(Math.min(wanted, intervalMs))));
}

/** The delay for a repository without known recent changes. */
export function calmDelayMs(intervalMs: number | null): number {
  return pollDelayMs({ intervalMs, quietMs: null, isTold: false });
}

/** `activeAt` is the time of its last change that no webhook reported. */
export async function nextDelayMs(
  db: Db,
  { id, activeAt }: { id: string; activeAt: number | null },
  { intervalMs, now }: { intervalMs: number | null; now: number },
): Promise<number> {
  const webhook = await findWebhook(db, id);
  const isListened = webhook !== null && webhook.state !== "missing" && webhook.state !== "failed";
  const deliveredAt =
    webhook === null ? null : ((await findLastDelivery(db, id, "proven"))?.received_at ?? null);
  const latest = Math.max(activeAt ?? 0, deliveredAt ?? 0);
  return pollDelayMs({
    intervalMs,
    quietMs: latest === 0 ? null : Math.max(0, now - latest),
    // A change that it did not report, after its last delivery, means that the webhook is broken.
    isTold: isListened && deliveredAt !== null && deliveredAt >= (activeAt ?? 0),
  });
}
