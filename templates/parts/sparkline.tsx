import { count } from "./numbers.ts";

/** Downloads of a package in 30 days, the last bar is today; always next to its number. */
export function Sparkline({ values }: { values: number[] }) {
  const highest = Math.max(0, ...values);
  const total = values.reduce((sum, value) => sum + value, 0);
  const width = 92 / values.length;
  return (
    <svg class="spark" role="img" aria-label={`${count(total)} downloads in ${values.length} days`}>
      {values.map((value, index) => {
        const height = highest > 0 && value > 0 ? Math.max(1, Math.round((value / highest) * 20)) : 1;
        const isToday = index === values.length - 1;
        return (
          <rect
            class={value === 0 ? "is-nil" : isToday ? "is-today" : undefined}
            x={(index * width).toFixed(2)}
            y={20 - height}
            width={(width - 1).toFixed(2)}
            height={height}
          />
        );
      })}
    </svg>
  );
}
