// What the pages of a repository show of its webhook, gathered with a few statements.
import type { DeliveryLine, WebhookView } from "../../../../templates/repositories/webhook-view.ts";
import type { App } from "../../../app.ts";
import { countDeliveries, listDeliveries } from "../../../store/webhooks/deliveries.ts";
import type { Repository } from "../../../store/repositories/repositories.ts";
import { findWebhook, type Webhook } from "../../../store/webhooks/webhooks.ts";

export async function webhookViewOf(
  app: App,
  repository: Repository,
  { base, limit, offset = 0 }: { base: string; limit: number; offset?: number },
): Promise<{ view: WebhookView; webhook: Webhook | null }> {
  const [webhook, total, rows] = await Promise.all([
    findWebhook(app.db, repository.id),
    countDeliveries(app.db, repository.id),
    listDeliveries(app.db, repository.id, { limit, offset }),
  ]);
  const view: WebhookView = {
    state: webhook?.state ?? "none",
    error: webhook?.error ?? null,
    checkedAt: webhook?.checked_at ?? null,
    deliveries: rows.map((row) => lineOf(row, base)),
    total,
  };
  return { view, webhook };
}

type Row = Awaited<ReturnType<typeof listDeliveries>>[number];

function lineOf(row: Row, base: string): DeliveryLine {
  return {
    status: row.verdict === "refused" ? 401 : row.verdict === "accepted" ? 202 : 200,
    event: row.event,
    reason: row.reason,
    refs: (JSON.parse(row.refs) as string[]).map((ref) => ref.replace(/^refs\/(heads|tags)\//, "")),
    at: row.received_at,
    repeats: row.repeats,
    sync: row.verdict === "accepted" ? cameOf(row, base) : null,
  };
}

function cameOf(row: Row, base: string): DeliveryLine["sync"] {
  if (row.sync_id === null) return { href: null, text: "waiting to sync", kind: "waiting" };
  // Syncs that changed nothing are forgotten before deliveries are.
  if (row.sync_state === null) return { href: null, text: "no changes", kind: "success" };
  const href = `${base}/syncs/${row.sync_id}`;
  if (row.sync_state === "running") return { href, text: "syncing", kind: "running" };
  if (row.sync_state === "failed") return { href, text: "the sync failed", kind: "failed" };
  const parts = (["added", "updated", "removed"] as const).flatMap((what) =>
    row[what] ? `${row[what]} ${what}` : [],
  );
  return { href, text: parts.length > 0 ? parts.join(", ") : "no changes", kind: "success" };
}
