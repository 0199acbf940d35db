import type { Tick } from "../../src/registry/organizations/overview.ts";

const tickCount = 18;
const step = 6;

/** The last 18 syncs of a repository, oldest first. */
export function TickStrip({ ticks }: { ticks: Tick[] }) {
  const last = ticks.slice(-tickCount);
  const gap = tickCount - last.length;
  return (
    <svg class="ticks" role="img" aria-label={describe(last)}>
      {Array.from({ length: tickCount }, (_, index) => {
        const tick = last[index - gap];
        const height = tick === undefined ? 2 : tick === "same" ? 6 : 14;
        return (
          <rect class={`is-${tick ?? "none"}`} x={index * step} y={14 - height} width="4" height={height} />
        );
      })}
    </svg>
  );
}

/** "18 syncs: 3 failed, the last three". */
function describe(ticks: Tick[]): string {
  if (ticks.length === 0) return "No syncs yet";
  const failed = ticks.filter((tick) => tick === "failed").length;
  const changed = ticks.filter((tick) => tick === "changed").length;
  const total = ticks.length === 1 ? "1 sync" : `${ticks.length} syncs`;
  const waiting = ticks.at(-1) === "waiting" ? ", the last one is waiting" : "";
  if (failed === 0) return `${total}: none failed, ${changed} changed something${waiting}`;
  const trailing = ticks.length - 1 - ticks.findLastIndex((tick) => tick !== "failed");
  const names = ["", "the last one", "the last two", "the last three"];
  const end = trailing === 0 ? "" : `, ${names[trailing] ?? `the last ${trailing}`}`;
  return `${total}: ${failed} failed${end}${waiting}`;
}
