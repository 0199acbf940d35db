import type { Child } from "../jsx/jsx-runtime.ts";
import { count } from "./numbers.ts";
import { State } from "./state.tsx";

type Share = {
  of: "added" | "unchanged" | "skipped" | "failed" | "done";
  text: string;
  count: number;
};

/**
 * The progress of a long task, split by result: "42 of 200 tags and branches", the current one in mono, the time so
 * far; each share with its number below.
 */
export function Progress(props: {
  label: string;
  word?: string;
  total: number;
  /** Plural: "refs". */
  noun: string;
  shares: Share[];
  current?: string;
  doing?: string;
  time?: Child;
  note?: Child;
}) {
  const { label, word = "Syncing", total, noun, shares, current, doing, time, note } = props;
  const done = shares.reduce((sum, share) => sum + share.count, 0);
  return (
    <div class="progress">
      <div class="above">
        <State kind="running" word={word} />
        <span>
          <span class="count">{count(done)}</span>
          {` of ${count(total)} ${noun}`}
        </span>
        <span class="now">
          {current === undefined ? null : <code>{current}</code>}
          {doing === undefined ? null : ` ${doing}`}
        </span>
        {time === undefined ? null : <span class="at-end">{time}</span>}
      </div>
      <div
        role="progressbar"
        aria-label={label}
        aria-valuemin="0"
        aria-valuemax={total}
        aria-valuenow={done}
        aria-valuetext={`${count(done)} of ${count(total)} ${noun}`}
      >
        <SplitBar shares={shares} total={total} />
      </div>
      <div class="below">
        {shares.map((share) => (
          <Legend of={share.of}>{`${count(share.count)} ${share.text}`}</Legend>
        ))}
        {total > done ? <Legend of="left">{`${count(total - done)} to go`}</Legend> : null}
        {note === undefined ? null : <span class="at-end">{note}</span>}
      </div>
    </div>
  );
}

/** A square in the color of a share, and its words. */
export function Legend({ of, children }: { of: Share["of"] | "left"; children?: Child }) {
  return (
    <span class="legend">
      <svg aria-hidden="true">
        <rect width="8" height="8" class={`of-${of}`} />
      </svg>
      <span>{children}</span>
    </span>
  );
}

function SplitBar({ shares, total }: { shares: Share[]; total: number }) {
  let at = 0;
  const rects = shares
    .filter((share) => share.count > 0 && total > 0)
    .map((share) => {
      const start = at;
      at += (share.count / total) * 100;
      const width = `${((share.count / total) * 100).toFixed(3)}%`;
      return <rect class={`of-${share.of}`} x={`${start.toFixed(3)}%`} width={width} height="8" />;
    });
  return (
    <svg class="bar" aria-hidden="true">
      <rect class="of-left" width="100%" height="8" />
      {rects}
    </svg>
  );
}

/** A thin bar of a figure against the largest of its kind; decoration beside the number. */
export function ShareBar({ value, max }: { value: number; max: number }) {
  const width = max > 0 ? Math.min(100, (value / max) * 100) : 0;
  return (
    <svg class="share" aria-hidden="true">
      <rect class="of-left" width="100%" height="8" />
      {width > 0 ? <rect class="of-done" width={`${width.toFixed(2)}%`} height="8" /> : null}
    </svg>
  );
}

/** The segments of "Getting started". */
export function Segments({ done, total }: { done: number; total: number }) {
  return (
    <span class="doing" aria-hidden="true">
      {Array.from({ length: total }, (_, index) => (
        <svg>
          <rect width="100%" height="6" class={index < done ? "of-added" : "of-left"} />
        </svg>
      ))}
    </span>
  );
}
