// How jobs went in the last hour, day or week, in steps that a chart can show.
import type { App } from "../../app.ts";
import {
  countRuns,
  halfHourMs,
  listRunsByName,
  listRunTimes,
  minuteMs,
  type NamedRuns,
  quantileOf,
  type RunTimes,
} from "../../store/jobs/history.ts";

import type { JobRuns, TimesOfStep } from "./view.ts";

type PeriodName = "1h" | "24h" | "7d";

type Period = {
  name: PeriodName;
  /** The words after "in": "the last hour". */
  text: string;
  /** Milliseconds of a step of the chart, and how many there are. */
  every: number;
  steps: number;
};

const periods: Record<PeriodName, Period> = {
  "1h": { name: "1h", text: "the last hour", every: minuteMs, steps: 60 },
  "24h": { name: "24h", text: "the last day", every: halfHourMs, steps: 48 },
  "7d": { name: "7d", text: "the last week", every: 6 * halfHourMs, steps: 56 },
};
const allPeriods = Object.values(periods);

/** Defaults to the hour for text that is no period. */
export function periodNamed(name: string | undefined): Period {
  return allPeriods.find((each) => each.name === name) ?? periods["1h"];
}

const slowShare = 0.95;

type RunsOf = { name: string; silenced: string[] };

/**
 * Every step of the period, the one that goes on now included, and every name; the run times of one name. Of the
 * silenced names only what failed is counted.
 */
export async function jobRuns(app: App, period: Period, { name, silenced }: RunsOf): Promise<JobRuns> {
  const { every, steps } = period;
  const now = app.now();
  const first = now - (now % every) - (steps - 1) * every;
  const from = { step: every === minuteMs ? minuteMs : halfHourMs, since: first, every };
  const counts = await countRuns(app.db, { ...from, silenced });
  const times = await listRunTimes(app.db, { ...from, name });
  const byName = Map.groupBy(await listRunsByName(app.db, from), (row) => row.name);
  const known = new Map(counts.map((each) => [each.at, each]));
  const starts = Array.from({ length: steps }, (_, at) => first + at * every);
  return {
    period,
    steps: starts.map((at) => known.get(at) ?? { at, done: 0, failed: 0 }),
    done: counts.reduce((sum, { done }) => sum + done, 0),
    failed: counts.reduce((sum, { failed }) => sum + failed, 0),
    byName: [...byName]
      .map(([name, rows]) => ({ name, ...endedOf(rows), ...timesOf(rows.map(runsIn)) }))
      .filter((each) => each.failed > 0 || !silenced.includes(each.name))
      .toSorted((a, b) => b.done + b.failed - (a.done + a.failed)),
    times: {
      name,
      ...timesOf(times),
      steps: starts.map((at) => timesOf(times.filter((each) => each.at === at))),
    },
  };
}

function endedOf(rows: NamedRuns[]): { done: number; failed: number } {
  const sum = (counts: "done" | "failed") => rows.reduce((all, row) => all + row[counts], 0);
  return { done: sum("done"), failed: sum("failed") };
}

const runsIn = ({ bucket, done }: NamedRuns) => ({ bucket, runs: done });

/** Milliseconds, null where nothing ran. */
function timesOf(rows: Pick<RunTimes, "bucket" | "runs">[]): TimesOfStep {
  const counts = new Map<number, number>();
  for (const { bucket, runs } of rows) counts.set(bucket, (counts.get(bucket) ?? 0) + runs);
  const [median, slow] = [0.5, slowShare].map((share) => quantileOf(counts, share));
  return { median: median ?? null, slow: slow ?? null };
}
