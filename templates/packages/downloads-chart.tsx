import type { Day } from "../../src/registry/organizations/overview.ts";
import { BarChart } from "../parts/bar-chart.tsx";
import { Section } from "../parts/head.tsx";
import { change, count, counted } from "../parts/numbers.ts";
import { Cell, Row, Table } from "../parts/table.tsx";
import { date } from "../parts/time.tsx";

type DownloadsProps = {
  days: Day[];
  total: number;
  before: number;
  base: string;
  withNumbers: boolean;
};

/** The figures as a chart, or, at an address of its own, as a table. */
export function DownloadsSection({ days, total, before, base, withNumbers }: DownloadsProps) {
  const last = days.at(-1)?.at ?? 0;
  const first = days[0]?.at ?? 0;
  if (total === 0)
    return (
      <Section title="Downloads per day">
        <p class="prose">
          {"No downloads in the last 30 days. The first "}
          <code>composer require</code>
          {" appears here within a minute."}
        </p>
      </Section>
    );
  const other = withNumbers
    ? { href: base, text: "Show as chart" }
    : { href: `${base}?view=table`, text: "Show as table" };
  const mean = before / days.length;
  const note = withNumbers
    ? `${counted(total, "download")}, ${change(total, before)}`
    : before > 0
      ? "dotted: average of the previous 30 days; hatched: today so far"
      : "hatched: today so far";
  return (
    <Section title="Downloads per day" note={note} link={other}>
      {withNumbers ? (
        <NumbersTable days={days} />
      ) : (
        <BarChart
          id="downloads"
          title={`Downloads per day, ${date(first, last)} to ${date(last, last)}`}
          about={aboutOf({ days, total, before })}
          bars={days.map(({ at, count: value }) => ({ label: date(at, last), value }))}
          headings={["Day", "Downloads"]}
          {...(before > 0 ? { mean } : {})}
        />
      )}
    </Section>
  );
}

function NumbersTable({ days }: { days: Day[] }) {
  const last = days.at(-1)?.at ?? 0;
  return (
    <Table
      label="Downloads per day"
      columns={[{ title: "Day" }, { title: "Downloads", end: true }]}
      rows={33}
    >
      {days.toReversed().map(({ at, count: value }) => (
        <Row>
          <Cell at="name" grows>
            {at === last ? `${date(at, last)}, so far` : date(at, last)}
          </Cell>
          <Cell at="figure" end>
            {count(value)}
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

function aboutOf({ days, total, before }: Pick<DownloadsProps, "days" | "total" | "before">): string {
  const highest = days.reduce((most, day) => (day.count > most.count ? day : most));
  const day = date(highest.at, days.at(-1)?.at ?? 0);
  return `${counted(total, "download")} in all, ${change(total, before)}; most on ${day}, ${count(highest.count)}.`;
}
