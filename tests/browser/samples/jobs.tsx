import { Frame } from "../../../templates/frame.tsx";
import type { Assets } from "../../../templates/layout.tsx";
import { BarChart } from "../../../templates/parts/bar-chart.tsx";
import { Button } from "../../../templates/parts/button.tsx";
import { Choices } from "../../../templates/parts/filter.tsx";
import { PageHead, Section } from "../../../templates/parts/head.tsx";
import { LineChart } from "../../../templates/parts/line-chart.tsx";
import { PackageName } from "../../../templates/parts/package-name.tsx";
import { Legend, ShareBar } from "../../../templates/parts/progress.tsx";
import { State } from "../../../templates/parts/state.tsx";
import { Cell, Figure, Row, RowActions, Table } from "../../../templates/parts/table.tsx";
import { Time } from "../../../templates/parts/time.tsx";
import { minute, now, shellOf } from "./shell.ts";

const minutes = Array.from({ length: 60 }, (_, index) => {
  const at = new Date(now - (59 - index) * minute).toISOString().slice(11, 16);
  return { label: at, value: Math.round(45 + 25 * Math.sin(index / 9)), failed: index === 42 ? 9 : 0 };
});

export function Jobs({ asset }: { asset: Assets }) {
  return (
    <Frame shell={shellOf(asset)} title="Jobs" section="jobs" path={[{ label: "Jobs" }]}>
      <div class="stack">
        <PageHead
          title="Jobs"
          facts={[
            <State kind="done" word="The queue moves" />,
            <span>last job finished 1 second ago</span>,
            <State kind="failed" word="2 failed for good" />,
          ]}
          actions={[
            <Choices
              label="Period"
              framed
              options={[
                { href: "#", words: "1 h", current: true },
                { href: "#", words: "24 h" },
                { href: "#", words: "7 d" },
              ]}
            />,
            <Button icon="pause">Pause</Button>,
          ]}
        />
        <div class="columns is-even">
          <Section
            title="Throughput"
            note="2,846 jobs in the hour"
            end={[<Legend of="done">done</Legend>, " ", <Legend of="failed">failed 9</Legend>]}
          >
            <BarChart
              id="throughput"
              title="Jobs per minute, 11:05 to 12:04"
              about="2,846 jobs, 70 in the busiest minute, 9 failed."
              bars={minutes}
              height={120}
              narrow
              open={false}
              labels={3}
              phone={30}
              headings={["Minute", "Done"]}
            />
          </Section>
          <Section title="Run time" note="of sync">
            <LineChart
              id="run-time"
              title="Run time of sync, 11:05 to 12:04"
              about="Median 0.46 s, 95 % under 1.92 s."
              labels={minutes.map(({ label }) => label)}
              main={minutes.map((_, index) => 0.45 + 0.1 * Math.sin(index / 5))}
              second={minutes.map((_, index) => (index === 20 ? null : index > 40 && index < 46 ? 4.1 : 1.9))}
              height={120}
              words={(value) => `${value} s`}
              headings={["Minute", "Median", "95 % under"]}
            />
          </Section>
          <Table
            label="Waiting"
            rows={33}
            columns={[
              { title: "Waiting", heading: true },
              { title: "Share", spoken: true, from: "tablet" },
              { title: "Jobs", end: true, keeps: true },
              { title: "Oldest waits", end: true },
            ]}
          >
            {(
              [
                ["sync", 18, "4.2 s"],
                ["publish", 2, "0.1 s"],
                ["mail", 0, "–"],
              ] as const
            ).map(([name, waiting, oldest]) => (
              <Row>
                <Cell at="name" mono strong>
                  {name}
                </Cell>
                <Cell from="tablet">
                  <ShareBar value={waiting} max={30} />
                </Cell>
                <Cell at="figure" end tight strong>
                  <Figure value={waiting} words={String(waiting)} />
                </Cell>
                <Cell at="note" end tight>
                  {oldest}
                </Cell>
              </Row>
            ))}
          </Table>
          <Table
            label="Workers"
            rows={33}
            columns={[{ title: "Workers", heading: true }, { title: "Job" }, { title: "For", end: true }]}
          >
            <Row>
              <Cell at="name" mono strong tight>
                w1
              </Cell>
              <Cell at="state" mono>
                sync acme/data-sync
              </Cell>
              <Cell at="figure" end tight>
                8 s
              </Cell>
            </Row>
          </Table>
        </div>
        <Table
          label="Failed"
          rows={33}
          columns={[
            { title: "Failed", heading: true },
            { title: "On" },
            { title: "Because" },
            { title: "Attempts", from: "desktop" },
            { title: "When" },
            { title: <a href="#all">Retry all</a>, end: true, keeps: true },
          ]}
        >
          <Row>
            <Cell at="state" tight>
              <State kind="failed">sync</State>
            </Cell>
            <Cell at="name" grows>
              <PackageName name="acme/enterprise-resource-planning-connector-bundle" />
            </Cell>
            <Cell breaks>gitlab.acme.example refused the credential (401)</Cell>
            <Cell small tight from="desktop">
              3 of 3
            </Cell>
            <Cell at="note" tight small>
              <Time at={now - 31 * minute} now={now} />
            </Cell>
            <Cell at="figure" end tight>
              <RowActions>
                <Button look="quiet" small>
                  Retry
                </Button>
              </RowActions>
            </Cell>
          </Row>
        </Table>
      </div>
    </Frame>
  );
}
