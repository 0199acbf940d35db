// What waits, who works, what comes next, what is done.
import type { Crew, JobLine, Place, Turn, Waiting } from "./view.ts";
import { Button } from "../parts/button.tsx";
import { Section } from "../parts/head.tsx";
import { PackageName } from "../parts/package-name.tsx";
import { Icon } from "../parts/icon.tsx";
import { count, counted, size } from "../parts/numbers.ts";
import { ShareBar } from "../parts/progress.tsx";
import { State } from "../parts/state.tsx";
import { Cell, Figure, Row, RowActions, Table } from "../parts/table.tsx";
import { relative, shortly, Time } from "../parts/time.tsx";
import { every, titleOf, took } from "./words.ts";

/** Names of which something waits, or which are paused; the others are one line that they can be paused from. */
export function WaitingTable({ waiting, base, now }: { waiting: Waiting[]; base: string; now: number }) {
  const most = Math.max(10, ...waiting.map((each) => each.waiting));
  const isIdle = (each: Waiting) => each.waiting + each.delayed === 0 && !each.isPaused;
  const idle = waiting.filter(isIdle);
  const shown = waiting.filter((each) => !isIdle(each));
  if (shown.length === 0)
    return (
      <Section title="Waiting">
        <div class="named">
          <span>Nothing waits</span>
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
        { title: "Share", spoken: true, from: "desktop" },
        { title: "Jobs", end: true, keeps: true },
        { title: "Later", end: true, from: "tablet" },
        { title: "Oldest waits", end: true },
        { title: "Pause", spoken: true },
      ]}
    >
      {shown.map((each) => (
        <WaitingRow each={each} most={most} base={base} now={now} />
      ))}
      {idle.length === 0 ? null : (
        <tr class="is-note">
          <td colspan="6" class="at-name">
            <div class="named">
              <span>{`Nothing waits of ${counted(idle.length, "other job")}`}</span>
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
        Pause one
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
          <Figure value={0} words="0" />
        ) : (
          <a class="num" href={`${base}/jobs?state=waiting&name=${each.name}`}>
            {count(each.waiting)}
          </a>
        )}
      </Cell>
      <Cell from="tablet" end tight small>
        <Figure value={each.delayed} words={count(each.delayed)} />
      </Cell>
      <Cell at="state" end tight>
        {each.isPaused ? (
          <State kind="waiting" word="paused" />
        ) : (
          <span class="num">{each.oldestDueAt === null ? "–" : took(now - each.oldestDueAt)}</span>
        )}
      </Cell>
      <Cell at="note" end tight>
        <RowActions>
          <form method="post" action={`${base}/${each.isPaused ? "resume" : "pause"}`}>
            <input type="hidden" name="name" value={each.name} />
            <Button
              look="quiet"
              small
              icon={each.isPaused ? "play" : "pause"}
              label={`${each.isPaused ? "Resume" : "Pause"} ${each.name}`}
            />
          </form>
        </RowActions>
      </Cell>
    </Row>
  );
}

export function WorkersTable({ crews, now }: { crews: Crew[]; now: number }) {
  let number = 0;
  return (
    <Table
      label="Workers"
      rows={33}
      columns={[
        { title: "Workers", heading: true },
        { title: "Job" },
        { title: "For", end: true },
        { title: "Done this hour", end: true },
      ]}
    >
      {crews.length === 0 ? (
        <tr class="is-note">
          <td colspan="4" class="at-name">
            No process works
          </td>
        </tr>
      ) : null}
      {crews.map((crew) => [
        crew.places.map((place) => <PlaceRow place={place} name={`w${++number}`} now={now} />),
        <tr class="is-note">
          <td colspan="4" class="at-note">
            {`${crew.host}, pid ${crew.pid}, ${size(crew.memoryBytes)}, up ${shortly(crew.startedAt, now)}, ${scaleWords(crew)}`}
          </td>
        </tr>,
      ])}
    </Table>
  );
}

function scaleWords({ min, max }: Crew): string {
  if (min === max) return max === 1 ? "1 worker" : `${max} workers`;
  return `${min} to ${max} workers`;
}

function PlaceRow({ place: { job, doneThisHour }, name, now }: { place: Place; name: string; now: number }) {
  return (
    <Row>
      <Cell at="state" mono strong tight>
        {name}
      </Cell>
      <Cell at="name" breaks>
        {job === null ? (
          <span class="quiet">idle</span>
        ) : (
          <>
            <span class="mono">
              <b>{job.name}</b>
              {job.subject === null ? null : ` ${job.subject}`}
            </span>
            {job.progress === null ? null : (
              <span class="quiet small num">{` ${count(job.progress.done)} of ${count(job.progress.total)} refs`}</span>
            )}
          </>
        )}
      </Cell>
      <Cell at="figure" end tight>
        <span class="num">{job === null ? "" : took(Math.max(0, now - job.since))}</span>
      </Cell>
      <Cell at="note" end tight>
        <Figure value={doneThisHour} words={count(doneThisHour)} />
      </Cell>
    </Row>
  );
}

export function Timetable({ turns, now }: { turns: Turn[]; now: number }) {
  return (
    <Table
      label="Timetable"
      rows={33}
      columns={[
        { title: "Timetable", heading: true },
        { title: "Runs" },
        { title: "Last", from: "tablet" },
        { title: "Next" },
        { title: "Last took", end: true },
      ]}
    >
      {turns.map(({ name, everyMs, nextAt, lastAt, lastMs }) => (
        <Row>
          <Cell at="name" grows>
            {titleOf(name)}
          </Cell>
          <Cell at="state">{every(everyMs)}</Cell>
          <Cell from="tablet">
            <Time at={lastAt} now={now} />
          </Cell>
          <Cell at="note">{nextAt === null ? "–" : nextAt <= now ? "now" : relative(nextAt, now)}</Cell>
          <Cell at="figure" end>
            <span class="num">{took(lastMs)}</span>
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

export function DoneTable({ jobs, base, now }: { jobs: JobLine[]; base: string; now: number }) {
  return (
    <Table
      label="Done"
      rows={33}
      columns={[
        { title: "Done", heading: true },
        { title: "On", from: "tablet" },
        { title: "Took", end: true },
        { title: <a href={`${base}/jobs?state=done`}>All done</a>, end: true, keeps: true },
      ]}
    >
      {jobs.map((job) => (
        <Row>
          <Cell at="name" mono tight>
            <a href={`${base}/jobs/${job.id}`}>{job.name}</a>
          </Cell>
          <Cell at="state" grows>
            <SubjectName subject={job.subject} />
          </Cell>
          <Cell at="figure" end>
            <span class="num">{took(runMs(job))}</span>
          </Cell>
          <Cell at="note" end small>
            <Time at={job.finishedAt} now={now} />
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

/** Shrinks in the middle where there is no room. */
export function SubjectName({ subject }: { subject: string | null }) {
  return subject === null ? <></> : <PackageName name={subject} />;
}

export function runMs({ startedAt, finishedAt }: Pick<JobLine, "startedAt" | "finishedAt">): number | null {
  return startedAt === null || finishedAt === null ? null : Math.max(0, finishedAt - startedAt);
}
