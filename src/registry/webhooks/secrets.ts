// What forges sign deliveries with: made here, sealed at rest, two at a time while one takes over from the other.
import { randomBytes } from "node:crypto";
import type { App } from "../../app.ts";
import type { WebhookTarget, Webhook } from "../../store/webhooks/webhooks.ts";

const overlapMs = 24 * 3_600_000;

/** In the form that a forge with signing tokens wants; to the others it is any text. */
export function newWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}

export function sealWebhookSecret(app: App, repositoryId: string, secret: string): string {
  return app.secrets.seal("webhooks", repositoryId, secret);
}

export function openWebhookSecret(app: App, repositoryId: string, sealed: string): string {
  return app.secrets.open("webhooks", repositoryId, sealed);
}

/** Those that prove a delivery now. */
export function secretsOf(app: App, listened: WebhookTarget): string[] {
  const { id, secret, previous_secret: previous, previous_until: until } = listened;
  const counts = previous !== null && until !== null && Number(until) > app.now();
  return [secret, ...(counts ? [previous] : [])].map((sealed) => openWebhookSecret(app, id, sealed));
}

type Secrets = Pick<Webhook, "secret" | "previous_secret" | "previous_until">;

/** A new one; what was signed with the old one counts for another 24 hours. */
export function renewed(app: App, repositoryId: string, webhook: Secrets | null): Secrets {
  return {
    secret: sealWebhookSecret(app, repositoryId, newWebhookSecret()),
    previous_secret: webhook?.secret ?? null,
    previous_until: webhook ? app.now() + overlapMs : null,
  };
}

/** The old one holds again, and the new one with it for a while: the forge may have taken it and not have said so. */
export function withdrawn(app: App, { secret, previous_secret: previous }: Secrets): Partial<Secrets> {
  if (previous === null) return {};
  return { secret: previous, previous_secret: secret, previous_until: app.now() + overlapMs };
}

/** The forge could not be told of the new one yet, so the old one goes on counting. */
export function stillCounting(app: App, { previous_secret: previous }: Secrets): Partial<Secrets> {
  return previous === null ? {} : { previous_until: app.now() + overlapMs };
}
