// What the pages of a repository show of its webhook.

export type WebhookStatus = "none" | "waiting" | "active" | "missing" | "failed" | "manual";

export type DeliveryLine = {
  /** What was answered. */
  status: 200 | 202 | 401;
  event: string | null;
  /** Why it was refused. */
  reason: string | null;
  /** `main`, `v1.1.0`. */
  refs: string[];
  at: number;
  repeats: number;
  /** The result of a delivery that started a sync. */
  sync: { href: string | null; text: string; kind: "success" | "running" | "waiting" | "failed" } | null;
};

export type WebhookView = {
  state: WebhookStatus;
  error: string | null;
  checkedAt: number | null;
  /** The newest ones. */
  deliveries: DeliveryLine[];
  total: number;
};
