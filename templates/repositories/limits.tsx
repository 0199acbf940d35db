// The rate limits of a Git host, and until when a server wants no polls.
import type { RateLimit } from "../../src/registry/forges/access.ts";
import { Section } from "../parts/head.tsx";
import { State } from "../parts/state.tsx";
import { exact } from "../parts/time.tsx";
import { pollingPausedText, rateText } from "./text.ts";

/** "GitHub: 4,310 of 5,000 requests left, resets in 12 min"; amber when little is left, nothing after the reset. */
export function RateLimitLine(props: { rate: RateLimit | null; now: number; forge?: string }) {
  const { rate, now, forge } = props;
  if (rate === null || rate.resetsAt <= now) return <></>;
  const { limit, remaining, resetsAt } = rate;
  const text = rateText(rate, now);
  const whole = forge === undefined ? text : `${forge}: ${text}`;
  if (remaining > limit / 10)
    return (
      <span class="muted small" title={exact(resetsAt)}>
        {whole}
      </span>
    );
  return (
    <span class="small" title={exact(resetsAt)}>
      <State kind="waiting" word={whole} wraps />
    </span>
  );
}

export type Limits = {
  /** Until when the server wants no polls; null if it did not say. */
  restsUntil: number | null;
  /** Of the Git host's API, with the credential of the repository. */
  rate: RateLimit | null;
  forge: string | null;
};

/** Nothing while there is nothing to say. */
export function LimitsPart({ limits, host, now }: { limits: Limits; host: string; now: number }) {
  const { restsUntil, rate, forge } = limits;
  const rests = restsUntil !== null && restsUntil > now;
  const isKnown = rate !== null && rate.resetsAt > now;
  if (!rests && !isKnown) return <></>;
  return (
    <Section title="Rate limits">
      <div class="stack is-tight">
        {rests ? (
          <p class="small">
            <State kind="waiting" wraps word={pollingPausedText({ until: restsUntil, host, now })} />
          </p>
        ) : null}
        {isKnown ? <RateLimitLine rate={rate} now={now} forge={forge ?? undefined} /> : null}
      </div>
    </Section>
  );
}
