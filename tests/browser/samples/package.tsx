import { Frame } from "../../../templates/frame/frame.tsx";
import type { Assets } from "../../../templates/frame/layout.tsx";
import { Badge, SeverityBadge } from "../../../templates/parts/badge.tsx";
import { BarChart } from "../../../templates/parts/bar-chart.tsx";
import { Button, MenuItem, MoreMenu } from "../../../templates/parts/button.tsx";
import { Chain } from "../../../templates/parts/chain.tsx";
import { CommandBlock, CopyButton } from "../../../templates/parts/command.tsx";
import { Dialog, Removal } from "../../../templates/parts/dialog.tsx";
import { Pairs } from "../../../templates/parts/figures.tsx";
import { Fact, PageHead, Section } from "../../../templates/parts/head.tsx";
import { Well } from "../../../templates/parts/notice.tsx";
import { size } from "../../../templates/parts/numbers.ts";
import { PackageName } from "../../../templates/parts/package-name.tsx";
import { State } from "../../../templates/parts/state.tsx";
import { Cell, Group, GroupName, Row, Table } from "../../../templates/parts/table.tsx";
import { Tabs } from "../../../templates/parts/tabs.tsx";
import { Time } from "../../../templates/parts/time.tsx";
import { day, days, downloads, hour, minute, now, shellOf } from "./shell.ts";

type Version = [
  name: string,
  at: number,
  commit: string,
  bytes: number,
  mark?: "latest" | "medium" | "critical",
];
const groups: [name: string, versions: Version[]][] = [
  [
    "Stable",
    [
      ["v3.4.2", now - 3 * day, "9f2c41a", 421888, "latest"],
      ["v3.4.1", now - 21 * day, "c07be19", 420864],
      ["v3.3.0", now - 60 * day, "51d0a7e", 407552, "medium"],
      ["v2.9.8", now - 210 * day, "a83f6d2", 364544, "critical"],
    ],
  ],
  ["Pre-release", [["v3.5.0-beta.1", now - 26 * hour, "e41b7c0", 429056]]],
  [
    "Development",
    [
      ["dev-main", now - minute, "77ad3f4", 431104],
      ["dev-feat/sepa-mandates", now - 5 * hour, "0c9e5b8", 434176],
    ],
  ],
];

