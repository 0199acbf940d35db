// The webhook on the page of its repository: one word in the head, the last deliveries beside the refs.
import type { Child } from "../jsx/jsx-runtime.ts";
import { Section } from "../parts/head.tsx";
import { Icon } from "../parts/icon.tsx";
import { count } from "../parts/numbers.ts";
import { StateIcon } from "../parts/state.tsx";
import { Clock, date } from "../parts/time.tsx";
import type { DeliveryLine, WebhookStatus, WebhookView } from "./webhook-view.ts";

const text: Record<
  WebhookStatus,
  { word: string; tone: "fresh" | "active" | "waiting" | "failed" | "idle" }
> = {
  none: { word: "No webhook", tone: "idle" },
  waiting: { word: "Webhook pending", tone: "waiting" },
  active: { word: "Webhook active", tone: "fresh" },
  missing: { word: "Webhook missing", tone: "failed" },
  failed: { word: "Webhook failed", tone: "failed" },
  manual: { word: "Webhook set up manually", tone: "fresh" },
};

/**
 * "Webhook active", a link to the webhook page. With `follows` it replaces the one on the page, whichever part was
 * requested.
 */
export function WebhookState(props: { state: WebhookStatus; href?: string; follows?: boolean }) {
  const { state, href, follows } = props;
  const { word, tone } = text[state];
  return (
    <span
      id="webhook-state"
      class={["state", `is-${tone}`, tone !== "idle" && "strong"]}
      hx-swap-oob={follows ? "true" : undefined}
    >
      <Icon name="webhook" />
      {href === undefined ? <span>{word}</span> : <a href={href}>{word}</a>}
    </span>
  );
}

/** In a list: the icon alone, with its word for screen readers; a problem shows its word. */
export function WebhookMark({ state }: { state: WebhookStatus }) {
  const { word, tone } = text[state];
  if (state === "none") return <span class="muted">–</span>;
  const hasProblem = tone === "failed";
  return (
    <span class={["state", `is-${tone}`, hasProblem && "strong"]} title={word}>
      <Icon name="webhook" />
      <span class={[!hasProblem && "visually-hidden"]}>{hasProblem ? state : word}</span>
    </span>
  );
}

/** The newest deliveries, or the problem. */
export function WebhookDeliveries(props: { webhook: WebhookView; base: string; now: number }) {
  const { webhook, base, now } = props;
  const { state, error, deliveries, total } = webhook;
  const href = `${base}/webhook`;
  const link = total > 0 ? { href, text: `All ${count(total)}` } : { href, text: "Webhook" };
  return (
    <Section title="Webhook deliveries" link={link}>
      {error !== null && state !== "active" ? <p class="small secondary">{error}</p> : null}
      {deliveries.length === 0 ? (
        <p class="muted">{emptyWords(state)}</p>
      ) : (
        <ul class="pairs">
          {deliveries.map((line) => (
            <li>
              <DeliveryMark line={line} />
              <span class="num secondary small">{when(line.at, now)}</span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

/** Icon, answer, event, and why it was refused. */
export function DeliveryMark({ line }: { line: DeliveryLine }) {
  const { status, event, reason } = line;
  const isRefused = status === 401;
  return (
    <span class={["delivery", isRefused && "is-refused"]}>
      <StateIcon kind={isRefused ? "failed" : "success"} label={isRefused ? "rejected" : "accepted"} />
      <span class="num">{String(status)}</span>
      {event === null ? null : <code>{event}</code>}
      {reason === null ? null : <span>{reason.toLowerCase()}</span>}
    </span>
  );
}

function emptyWords(state: WebhookStatus): Child {
  if (state === "none") return "No webhook. Pricore polls this repository.";
  if (state === "waiting") return "Pricore is setting up the webhook.";
  return "No deliveries yet. Pushes appear here right away.";
}

function when(at: number, now: number): Child {
  return now - at < 86_400_000 ? <Clock at={at} /> : date(at, now);
}
