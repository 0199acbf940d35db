import { Frame } from "../../../templates/frame/frame.tsx";
import type { Child } from "../../../templates/jsx/jsx-runtime.ts";
import type { Assets } from "../../../templates/frame/layout.tsx";
import { Button, MenuItem, MoreMenu } from "../../../templates/parts/button.tsx";
import { Choices } from "../../../templates/parts/filter.tsx";
import { Pairs, LastCheck } from "../../../templates/parts/figures.tsx";
import { Fact, PageHead, Section } from "../../../templates/parts/head.tsx";
import { Panel } from "../../../templates/parts/notice.tsx";
import { PackageName } from "../../../templates/parts/package-name.tsx";
import { Progress } from "../../../templates/parts/progress.tsx";
import { State, StateIcon, type StateKind } from "../../../templates/parts/state.tsx";
import { Cell, Row, Table } from "../../../templates/parts/table.tsx";
import { TickStrip } from "../../../templates/parts/ticks.tsx";
import { Clock, Time } from "../../../templates/parts/time.tsx";
import { hour, minute, now, second, shellOf } from "./shell.ts";

const refs: [kind: StateKind, ref: string, type: string, outcome: Child, time: string][] = [
  ["running", "v2.14.0-beta.3", "tag", "Building the archive", "now"],
  ["done", "v2.13.1", "tag", "New version", "0.4 s"],
  ["done", "v2.13.0", "tag", "Unchanged", "0.0 s"],
  ["skipped", "release/2.x", "branch", "Skipped: no composer.json at the root of this ref", "0.1 s"],
  ["skipped", "nightly-2026-11-20", "tag", "Skipped: the tag name is not a version", "0.0 s"],
  ["attention", "v2.11.4", "tag", "Skipped: composer.json line 14, trailing comma", "0.1 s"],
];

export function Repository({ asset }: { asset: Assets }) {
  return (
    <Frame
      shell={shellOf(asset)}
      title="acme/data-sync"
      section="repositories"
      path={[
        { label: "Repositories", href: "#" },
        { label: "acme/data-sync", mono: true },
      ]}
    >
      <div class="stack">
        <PageHead
          packageName="acme/data-sync"
          facts={[
            <Fact icon="github" mono>
              github.com/acme/data-sync
            </Fact>,
            <State kind="done" word="Webhook active" />,
            <span>Polled every 15 minutes</span>,
          ]}
          actions={[
            <Button>Cancel sync</Button>,
            <MoreMenu label="More about acme/data-sync">
              <MenuItem href="#remove" icon="trash-2" destroys>
                Remove repository
              </MenuItem>
            </MoreMenu>,
          ]}
        />
        <Panel id="sync">
          <Progress
            label="Sync of acme/data-sync"
            total={200}
            noun="refs"
            shares={[
              { of: "added", text: "added", count: 3 },
              { of: "unchanged", text: "unchanged", count: 35 },
              { of: "skipped", text: "skipped", count: 4 },
            ]}
            current="v2.14.0-beta.3"
            doing="building the archive"
            time="8 s so far, about 30 s left"
            note={["Started by a push of ", <b>ben</b>, " to ", <code>main</code>]}
          />
        </Panel>
        <div class="columns">
          <div class="stack">
            <Section
              title="Tags and branches"
              note={
                <Choices
                  label="Tags and branches"
                  options={[
                    { href: "#", text: "All", count: 42, current: true },
                    { href: "#", text: "Added", count: 3 },
                    { href: "#", text: "Skipped", count: 4 },
                  ]}
                />
              }
              end="newest first"
            >
              <Table
                label="Tags and branches"
                rows={38}
                columns={[
                  { title: "Outcome", hiddenTitle: true },
                  { title: "Ref", hiddenTitle: true },
                  { title: "Kind", hiddenTitle: true, from: "desktop" },
                  { title: "What became of it", hiddenTitle: true },
                  { title: "Time", hiddenTitle: true },
                ]}
              >
                {refs.map(([kind, ref, type, outcome, time]) => (
                  <Row>
                    <Cell tight>
                      <StateIcon kind={kind} />
                    </Cell>
                    <Cell at="name" mono strong breaks>
                      {ref}
                    </Cell>
                    <Cell tight small from="desktop">
                      {type}
                    </Cell>
                    <Cell at="state">{outcome}</Cell>
                    <Cell at="figure" end tight small>
                      {time}
                    </Cell>
                  </Row>
                ))}
              </Table>
            </Section>
            <Section
              title="Sync history"
              note={<TickStrip ticks={["same", "changed", "same", "failed", "same", "changed"]} />}
              link={{ href: "#syncs", text: "All syncs" }}
            >
              <Table
                label="Sync history"
                rows={38}
                columns={[
                  { title: "Outcome", hiddenTitle: true },
                  { title: "When", hiddenTitle: true },
                  { title: "Took", hiddenTitle: true },
                  { title: "By", hiddenTitle: true, from: "desktop" },
                  { title: "Changes", hiddenTitle: true },
                ]}
              >
                <Row>
                  <Cell at="name" strong>
                    <State kind="success" strong={false} />
                  </Cell>
                  <Cell at="figure">
                    <Time at={now - 12 * minute} now={now} />
                  </Cell>
                  <Cell end tight>
                    3.1 s
                  </Cell>
                  <Cell small from="desktop">
                    webhook
                  </Cell>
                  <Cell at="state" end small>
                    2 added, 1 updated
                  </Cell>
                </Row>
                <Row>
                  <Cell at="name" strong>
                    <State kind="failed" />
                  </Cell>
                  <Cell at="figure">
                    <Time at={now - 4 * hour} now={now} />
                  </Cell>
                  <Cell end tight>
                    30.0 s
                  </Cell>
                  <Cell small from="desktop">
                    schedule
                  </Cell>
                  <Cell at="state" end>
                    <State kind="failed" wraps>
                      GitHub did not answer within 30 s
                    </State>
                  </Cell>
                </Row>
              </Table>
            </Section>
          </div>
          <div class="stack">
            <LastCheck label="Last checked" value="12 minutes ago">
              At 11:51:40 all branches and tags matched GitHub.
            </LastCheck>
            <Section title="Webhook deliveries" link={{ href: "#deliveries", text: "All 214" }}>
              <Pairs
                pairs={[
                  [[<StateIcon kind="done" />, <code>202 push</code>], <Clock at={now - 8 * second} />],
                  [
                    [<StateIcon kind="failed" label="refused" />, <code>401 push</code>],
                    "signature did not match",
                  ],
                ]}
              />
            </Section>
            <Section title="Packages" end="2">
              <Pairs
                pairs={[
                  [<PackageName name="acme/data-sync" href="#a" />, <code>v2.13.1</code>],
                  [<PackageName name="acme/data-sync-testing" href="#b" />, <code>v2.13.1</code>],
                ]}
              />
            </Section>
          </div>
        </div>
      </div>
    </Frame>
  );
}
