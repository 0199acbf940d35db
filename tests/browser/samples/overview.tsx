import { Frame } from "../../../templates/frame/frame.tsx";
import type { Assets } from "../../../templates/frame/layout.tsx";
import { BarChart } from "../../../templates/parts/bar-chart.tsx";
import { ButtonLink } from "../../../templates/parts/button.tsx";
import { CopyButton } from "../../../templates/parts/command.tsx";
import { Feed, type Entry } from "../../../templates/parts/feed.tsx";
import { Figures, GettingStarted } from "../../../templates/parts/figures.tsx";
import { Fact, Facts, PageHead, Section } from "../../../templates/parts/head.tsx";
import { count } from "../../../templates/parts/numbers.ts";
import { PackageName } from "../../../templates/parts/package-name.tsx";
import { ListState, StateCounts, type StateKind } from "../../../templates/parts/state.tsx";
import { Cell, Row, Table } from "../../../templates/parts/table.tsx";
import { TickStrip } from "../../../templates/parts/ticks.tsx";
import type { Tick } from "../../../src/registry/organizations/overview.ts";
import { appUrl, days, downloads, hour, minute, now, second, shellOf } from "./shell.ts";

const entries: Entry[] = [
  {
    by: { person: "ann" },
    what: [<b>ann</b>, " revoked token ", <code>old-jenkins</code>],
    at: now - 6 * minute,
  },
  {
    by: { icon: "git-commit-horizontal" },
    what: [<code>acme/data-sync</code>, " 2 versions added, 1 updated"],
    at: now - 12 * minute,
  },
  {
    by: { icon: "triangle-alert", failed: true },
    what: [<code>acme/reporting</code>, " sync failed: 401 from gitlab.acme.example"],
    at: now - 31 * minute,
  },
  {
    by: { icon: "package-plus" },
    what: [<code>acme/auth-sdk</code>, " published ", <code>v4.0.0-rc.2</code>],
    at: now - hour,
  },
  {
    by: { person: "ben" },
    what: [<b>ben</b>, " created token ", <code>ci-github-actions</code>],
    at: now - 2 * hour,
  },
  {
    by: { icon: "shield-alert", failed: true },
    what: ["1 new advisory affects ", <code>acme/pdf-renderer</code>],
    at: now - 3 * hour,
  },
  {
    by: { person: "ann" },
    what: [<b>ann</b>, " invited ", <code>chloe@acme.example</code>, " as member"],
    at: now - 5 * hour,
  },
];

const quiet: Tick[] = Array.from({ length: 18 }, (_, index) => (index % 5 === 3 ? "changed" : "same"));
const freshness: [name: string, ticks: Tick[], kind: StateKind, at: number][] = [
  ["acme/reporting", [...quiet.slice(3), "failed", "failed", "failed"], "failed", now - 31 * minute],
  ["acme/legacy-erp", [...quiet.slice(1), "waiting"], "waiting", now - 18 * minute],
  ["acme/data-sync", quiet, "fresh", now - 40 * second],
  ["acme/billing", quiet, "fresh", now - minute],
  ["acme/enterprise-resource-planning-bundle", quiet, "fresh", now - 3 * minute],
  ["acme/mailer", ["changed", "same", "changed", "same", "same", "same"], "fresh", now - 4 * minute],
];

export function Overview({ asset }: { asset: Assets }) {
  const values = downloads(840);
  return (
    <Frame
      shell={shellOf(asset, { toast: "Token old-jenkins revoked" })}
      title="Overview"
      section="overview"
      path={[{ label: "Overview" }]}
    >
      <div class="stack">
        <PageHead
          title="Acme"
          facts={
            <Fact mono>
              {`${appUrl}/acme `}
              <CopyButton text={`${appUrl}/acme`} label="Copy the address" />
            </Fact>
          }
          actions={[
            <ButtonLink href="#invite">Invite people</ButtonLink>,
            <ButtonLink href="#add" variant="primary" icon="plus">
              Add repository
            </ButtonLink>,
          ]}
        />
        <Facts>
          <StateCounts failed={1} waiting={1} fresh={19} />
          <span>oldest check 14 minutes ago</span>
          <a href="#repositories">View repositories</a>
        </Facts>
        <Figures
          figures={[
            { label: "Packages", value: "24", note: "312 versions" },
            { label: "Repositories", value: "21", note: "18 with a webhook" },
            { label: "Members", value: "3", note: "1 invited" },
            { label: "Downloads, 30 days", value: count(15145), note: "12.4% more than before" },
          ]}
        />
        <GettingStarted done={4} total={5} dismiss="/organizations/acme/getting-started">
          Left to do: <a href="#webhooks">turn on webhooks for 3 repositories</a>, so that a push arrives in
          seconds.
        </GettingStarted>
        <Section
          title="Downloads per day"
          note="dotted: average of the previous 30 days; hatched: today so far"
          link={{ href: "#downloads-numbers", text: "Show as table" }}
        >
          <BarChart
            id="downloads"
            title="Downloads per day, 26 October to 24 November"
            about="15,145 in 30 days, 840 on the highest day, 12.4% more than in the 30 days before."
            bars={days(values)}
            mean={440}
            headings={["Day", "Downloads"]}
          />
        </Section>
        <div class="columns is-wide">
          <Section title="Activity" link={{ href: "#activity", text: "All activity" }}>
            <Feed entries={entries} now={now} />
          </Section>
          <Table
            label="Freshness"
            rows={38}
            columns={[
              { title: "Freshness", heading: true },
              { title: "last 18 syncs", from: "desktop" },
              { title: <a href="#all">All 21</a>, end: true, keeps: true },
            ]}
          >
            {freshness.map(([name, ticks, kind, at]) => (
              <Row>
                <Cell at="name" grows>
                  <PackageName name={name} href="#repository" row />
                </Cell>
                <Cell tight from="desktop">
                  <TickStrip ticks={ticks} />
                </Cell>
                <Cell at="figure" end tight small>
                  <ListState kind={kind} at={at} now={now} />
                </Cell>
              </Row>
            ))}
          </Table>
        </div>
      </div>
    </Frame>
  );
}
