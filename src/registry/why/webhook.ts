// What the webhook did for a version. It stops nothing: what it does not deliver, polling finds. Where that has found
// the version already, a webhook that is broken is reported and was not needed.
import { durationText } from "../../duration.ts";
import {
  countRefusedAfter,
  findLastDelivery,
  findLastNaming,
  type ReceivedDelivery,
} from "../../store/webhooks/deliveries.ts";
import type { Remedy } from "../../remedy.ts";
import type { WebhookState } from "../../store/schema.ts";
import { findWebhook, type Webhook } from "../../store/webhooks/webhooks.ts";
import {
  failed,
  notNeeded,
  ok,
  syncOf,
  timeText,
  waiting,
  type Context,
  type Found,
  type Step,
} from "./step.ts";

/**
 * Of the repository: `verified` and `refused` are the last ones, `naming` the last push of this very ref, `refusedSince`
 * how many could not be verified after the last one that could.
 */
export type Deliveries = {
  webhook: Webhook | null;
  verified: ReceivedDelivery | null;
  refused: ReceivedDelivery | null;
  naming: ReceivedDelivery | null;
  refusedSince: number;
};

export async function deliveriesOf({ app, repository, version, ref }: Context): Promise<Deliveries> {
  const none = { webhook: null, verified: null, refused: null, naming: null, refusedSince: 0 };
  const webhook = repository && (await findWebhook(app.db, repository.id));
  if (!repository || !webhook) return none;
  const [verified, refused, naming] = await Promise.all([
    findLastDelivery(app.db, repository.id, "proven"),
    findLastDelivery(app.db, repository.id, "refused"),
    version === null ? null : findLastNaming(app.db, repository.id, refNames(version, ref)),
  ]);
  const refusedSince = await countRefusedAfter(app.db, repository.id, verified?.id ?? "");
  return { webhook, verified, refused, naming, refusedSince };
}

/** None where there is no webhook: then nothing was expected of it. */
export function webhookSteps(context: Context, deliveries: Deliveries): Step[] {
  const { webhook } = deliveries;
  if (!webhook) return [];
  const signature = checkSignature(context, deliveries);
  return [
    { step: "webhook", ...checkWebhook(context, webhook) },
    { step: "delivery", ...checkDelivery(context, deliveries) },
    ...(signature === null ? [] : [{ step: "signature" as const, ...signature }]),
  ];
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

function checkWebhook(context: Context, { state, error, checked_at: checkedAt }: Webhook): Found {
  const checked = checkedAt === null ? "" : ` Last checked at ${timeText(checkedAt)}.`;
  if (state === "active") return ok(`The Git host has it.${checked}`);
  if (state === "manual") return ok("It was set up at the Git host by hand.");
  if (state === "waiting")
    return waiting("It will be registered at the Git host shortly.", { action: checkOf(context) });
  const detail = sentence(`${broken[state]}${error === null ? "" : `: ${error}`}`);
  return isSeen(context)
    ? notNeeded(`${detail} Polling found the tag or branch anyway.`)
    : failed(detail, { advice: "Repair the webhook.", action: checkOf(context) });
}

const broken: Record<Exclude<WebhookState, "active" | "manual" | "waiting">, string> = {
  missing: "The Git host no longer has it",
  failed: "The Git host rejected it",
};

function checkDelivery(context: Context, deliveries: Deliveries): Found {
  const { verified, refused, naming, refusedSince } = deliveries;
  const unverified = refusedSince === 0 ? "" : ` ${counted(refusedSince)} since then could not be verified.`;
  if (naming) return ok(`The push arrived at ${timeText(naming.received_at)}.${unverified}`);
  if (context.version === null && verified)
    return ok(`The last one arrived at ${timeText(verified.received_at)}.${unverified}`);
  if (!verified && refused && !isSeen(context))
    return ok(`A request arrived at ${timeText(refused.received_at)}; it could not be verified.`);
  const last = verified
    ? `The last one arrived at ${timeText(verified.received_at)} and did not mention it.${unverified}`
    : "No verified delivery arrived in the last 30 days.";
  if (isSeen(context)) return notNeeded(`${last} Polling found the tag or branch.`);
  return waiting(`${last} ${byPolling(context)}`, {
    advice: "Check the deliveries at the Git host.",
    action: syncOf(context),
  });
}

/**
 * Anybody can send requests that prove nothing, so they are counted beside what was verified and never hide it. Only
 * where nothing was ever verified do they say that the secret is wrong.
 */
function checkSignature(context: Context, { verified, refused, refusedSince }: Deliveries): Found | null {
  if (verified) return ok("The last delivery of the Git host was verified.");
  if (!refused) return null;
  const detail = `${counted(refusedSince)} could not be verified, the last at ${timeText(refused.received_at)}: ${sentence(refused.reason ?? "not signed")}`;
  return isSeen(context)
    ? notNeeded(`${detail} Polling found the tag or branch anyway.`)
    : failed(detail, {
        advice: "Enter the webhook's secret at the Git host again.",
        action: checkOf(context),
      });
}

function byPolling({ app }: Context): string {
  const { syncIntervalMs } = app.config;
  if (syncIntervalMs === null) return "Polling is off, so a push is only found by a sync that you start.";
  return `Polling finds a push within ${durationText(syncIntervalMs)}.`;
}

function isSeen({ ref, published }: Context): boolean {
  return ref !== null || published !== null;
}

function counted(requests: number): string {
  return requests === 1 ? "1 request" : `${requests} requests`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function checkOf({ organization, repository }: Context): Remedy | null {
  if (repository === null) return null;
  return { do: "check-webhook", organization: organization.slug, repository: repository.name };
}
