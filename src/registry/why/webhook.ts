// What the webhook did for a version. It stops nothing: what it does not tell, polling finds. Where that has found the
// version already, a webhook that is broken is said to be so and was not needed.
import { durationWords } from "../../duration.ts";
import { findLastDelivery, findLastNaming, type ReceivedDelivery } from "../../store/deliveries.ts";
import type { WebhookState } from "../../store/schema.ts";
import { findWebhook, type Webhook } from "../../store/webhooks.ts";
import {
  failed,
  notNeeded,
  notReached,
  ok,
  syncCommand,
  timeText,
  waiting,
  type Context,
  type Found,
} from "./step.ts";

/** Of the repository: `proven` and `refused` are the last ones, `naming` the last push of this very ref. */
export type Told = {
  webhook: Webhook | null;
  proven: ReceivedDelivery | null;
  refused: ReceivedDelivery | null;
  naming: ReceivedDelivery | null;
};

export async function webhookOf({ app, repository, version, ref }: Context): Promise<Told> {
  const nothing: Told = { webhook: null, proven: null, refused: null, naming: null };
  const webhook = repository && (await findWebhook(app.db, repository.id));
  if (!repository || !webhook) return nothing;
  const [proven, refused, naming] = await Promise.all([
    findLastDelivery(app.db, repository.id, "proven"),
    findLastDelivery(app.db, repository.id, "refused"),
    version === null ? null : findLastNaming(app.db, repository.id, refNames(version, ref)),
  ]);
  return { webhook, proven, refused, naming };
}

/** How a delivery would name it, before a sync has seen it too. */
function refNames(version: string, ref: Context["ref"]): string[] {
  if (ref) return [`refs/${ref.kind === "tag" ? "tags" : "heads"}/${ref.name}`];
  const plain = version.replace(/^v(?=\d)/, "");
  const branch = version.replace(/^dev-/, "").replace(/\.x-dev$/, "");
  return [
    ...new Set([version, plain, `v${plain}`].map((name) => `refs/tags/${name}`)),
    ...new Set([version, branch].map((name) => `refs/heads/${name}`)),
  ];
}

export function lookAtWebhook(context: Context, { webhook }: Told): Found {
  if (!webhook) return withoutWebhook(context);
  const { state, error, checked_at: checkedAt } = webhook;
  const checked = checkedAt === null ? "" : ` The forge was asked at ${timeText(checkedAt)}.`;
  if (state === "active") return ok(`The forge has it.${checked}`);
  if (state === "manual") return ok("It was entered at the forge by hand.");
  if (state === "waiting") return waiting("It is to be registered at the forge.", pageOf(context), "webhook");
  const detail = `${broken[state]}${error === null ? "" : `: ${error}`}`;
  return isSeen(context)
    ? notNeeded(`${stopped(detail)} Polling found the ref all the same.`)
    : failed(stopped(detail), `Repair it at ${pageOf(context)}`, "webhook");
}

const broken: Record<Exclude<WebhookState, "active" | "manual" | "waiting">, string> = {
  missing: "The forge has it no longer",
  failed: "The forge refuses it",
};

export function lookAtDelivery(context: Context, told: Told): Found {
  const { webhook, proven, refused, naming } = told;
  if (!webhook) return notNeeded("None is expected: there is no webhook.");
  if (naming) return ok(`The push came at ${timeText(naming.received_at)}.`);
  if (context.version === null && proven) return ok(`The last one came at ${timeText(proven.received_at)}.`);
  const isRefused = refused !== null && refused.received_at > (proven?.received_at ?? 0);
  if (isRefused && !isSeen(context))
    return ok(`One came at ${timeText(refused.received_at)}, and it was refused.`);
  const last = proven
    ? `The last one came at ${timeText(proven.received_at)} and did not name it.`
    : "None has come in the last 30 days.";
  if (isSeen(context)) return notNeeded(`${last} Polling found the ref.`);
  return waiting(
    `${last} ${byPolling(context)}`,
    `Look at the deliveries that the forge lists, or do not wait: ${syncCommand(context)}`,
    "sync",
  );
}

export function lookAtSignature(context: Context, { webhook, proven, refused }: Told): Found {
  if (!webhook) return notNeeded("None is expected: there is no webhook.");
  if (refused !== null && refused.received_at > (proven?.received_at ?? 0)) {
    const detail = `The last delivery, at ${timeText(refused.received_at)}, was refused: ${refused.reason ?? "it was not proven"}.`;
    return isSeen(context)
      ? notNeeded(`${detail} Polling found the ref all the same.`)
      : failed(detail, `Give the forge the secret anew at ${pageOf(context)}`, "webhook");
  }
  return proven ? ok("The last delivery was signed right.") : notNeeded("No delivery has come to look at.");
}

function withoutWebhook(context: Context): Found {
  if (!context.repository) return notReached;
  return notNeeded(`There is none. ${byPolling(context)}`);
}

function byPolling({ app }: Context): string {
  const { syncIntervalMs } = app.config;
  if (syncIntervalMs === null) return "Polling is off: a push is seen when somebody asks for a sync.";
  return `Polling finds a push within ${durationWords(syncIntervalMs)}.`;
}

function isSeen({ ref }: Context): boolean {
  return ref !== null;
}

function stopped(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function pageOf({ app, organization, repository }: Context): string {
  const name = encodeURIComponent(repository?.name ?? "");
  return `${app.config.appUrl}/organizations/${organization.slug}/repositories/${name}/webhook`;
}
