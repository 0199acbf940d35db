// What waits, and what is paused.
import type { Waiting } from "../../src/registry/jobs/view.ts";
import { Button } from "../parts/button.tsx";
import { Section } from "../parts/head.tsx";
import { Icon } from "../parts/icon.tsx";
import { count, counted } from "../parts/numbers.ts";
import { ShareBar } from "../parts/progress.tsx";
import { State } from "../parts/state.tsx";
import { Cell, Figure, Row, RowActions, Table } from "../parts/table.tsx";
import { pausedText, took } from "./text.ts";

/** Names of which something waits, or which are paused; the others are one line that they can be paused from. */
export function WaitingTable({ waiting, base, now }: { waiting: Waiting[]; base: string; now: number }) {
  const most = Math.max(10, ...waiting.map((each) => each.waiting));
  const isIdle = (each: Waiting) => each.waiting + each.delayed === 0 && each.pause === null;
  const idle = waiting.filter(isIdle);
  const visible = waiting.filter((each) => !isIdle(each));
  if (visible.length === 0)
    return (
      <Section title="Waiting">
        <div class="named">
          <span>No jobs are waiting</span>
          <PauseAnother names={idle.map(({ name }) => name)} base={base} />
        </div>
      </Section>
    );
  return (
    <Table
      label="Waiting"
      rows={33}
      columns={[
        { title: "Waiting", heading: true },
        { title: "Share", hiddenTitle: true, from: "desktop" },
        { title: "Jobs", end: true, keeps: true },
        { title: "Scheduled", end: true, from: "tablet" },
        { title: "Oldest", end: true },
        { title: "Pause", hiddenTitle: true },
      ]}
    >
      {visible.map((each) => (
        <WaitingRow each={each} most={most} base={base} now={now} />
      ))}
      {idle.length === 0 ? null : (
        <tr class="is-note">
          <td colspan="6" class="at-name">
            <div class="named">
              <span>{`${counted(idle.length, "other job type")} ${idle.length === 1 ? "is" : "are"} empty`}</span>
              <PauseAnother names={idle.map(({ name }) => name)} base={base} />
            </div>
          </td>
        </tr>
      )}
    </Table>
  );
}

function PauseAnother({ names, base }: { names: string[]; base: string }) {
  return (
    <details class="menu">
      <summary class="button is-quiet is-small">
        <Icon name="pause" small />
        Pause a job type
      </summary>
      <form class="menu-list" method="post" action={`${base}/pause`}>
        {names.map((name) => (
          <button class="menu-item mono" name="name" value={name}>
            {name}
          </button>
        ))}
      </form>
    </details>
  );
}

type WaitingRowProps = { each: Waiting; most: number; base: string; now: number };

function WaitingRow({ each, most, base, now }: WaitingRowProps) {
  return (
    <Row>
      <Cell at="name" mono tight strong>
        {each.name}
      </Cell>
      <Cell from="desktop" grows>
        <ShareBar value={each.waiting} max={most} />
      </Cell>
      <Cell at="figure" end tight strong>
        {each.waiting === 0 ? (
          <Figure value={0} text="0" />
        ) : (
          <a class="num" href={`${base}/jobs?state=waiting&name=${each.name}`}>
            {count(each.waiting)}
          </a>
        )}
      </Cell>
      <Cell from="tablet" end tight small>
        <Figure value={each.delayed} text={count(each.delayed)} />
      </Cell>
      <Cell at="state" end tight>
        {each.pause ? (
          <span title={pausedText(each.pause, now)}>
            <State kind="waiting" word="paused" />
          </span>
        ) : (
          <span class="num">{each.oldestDueAt === null ? "–" : took(now - each.oldestDueAt)}</span>
        )}
      </Cell>
      <Cell at="note" end tight>
        <RowActions>
          <form method="post" action={`${base}/${each.pause ? "resume" : "pause"}`}>
            <input type="hidden" name="name" value={each.name} />
            <Button
              variant="quiet"
              small
              icon={each.pause ? "play" : "pause"}
              label={`${each.pause ? "Resume" : "Pause"} ${each.name}`}
            />
          </form>
        </RowActions>
      </Cell>
    </Row>
  );
}
