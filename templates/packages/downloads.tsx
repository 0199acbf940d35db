import type { FrameData } from "../frame/shell.ts";
import { BarChart } from "../parts/bar-chart.tsx";
import { Choices } from "../parts/filter.tsx";
import { Section } from "../parts/head.tsx";
import { change, count, counted, percent } from "../parts/numbers.ts";
import { Cell, Figure, Row, Table } from "../parts/table.tsx";
import { date } from "../parts/time.tsx";
import { PackageFrame, versionHref, type PackageHead } from "./frame.tsx";

export type DownloadDays = {
  /** Oldest first, today last: `2026-11-23`. */
  days: { day: string; count: number }[];
  total: number;
  /** Of as many days before; null when that is not known. */
  before: number | null;
};

type PackageDownloadsProps = {
  head: PackageHead;
  downloads: DownloadDays;
  period: number;
  /** The most downloaded first. */
  versions: { version: string; count: number; isLive: boolean }[];
  /** How many have downloads beyond those shown. */
  more: number;
};

export function PackageDownloadsPage({ shell, ...props }: PackageDownloadsProps & { shell: FrameData }) {
  const { head, downloads, period, versions, more } = props;
  const href = `${head.href}/downloads`;
  return (
    <PackageFrame shell={shell} head={head} tab="downloads" title={`Downloads of ${head.name}`}>
      <div class="stack">
        <Section
          title="Downloads"
          note={`${count(downloads.total)} in ${period} days${downloads.before === null ? "" : `, ${change(downloads.total, downloads.before)}`}`}
          end={
            <Choices
              label="Period"
              options={[30, 90].map((days) => ({
                href: days === 30 ? href : `${href}?days=${days}`,
                text: `${days} days`,
                current: days === period,
              }))}
            />
          }
        >
          <DownloadsChart id="downloads" downloads={downloads} />
        </Section>
        {versions.length === 0 ? null : (
          <Table
            label="Downloads of each version"
            rows={35}
            columns={[
              { title: "Versions", heading: true },
              { title: "Downloads", end: true, keeps: true },
              { title: "Share", end: true, from: "tablet" },
            ]}
          >
            {versions.map((each) => (
              <Row>
                <Cell at="name" mono grows>
                  {each.isLive ? (
                    <a class="row-link" href={versionHref(head, each.version)}>
                      {each.version}
                    </a>
                  ) : (
                    <span class="muted">{each.version}</span>
                  )}
                </Cell>
                <Cell at="figure" end>
                  <Figure value={each.count} text={count(each.count)} />
                </Cell>
                <Cell from="tablet" end>
                  <span class="num">{percent(each.count / Math.max(1, downloads.total))}</span>
                </Cell>
              </Row>
            ))}
          </Table>
        )}
        {more === 0 ? null : <p class="secondary">{counted(more, "more version")} had fewer downloads.</p>}
      </div>
    </PackageFrame>
  );
}

type ChartProps = { id: string; downloads: DownloadDays; narrow?: boolean };

/** Bars of a day each. */
export function DownloadsChart({ id, downloads, narrow }: ChartProps) {
  const { days, total } = downloads;
  if (total === 0) return <p class="secondary">{`No downloads in the last ${days.length} days.`}</p>;
  const bars = days.map(({ day, count }) => ({ label: dayWords(day), value: count }));
  const highest = days.reduce((best, each) => (each.count > best.count ? each : best));
  const first = dayWords(days[0]?.day ?? "");
  return (
    <BarChart
      id={id}
      title={`Downloads per day, ${first} to ${dayWords(days.at(-1)?.day ?? "")}`}
      about={`${counted(total, "download")}; most on ${dayWords(highest.day)}: ${count(highest.count)}.`}
      bars={bars}
      height={narrow ? 90 : 150}
      narrow={narrow}
      phone={narrow ? 14 : 30}
      labels={narrow ? 3 : 7}
      headings={["Day", "Downloads"]}
    />
  );
}

function dayWords(day: string): string {
  const at = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(at) ? day : date(at, at);
}
