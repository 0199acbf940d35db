// The webhook on the page of its repository: one word in the head, the last deliveries beside the refs.
import type { Child } from "../jsx/jsx-runtime.ts";
import { Section } from "../parts/head.tsx";
import { Icon } from "../parts/icon.tsx";
import { count } from "../parts/numbers.ts";
import { StateIcon } from "../parts/state.tsx";
import { Clock, date } from "../parts/time.tsx";
import type { DeliveryLine, WebhookShown, WebhookView } from "./webhook-view.ts";

const words: Record<
  WebhookShown,
  { word: string; tone: "fresh" | "active" | "waiting" | "failed" | "idle" }
> = {
  none: { word: "No webhook", tone: "idle" },
  waiting: { word: "Webhook waits", tone: "waiting" },
  active: { word: "Webhook active", tone: "fresh" },
  missing: { word: "Webhook missing", tone: "failed" },
  failed: { word: "Webhook failed", tone: "failed" },
  manual: { word: "Webhook set up by hand", tone: "fresh" },
};

/** `{ state; href?; follows? }`: "Webhook active", a link to all about it. With `follows` it takes the place of the one
 * that is on the page, whatever part of the page is asked for. */
export function WebhookState(props: { state: WebhookShown; href?: string; follows?: boolean }) {
  const { state, href, follows } = props;
  const { word, tone } = words[state];
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

/** `{ state }`: in a list: the icon alone, its word for readers; what is amiss says so to everybody. */
export function WebhookMark({ state }: { state: WebhookShown }) {
  const { word, tone } = words[state];
  if (state === "none") return <span class="muted">–</span>;
  const isAmiss = tone === "failed";
  return (
    <span class={["state", `is-${tone}`, isAmiss && "strong"]} title={word}>
      <Icon name="webhook" />
      <span class={[!isAmiss && "visually-hidden"]}>{isAmiss ? state : word}</span>
    </span>
  );
}

/** `{ webhook; base; now }`: the newest deliveries, or what is amiss. */
export function WebhookDeliveries(props: { webhook: WebhookView; base: string; now: number }) {
  const { webhook, base, now } = props;
  const { state, error, deliveries, total } = webhook;
  const href = `${base}/webhook`;
  const link = total > 0 ? { href, words: `All ${count(total)}` } : { href, words: "Webhook" };
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
      <StateIcon kind={isRefused ? "failed" : "success"} label={isRefused ? "refused" : "taken"} />
      <span class="num">{String(status)}</span>
      {event === null ? null : <code>{event}</code>}
      {reason === null ? null : <span>{reason.toLowerCase()}</span>}
    </span>
  );
}

function emptyWords(state: WebhookShown): Child {
  if (state === "none") return "No webhook. Pricore polls this repository.";
  if (state === "waiting") return "Its forge is being told.";
  return "Nothing has come yet. A push appears here at once.";
}

function when(at: number, now: number): Child {
  return now - at < 86_400_000 ? <Clock at={at} /> : date(at, now);
}
