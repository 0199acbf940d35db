import { scaleOf } from "./scale.ts";

/**
 * Durations as lines: `main` solid (the median), `second` dashed (the 95th percentile), null where nothing ran. The
 * figures follow as a table with the id `{id}-numbers`.
 */
export function LineChart(props: {
  id: string;
  title: string;
  about: string;
  /** One per value, below the axis first, middle and last. */
  labels: string[];
  main: (number | null)[];
  second: (number | null)[];
  height?: number;
  format: (value: number) => string;
  headings: [step: string, main: string, second: string];
}) {
  const { id, title, about, labels, main, second, height = 150, format, headings } = props;
  const highest = Math.max(0, ...main.map((value) => value ?? 0), ...second.map((value) => value ?? 0));
  const { top, steps } = scaleOf(highest);
  const y = (value: number) => Math.round((height - (value / top) * (height - 8)) * 100) / 100;
  const ends = [
    { x: "0", anchor: "start", label: labels[0] },
    { x: "50%", anchor: "middle", label: labels[Math.floor(labels.length / 2)] },
    { x: "100%", anchor: "end", label: labels.at(-1) },
  ];
  return (
    <figure class="chart" id={id}>
      <div class="drawing">
        <svg role="img" height={height + 24}>
          <title>{title}</title>
          <desc>{about}</desc>
          {steps.map((value) => (
            <>
              <line class={value === 0 ? "base" : "grid"} x1="0" x2="100%" y1={y(value)} y2={y(value)} />
              <text x="-10" y={y(value) + 4} text-anchor="end" aria-hidden="true">
                {format(value)}
              </text>
            </>
          ))}
          <svg width="100%" height={height} viewBox={`0 0 1000 ${height}`} preserveAspectRatio="none">
            {path(second, y, "line-second")}
            {path(main, y, "line-main")}
          </svg>
          {ends.map(({ x, anchor, label }) => (
            <text x={x} y={height + 18} text-anchor={anchor} aria-hidden="true">
              {label}
            </text>
          ))}
        </svg>
      </div>
      <details>
        <summary>Show as table</summary>
        <table id={`${id}-numbers`}>
          <thead>
            <tr>
              {headings.map((heading) => (
                <th scope="col">{heading}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {labels.map((label, index) => (
              <tr>
                <th scope="row">{label}</th>
                <td>{formatted(main[index], format)}</td>
                <td>{formatted(second[index], format)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}

/** Broken where there is no value; one that stands alone is a dot. */
function path(values: (number | null)[], y: (value: number) => number, name: string) {
  const step = 1000 / Math.max(1, values.length - 1);
  let isPen = false;
  const d = values
    .map((value, index) => {
      const isAlone = !isPen && (values[index + 1] ?? null) === null;
      const place = value === null ? "" : `${isPen ? "L" : "M"}${(index * step).toFixed(1)} ${y(value)}`;
      const command = place !== "" && isAlone ? `${place}h0` : place;
      isPen = value !== null;
      return command;
    })
    .join("");
  return <path class={name} d={d} vector-effect="non-scaling-stroke" />;
}

function formatted(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? "–" : format(value);
}
