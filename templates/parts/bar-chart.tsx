import { count } from "./numbers.ts";
import { scaleOf } from "./scale.ts";

type Bar = {
  /** Below the axis: "25 Oct", "11:05". */
  label: string;
  value: number;
  /** On top of the bar. */
  failed?: number;
};

type Drawing = {
  bars: Bar[];
  title: string;
  about: string;
  height: number;
  mean?: number;
  ends: boolean;
  last?: string;
  pattern: string;
  labels: number;
};

const phoneLabels = 3;

/**
 * Counts per day or minute as bars. The last one is hatched (`open`, the default) and labelled `last` ("Today");
 * `mean` is a dotted line. `phone` is how many bars a phone shows. The figures follow as a table with the id
 * `{id}-numbers`.
 */
export function BarChart(props: {
  id: string;
  /** "Downloads per day, 25 October to 23 November". */
  title: string;
  /** Total, highest day and change, in words. */
  about: string;
  bars: Bar[];
  height?: number;
  mean?: number;
  narrow?: boolean;
  open?: boolean;
  last?: string;
  phone?: number;
  /** How many words the axis has at most. */
  labels?: number;
  headings: [step: string, value: string];
}) {
  const { id, title, about, bars, height = 150, mean, narrow, open = true, phone = 14, headings } = props;
  const { last = open ? "Today" : undefined, labels = narrow ? 4 : 7 } = props;
  const drawing = { title, about, height, mean, ends: open, last };
  const few = bars.slice(-phone);
  const hasPhone = few.length < bars.length || labels > phoneLabels;
  return (
    <figure class="chart" id={id}>
      <div class={["drawing", narrow && "is-narrow"]}>
        <div class={hasPhone ? "for-wide" : undefined}>
          <Bars {...drawing} bars={bars} pattern={`${id}-hatch`} labels={labels} />
        </div>
        {hasPhone ? (
          <div class="for-phone">
            <Bars {...drawing} bars={few} pattern={`${id}-hatch-phone`} labels={phoneLabels} />
          </div>
        ) : null}
      </div>
      <Numbers id={id} bars={bars} headings={headings} last={last} />
    </figure>
  );
}

function Bars({ bars, title, about, height, mean, ends, last, pattern, labels }: Drawing) {
  const highest = Math.max(0, mean ?? 0, ...bars.map(({ value, failed = 0 }) => value + failed));
  const { top, steps } = scaleOf(highest);
  const y = (value: number) => round(height - (value / top) * (height - 8));
  const step = 100 / bars.length;
  return (
    <svg role="img" height={height + 24}>
      <title>{title}</title>
      <desc>{about}</desc>
      {ends ? <Hatch id={pattern} /> : null}
      {steps.map((value) => (
        <>
          <line class={value === 0 ? "base" : "grid"} x1="0" x2="100%" y1={y(value)} y2={y(value)} />
          <text x="-10" y={y(value) + 4} text-anchor="end" aria-hidden="true">
            {count(value)}
          </text>
        </>
      ))}
      {bars.map((bar, index) => {
        const isOpen = ends && index === bars.length - 1;
        const label = isOpen && last ? last : bar.label;
        const failed = bar.failed ? `, ${count(bar.failed)} failed` : "";
        return (
          <g class="step">
            <title>{`${label}: ${count(bar.value)}${failed}`}</title>
            <Step bar={bar} x={index * step} width={step} y={y} hatch={isOpen ? pattern : null} />
          </g>
        );
      })}
      {mean === undefined ? null : <line class="mean" x1="0" x2="100%" y1={y(mean)} y2={y(mean)} />}
      {axisLabels(bars, { labels, last }).map(({ x, anchor, text }) => (
        <text x={x} y={height + 18} text-anchor={anchor} aria-hidden="true">
          {text}
        </text>
      ))}
    </svg>
  );
}

function Step(props: {
  bar: Bar;
  x: number;
  width: number;
  y: (value: number) => number;
  hatch: string | null;
}) {
  const { bar, x, width, y, hatch } = props;
  const at = { x: `${round(x + width / 6)}%`, width: `${round(width * (2 / 3))}%` };
  const top = y(bar.value);
  const size = Math.max(0, y(0) - top);
  const failed = bar.failed ?? 0;
  return (
    <>
      <rect class="catch" x={`${round(x)}%`} width={`${round(width)}%`} y={0} height={y(0)} />
      {size > 0 && hatch === null ? <rect class="bar" {...at} y={top} height={size} /> : null}
      {size > 0 && hatch !== null ? (
        <rect class="hatch-edge" {...at} y={top} height={size} fill={`url(#${hatch})`} />
      ) : null}
      {failed > 0 ? (
        <rect
          class="bar is-failed"
          {...at}
          y={y(bar.value + failed)}
          height={Math.max(1, top - y(bar.value + failed) - 1)}
        />
      ) : null}
    </>
  );
}

function Hatch({ id }: { id: string }) {
  return (
    <defs>
      <pattern id={id} width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <line class="hatch-line" x1="0" x2="0" y1="0" y2="4" />
      </pattern>
    </defs>
  );
}

/** First, last, and what lies evenly between them, so that no two meet. */
function axisLabels(
  bars: Bar[],
  { labels, last }: { labels: number; last?: string },
): { x: string; anchor: string; text: string }[] {
  const end = bars.length - 1;
  const gaps = Math.max(1, Math.min(labels - 1, end));
  const labelled = Array.from({ length: gaps + 1 }, (_, gap) => Math.round((gap * end) / gaps));
  const step = 100 / bars.length;
  return [...new Set(labelled)].map((index) => {
    const text = bars[index]?.label ?? "";
    if (index === end) return { x: "100%", anchor: "end", text: last ?? text };
    if (index === 0) return { x: "0", anchor: "start", text };
    return { x: `${round((index + 0.5) * step)}%`, anchor: "middle", text };
  });
}

function Numbers(props: { id: string; bars: Bar[]; headings: [string, string]; last?: string }) {
  const { id, bars, headings, last } = props;
  const hasFailed = bars.some((bar) => bar.failed !== undefined);
  return (
    <details>
      <summary>Show as table</summary>
      <table id={`${id}-numbers`}>
        <thead>
          <tr>
            <th scope="col">{headings[0]}</th>
            <th scope="col">{headings[1]}</th>
            {hasFailed ? <th scope="col">Failed</th> : null}
          </tr>
        </thead>
        <tbody>
          {bars.toReversed().map((bar, index) => (
            <tr>
              <th scope="row">{index === 0 && last ? `${bar.label} (${last.toLowerCase()})` : bar.label}</th>
              <td>{count(bar.value)}</td>
              {hasFailed ? <td>{count(bar.failed ?? 0)}</td> : null}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
