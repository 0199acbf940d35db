// How long the pause is before a repository is asked again whether anything is new: short while people push, never
// longer than SYNC_INTERVAL.
import type { Db } from "../../store/engine/database.ts";
import { findLastDelivery } from "../../store/webhooks/deliveries.ts";
import { findWebhook } from "../../store/webhooks/webhooks.ts";

export type Pace = {
  /** null: never. */
  intervalMs: number | null;
  /** Since the last change or push that is known of; null when none is. */
  quietMs: number | null;
  /** Its webhook tells of pushes: then nobody has to look more often than always. */
  isTold: boolean;
};

export const shortestMs = 60_000;
const activeForMs = 3_600_000;
/** Quiet for so long, it is looked at after a twelfth of that. */
const quietShare = 12;
/** The pause is shorter than it could be by up to a fifth, so that those which began together come apart. */
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

/** Of a repository that nobody has pushed to lately, as far as is known. */
export function calmDelayMs(intervalMs: number | null): number {
  return pollDelayMs({ intervalMs, quietMs: null, isTold: false });
}

/** `activeAt` is when it changed last without having been told by its webhook. */
export async function nextDelayMs(
  db: Db,
  { id, activeAt }: { id: string; activeAt: number | null },
  { intervalMs, now }: { intervalMs: number | null; now: number },
): Promise<number> {
  const webhook = await findWebhook(db, id);
  const isListened = webhook !== null && webhook.state !== "missing" && webhook.state !== "failed";
  const toldAt = webhook === null ? null : ((await findLastDelivery(db, id, "proven"))?.received_at ?? null);
  const latest = Math.max(activeAt ?? 0, toldAt ?? 0);
  return pollDelayMs({
    intervalMs,
    quietMs: latest === 0 ? null : Math.max(0, now - latest),
    // A change that it did not tell of, after the last one that it did, says that it is broken.
    isTold: isListened && toldAt !== null && toldAt >= (activeAt ?? 0),
  });
}