export function Package({ asset }: { asset: Assets }) {
  return (
    <Frame
      shell={shellOf(asset)}
      title="acme/billing"
      section="packages"
      path={[
        { label: "Packages", href: "/organizations/acme/packages" },
        { label: "acme/billing", mono: true },
      ]}
    >
      <div class="stack">
        <div class="stack is-close">
          <PageHead
            packageName="acme/billing"
            facts={[
              <span>Invoices, credit notes and payment schedules.</span>,
              <State kind="fresh" at={now - minute} now={now} />,
              <Fact icon="github" mono>
                acme/billing
              </Fact>,
              <Fact icon="scale">proprietary</Fact>,
            ]}
            actions={[
              <Button busy="Syncing…">Sync now</Button>,
              <MoreMenu label="More about acme/billing">
                <MenuItem href="#edit" icon="pencil">
                  Change source
                </MenuItem>
                <MenuItem href="#remove" icon="trash-2" destroys dialog="remove">
                  Remove package
                </MenuItem>
              </MoreMenu>,
            ]}
          />
          <CommandBlock command={["composer require ", { own: "acme/billing" }, ":^3.4"]} />
        </div>
        <Tabs
          label="acme/billing"
          tabs={[
            { href: "#", text: "Overview", current: true },
            { href: "#", text: "Versions", count: 48 },
            { href: "#", text: "Dependencies", count: 10 },
            { href: "#", text: "Dependents", count: 5 },
            { href: "#", text: "Downloads" },
          ]}
        />
        <div class="columns">
          <div class="stack">
            <Table
              label="Versions"
              rows={35}
              grouped
              columns={[
                { title: "Versions", heading: true },
                { title: "Version", hiddenTitle: true },
                { title: "Released" },
                { title: "Commit", from: "desktop" },
                { title: "Archive", end: true, from: "desktop" },
                { title: <a href="#all">All 48</a>, end: true, keeps: true },
              ]}
            >
              {groups.map(([name, versions]) => (
                <Group>
                  {versions.map(([version, at, commit, bytes, mark], index) => (
                    <Row>
                      {index === 0 ? <GroupName span={versions.length}>{name}</GroupName> : null}
                      <Cell at="name" strong>
                        <span class="named">
                          <a class="package-name row-link" href="#version">
                            {version}
                          </a>
                          {mark === "latest" ? <Badge tone="accent">latest</Badge> : null}
                          {mark === "medium" || mark === "critical" ? (
                            <SeverityBadge severity={mark} count={1} href="#advisory" />
                          ) : null}
                        </span>
                      </Cell>
                      <Cell at="figure" tight>
                        <Time at={at} now={now} />
                      </Cell>
                      <Cell mono small tight from="desktop">
                        {commit}
                      </Cell>
                      <Cell end tight from="desktop">
                        {size(bytes)}
                      </Cell>
                      <Cell end tight>
                        <CopyButton
                          text={`composer require acme/billing:${version}`}
                          label={`Copy the command that requires ${version}`}
                        />
                      </Cell>
                    </Row>
                  ))}
                </Group>
              ))}
            </Table>
            <Well
              title="Why is my version not here?"
              end={
                <form class="with-button">
                  <input class="input mono" name="version" value="v3.5.0" aria-label="Version" size="14" />
                  <Button>Explain</Button>
                </form>
              }
            >
              <Chain
                label="The way of v3.5.0"
                links={[
                  { name: "Tag found", note: "tag v3.5.0, 2 h ago", is: "done" },
                  { name: "Fetched", note: "commit 4be1f09", is: "done" },
                  { name: "Manifest", note: "version field says 3.4.2", is: "failed" },
                  { name: "Archive", is: "left" },
                  { name: "Published", is: "left" },
                ]}
                advice={[
                  "The tag is ",
                  <code>v3.5.0</code>,
                  ", but ",
                  <code>composer.json</code>,
                  " says ",
                  <code>"version": "3.4.2"</code>,
                  ". Delete that line, tag again, push.",
                ]}
              />
            </Well>
            <Section title="README" note="from v3.4.2" link={{ href: "#readme", text: "Read all" }}>
              <div class="readme">
                <p>Invoices, credit notes and payment schedules for every Acme product.</p>
                <pre tabindex="0">
                  <code>
                    $invoice = Billing::draft($customer)-&gt;line('Seat, annual', Money::of(120, 'EUR'));
                  </code>
                </pre>
              </div>
            </Section>
          </div>
          <div class="stack">
            <Section title="Downloads" end="2,192 in 30 days">
              <BarChart
                id="package-downloads"
                title="Downloads of acme/billing per day"
                about="2,192 in 30 days, 118 on the highest day."
                bars={days(downloads(118))}
                height={76}
                narrow
                labels={3}
                phone={7}
                headings={["Day", "Downloads"]}
              />
            </Section>
            <Section title="Requires" end="4, dev 6">
              <Pairs
                pairs={[
                  [<code>php</code>, <code>^8.2</code>],
                  [<code>ext-intl</code>, <code>*</code>],
                  [<PackageName name="acme/billing-contracts" href="#contracts" />, <code>^1.2</code>],
                ]}
              />
            </Section>
            <Section title="Used by" end="5 in Acme">
              <Pairs
                pairs={[
                  [<PackageName name="acme/reporting" href="#reporting" />, <code>^3.3</code>],
                  [
                    <PackageName
                      name="acme/enterprise-resource-planning-interoperability-bundle"
                      href="#erp"
                    />,
                    <code>~2.9</code>,
                  ],
                ]}
              />
            </Section>
          </div>
        </div>
      </div>
      <Dialog id="remove" label="Remove acme/billing">
        <Removal
          title="Remove acme/billing from the registry?"
          loss={[
            "48 versions and 1.9 GB of archives are deleted. 5 packages here require it; their next ",
            <code>composer update</code>,
            " will fail.",
          ]}
          expects="acme/billing"
          action="/organizations/acme/packages/acme/billing/removal"
          verb="Remove package"
          cancel="#"
        />
      </Dialog>
    </Frame>
  );
}
