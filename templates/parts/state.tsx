import type { Child } from "../jsx/jsx-runtime.ts";
import { Icon } from "./icon.tsx";
import type { IconName } from "./icons.ts";
import { Time } from "./time.tsx";

export type StateKind = keyof typeof kinds;

type Appearance = {
  icon: IconName;
  tone: "fresh" | "active" | "waiting" | "failed" | "idle";
  word: string;
  timed?: string;
};

const kinds = {
  fresh: { icon: "circle-check", tone: "fresh", word: "up to date", timed: "up to date, checked" },
  syncing: { icon: "refresh-cw", tone: "active", word: "syncing" },
  waiting: { icon: "clock", tone: "waiting", word: "waiting" },
  stale: { icon: "clock", tone: "waiting", word: "stale" },
  failed: { icon: "circle-x", tone: "failed", word: "failed" },
  success: { icon: "circle-check", tone: "fresh", word: "success" },
  done: { icon: "circle-check", tone: "fresh", word: "done" },
  running: { icon: "refresh-cw", tone: "active", word: "running" },
  skipped: { icon: "circle-minus", tone: "idle", word: "skipped" },
  attention: { icon: "triangle-alert", tone: "waiting", word: "needs attention" },
  unreached: { icon: "circle-dashed", tone: "idle", word: "not reached" },
} satisfies Record<string, Appearance>;

/**
 * Icon, word and time of a subject: "Up to date, checked 1 min ago". `word` replaces the word, children replace word
 * and time. Waiting and failed always stand out in color, the good states where they are a subject (`strong`, the
 * default).
 */
export function State(props: {
  kind: StateKind;
  at?: number | null;
  now?: number;
  word?: string;
  strong?: boolean;
  wraps?: boolean;
  children?: Child;
}) {
  const { kind, at, now, word, strong = true, wraps, children } = props;
  const { icon, tone, word: bare, timed = bare }: Appearance = kinds[kind];
  const usual = at == null ? bare : timed;
  return (
    <span class={["state", `is-${tone}`, (strong || isTrouble(tone)) && "strong", wraps && "wraps"]}>
      <Icon name={icon} turns={tone === "active"} />
      <span>
        {children ?? capitalized(word ?? usual)}
        {children === undefined && at != null && now !== undefined ? [" ", <Time at={at} now={now} />] : null}
      </span>
    </span>
  );
}

/**
 * A state in a list. A good one shows only its time ("2 min ago", its word is for
 * screen readers); the others show
 * word and time ("stale 18 min").
 */
export function ListState(props: { kind: StateKind; at?: number | null; now?: number; word?: string }) {
  const { kind, at, now, word } = props;
  const { icon, tone, word: bare, timed = bare }: Appearance = kinds[kind];
  const usual = at == null ? bare : timed;
  const isGood = tone === "fresh";
  const hasTime = at != null && now !== undefined;
  return (
    <span class={["state", `is-${tone}`, !isGood && tone !== "idle" && "strong"]}>
      <Icon name={icon} turns={tone === "active"} />
      <span>
        {isGood && hasTime ? <span class="visually-hidden">{`${word ?? usual} `}</span> : (word ?? usual)}
        {hasTime ? [" ", <Time at={at} now={now} short={!isGood} />] : null}
      </span>
    </span>
  );
}

/** The icon of a state alone, with its word for screen readers. */
export function StateIcon({ kind, label }: { kind: StateKind; label?: string }) {
  const { icon, tone, word }: Appearance = kinds[kind];
  return (
    <span class={["state", `is-${tone}`]} title={label ?? word}>
      <Icon name={icon} turns={tone === "active"} />
      <span class="visually-hidden">{label ?? word}</span>
    </span>
  );
}

/** The counts of an organization, failed first; "All 21 up to date" when nothing else. */
export function StateCounts(counts: { failed: number; waiting: number; stale?: number; fresh: number }) {
  const { failed, waiting, stale = 0, fresh } = counts;
  if (failed + waiting + stale === 0 && fresh > 0)
    return <State kind="fresh" word={fresh === 1 ? "Up to date" : `All ${fresh} up to date`} />;
  return (
    <>
      {failed > 0 ? <State kind="failed" word={`${failed} failed`} /> : null}
      {waiting > 0 ? <State kind="waiting" word={`${waiting} waiting`} /> : null}
      {stale > 0 ? <State kind="stale" word={`${stale} stale`} /> : null}
      {fresh > 0 ? <State kind="fresh" word={`${fresh} up to date`} /> : null}
    </>
  );
}

function isTrouble(tone: string): boolean {
  return tone === "waiting" || tone === "failed";
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
