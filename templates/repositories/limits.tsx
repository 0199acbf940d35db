// How much a forge lets itself be asked, and for how long a server wants to be left alone.
import { Section } from "../parts/head.tsx";
import { count, span } from "../parts/numbers.ts";
import { State } from "../parts/state.tsx";
import { exact } from "../parts/time.tsx";

/** As the forge said last; `resetsAt` in milliseconds since 1970. */
export type RateLimit = { limit: number; remaining: number; resetsAt: number };

/** `{ rate; now; forge? }`: "GitHub: 4,310 of 5,000 left, resets in 12 min"; amber when little is left, nothing after the reset. */
export function RateLimitLine(props: { rate: RateLimit | null; now: number; forge?: string }) {
  const { rate, now, forge } = props;
  if (rate === null || rate.resetsAt <= now) return <></>;
  const { limit, remaining, resetsAt } = rate;
  const words = `${count(remaining)} of ${count(limit)} left, resets in ${minutes(resetsAt - now)}`;
  const whole = forge === undefined ? words : `${forge}: ${words}`;
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
  /** The server has asked that nobody polls before; null when it has not. */
  restsUntil: number | null;
  /** Of the forge's interface, with the credential of the repository. */
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
            <State
              kind="waiting"
              wraps
              word={`Polling rests until ${clock(restsUntil, now)} because ${host} asked for it.`}
            />
          </p>
        ) : null}
        {isKnown ? <RateLimitLine rate={rate} now={now} forge={forge ?? undefined} /> : null}
      </div>
    </Section>
  );
}

/** "14:05 UTC", with the day when it is another one. */
function clock(at: number, now: number): string {
  const time = `${new Date(at).toISOString().slice(11, 16)} UTC`;
  const isToday = new Date(at).toISOString().slice(0, 10) === new Date(now).toISOString().slice(0, 10);
  return isToday ? time : `${exact(at).split(",")[0]}, ${time}`;
}

/** Rounded up: the last seconds are not worth counting. */
function minutes(ms: number): string {
  return span(Math.ceil(ms / 60_000) * 60_000);
}
