// The secrets that forges sign deliveries with: made here, stored encrypted, and two at a time during a rotation.
import { randomBytes } from "node:crypto";
import type { App } from "../../app.ts";
import type { WebhookTarget, Webhook } from "../../store/webhooks/webhooks.ts";

const overlapMs = 24 * 3_600_000;

/** In the format of forges with signing tokens; the others accept any text. */
export function newWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}

export function sealWebhookSecret(app: App, repositoryId: string, secret: string): string {
  return app.secrets.seal("webhooks", repositoryId, secret);
}

export function openWebhookSecret(app: App, repositoryId: string, sealed: string): string {
  return app.secrets.open("webhooks", repositoryId, sealed);
}

/** The secrets that are valid now. */
export function secretsOf(app: App, target: WebhookTarget): string[] {
  const { id, secret, previous_secret: previous, previous_until: until } = target;
  const counts = previous !== null && until !== null && until > app.now();
  return [secret, ...(counts ? [previous] : [])].map((sealed) => openWebhookSecret(app, id, sealed));
}

type Secrets = Pick<Webhook, "secret" | "previous_secret" | "previous_until">;

/** A new secret; the old one stays valid for 24 hours. */
export function renewed(app: App, repositoryId: string, webhook: Secrets | null): Secrets {
  return {
    secret: sealWebhookSecret(app, repositoryId, newWebhookSecret()),
    previous_secret: webhook?.secret ?? null,
    previous_until: webhook ? app.now() + overlapMs : null,
  };
}

/** Goes back to the old secret. The new one stays valid for a while: the forge may have saved it before an error. */
export function withdrawn(app: App, { secret, previous_secret: previous }: Secrets): Partial<Secrets> {
  if (previous === null) return {};
  return { secret: previous, previous_secret: secret, previous_until: app.now() + overlapMs };
}

/** Keeps the old secret valid, because the forge could not be given the new one yet. */
export function stillCounting(app: App, { previous_secret: previous }: Secrets): Partial<Secrets> {
  return previous === null ? {} : { previous_until: app.now() + overlapMs };
}
