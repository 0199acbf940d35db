// How many jobs ended, and how long they took.
import type { JobRuns } from "../../src/registry/jobs/view.ts";
import { BarChart } from "../parts/bar-chart.tsx";
import { MenuItem } from "../parts/button.tsx";
import { Section } from "../parts/head.tsx";
import { Icon } from "../parts/icon.tsx";
import { LineChart } from "../parts/line-chart.tsx";
import { count, counted } from "../parts/numbers.ts";
import { Legend } from "../parts/progress.tsx";
import { date } from "../parts/time.tsx";
import { took } from "./text.ts";

const height = 120;

export function Throughput({ runs }: { runs: JobRuns }) {
  const { period, steps, done, failed } = runs;
  const all = done + failed;
  if (all === 0)
    return (
      <Section title="Finished jobs">
        <p class="prose">{`No jobs finished in ${period.text}. The schedule below shows when the next one starts.`}</p>
      </Section>
    );
  const labels = steps.map(({ at }) => labelOf(at, period));
  const most = steps.reduce((best, step) =>
    step.done + step.failed > best.done + best.failed ? step : best,
  );
  const note = (
    <>
      <b class="num">{count(all)}</b>
      {` ${all === 1 ? "job" : "jobs"} in ${period.text}`}
    </>
  );
  return (
    <Section
      title="Finished jobs"
      note={note}
      end={[<Legend of="done">done</Legend>, " ", <Legend of="failed">{`failed ${count(failed)}`}</Legend>]}
    >
      <BarChart
        id="throughput"
        title={`Jobs finished per ${stepWords(period)}, ${labels[0]} to ${labels.at(-1)}`}
        about={`${counted(all, "job")}, ${count(failed)} failed; most at ${labelOf(most.at, period)}, ${count(most.done + most.failed)}.`}
        bars={steps.map((step, index) => ({
          label: labels[index] ?? "",
          value: step.done,
          failed: step.failed,
        }))}
        height={height}
        narrow={all < 1000}
        open={false}
        labels={3}
        phone={Math.ceil(steps.length / 2)}
        headings={["From", "Done"]}
      />
    </Section>
  );
}

export function RunTimes(props: { runs: JobRuns; names: string[]; href: (name: string) => string }) {
  const { period, steps, times } = props.runs;
  const chooser = <Chooser {...props} chosen={times.name} />;
  if (times.median === null)
    return (
      <Section title="Run time" note={chooser}>
        <p class="prose">{`No ${times.name} job finished in ${period.text}.`}</p>
      </Section>
    );
  const seconds = (milliseconds: number | null) => (milliseconds === null ? null : milliseconds / 1000);
  const labels = steps.map(({ at }) => labelOf(at, period));
  const [median, slow] = [took(times.median), took(times.slow)];
  return (
    <Section
      title="Run time"
      note={chooser}
      end={[
        <LineLegend of="main">{`median ${median}`}</LineLegend>,
        " ",
        <LineLegend of="second">{`95% finish within ${slow}`}</LineLegend>,
      ]}
    >
      <LineChart
        id="run-time"
        title={`Run time of ${times.name}, ${labels[0]} to ${labels.at(-1)}`}
        about={`Median ${median}, 95% finish within ${slow}.`}
        labels={labels}
        main={times.steps.map((step) => seconds(step.median))}
        second={times.steps.map((step) => seconds(step.slow))}
        height={height}
        format={(value) => (value === 0 ? "0" : took(value * 1000))}
        headings={["From", "Median", "95% finish within"]}
      />
    </Section>
  );
}

function Chooser(props: { chosen: string; names: string[]; href: (name: string) => string }) {
  const { chosen, names, href } = props;
  return (
    <details class="menu">
      <summary>
        {"of "}
        <span class="mono">{chosen}</span> <Icon name="chevron-down" small />
      </summary>
      <div class="menu-list">
        {names.map((name) => (
          <MenuItem href={href(name)} current={name === chosen}>
            <span class="mono">{name}</span>
          </MenuItem>
        ))}
      </div>
    </details>
  );
}

function LineLegend({ of, children }: { of: "main" | "second"; children?: string }) {
  return (
    <span class="legend is-line">
      <svg aria-hidden="true">
        <line class={`line-${of}`} x1="0" x2="14" y1="4" y2="4" />
      </svg>
      <span>{children}</span>
    </span>
  );
}

/** In UTC, like every clock time here. */
function labelOf(at: number, { name }: JobRuns["period"]): string {
  const clock = new Date(at).toISOString().slice(11, 16);
  return name === "7d" ? `${date(at, at)} ${clock}` : clock;
}

function stepWords({ name }: JobRuns["period"]): string {
  return { "1h": "minute", "24h": "half hour", "7d": "three hours" }[name];
}
