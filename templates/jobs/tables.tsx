// Workers, the schedule, and finished jobs.
import type { WorkerProcess, JobLine, JobRuns, Slot, ScheduleEntry } from "../../src/registry/jobs/view.ts";
import { PackageName } from "../parts/package-name.tsx";
import { Section } from "../parts/head.tsx";
import { count, size } from "../parts/numbers.ts";
import { Cell, Figure, Row, Table } from "../parts/table.tsx";
import { relative, shortly, Time } from "../parts/time.tsx";
import { every, purposeOf, settledText, titleOf, took } from "./text.ts";

export function WorkersTable({ crews, now }: { crews: WorkerProcess[]; now: number }) {
  let number = 0;
  return (
    <Table
      label="Workers"
      rows={33}
      columns={[
        { title: "Workers", heading: true },
        { title: "Job" },
        { title: "Running for", end: true },
        { title: "Done this hour", end: true },
      ]}
    >
      {crews.length === 0 ? (
        <tr class="is-note">
          <td colspan="4" class="at-name">
            No worker is running
          </td>
        </tr>
      ) : null}
      {crews.map((crew) => [
        crew.slots.map((place) => <PlaceRow place={place} name={`w${++number}`} now={now} />),
        <tr class="is-note">
          <td colspan="4" class="at-note">
            {`${crew.host}, pid ${crew.pid}, ${size(crew.memoryBytes)}, up ${shortly(crew.startedAt, now)}, ${scaleWords(crew)}`}
          </td>
        </tr>,
      ])}
    </Table>
  );
}

function scaleWords({ min, max }: WorkerProcess): string {
  if (min === max) return max === 1 ? "1 worker" : `${max} workers`;
  return `${min} to ${max} workers`;
}

function PlaceRow({ place: { job, doneThisHour }, name, now }: { place: Slot; name: string; now: number }) {
  return (
    <Row>
      <Cell at="state" mono strong tight>
        {name}
      </Cell>
      <Cell at="name" breaks>
        {job === null ? (
          <span class="muted">idle</span>
        ) : (
          <>
            <span class="mono">
              <b title={purposeOf(job.name)}>{job.name}</b>
              {job.subject === null ? null : ` ${job.subject}`}
            </span>
            {job.progress === null ? null : (
              <span class="muted small num">{` ${count(job.progress.done)} of ${count(job.progress.total)} tags and branches`}</span>
            )}
          </>
        )}
      </Cell>
      <Cell at="figure" end tight>
        <span class="num">{job === null ? "" : took(Math.max(0, now - job.since))}</span>
      </Cell>
      <Cell at="note" end tight>
        <Figure value={doneThisHour} text={count(doneThisHour)} />
      </Cell>
    </Row>
  );
}

export function Timetable({ turns, now }: { turns: ScheduleEntry[]; now: number }) {
  return (
    <Table
      label="Schedule"
      rows={33}
      columns={[
        { title: "Schedule", heading: true },
        { title: "Runs" },
        { title: "Last", from: "tablet" },
        { title: "Next" },
        { title: "Last duration", end: true },
      ]}
    >
      {turns.map(({ name, everyMs, nextAt, lastAt, lastMs }) => (
        <Row>
          <Cell at="name" grows>
            {titleOf(name)}
            <span class="secondary small">{` ${purposeOf(name)}`}</span>
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
  const allDone = <a href={`${base}/jobs?state=done`}>View all</a>;
  if (jobs.length === 0)
    return (
      <Section title="Done" end={allDone}>
        <p class="prose">Finished jobs are listed here for a day.</p>
      </Section>
    );
  return (
    <Table
      label="Done"
      rows={33}
      columns={[
        { title: "Done", heading: true },
        { title: "Subject", from: "tablet" },
        { title: "Duration", end: true },
        { title: allDone, end: true, keeps: true },
      ]}
    >
      {jobs.map((job) => (
        <Row>
          <Cell at="name" mono tight>
            <a href={`${base}/jobs/${job.id}`} title={purposeOf(job.name)}>
              {job.name}
            </a>
          </Cell>
          <Cell at="state" grows>
            <SubjectName job={job} />
            <SettledNote job={job} />
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

/** Shrinks in the middle where there is no room. With `linked` it leads to its page. */
export function SubjectName({ job, linked }: { job: JobLine; linked?: boolean }) {
  const { subject, href } = job;
  if (subject === null) return <></>;
  return <PackageName name={subject} {...(linked && href !== null ? { href } : {})} />;
}

/** Says of a job among the done ones that it failed. */
export function SettledNote({ job }: { job: JobLine }) {
  return job.state === "settled" ? <span class="muted small">{` ${settledText}`}</span> : <></>;
}

/** Of each name how many jobs ended and how long they took. */
export function ByJob({ runs, href }: { runs: JobRuns; href: (name: string) => string }) {
  return (
    <Table
      label="By job"
      rows={33}
      columns={[
        { title: "By job", heading: true },
        { title: "Done", end: true },
        { title: "Failed", end: true },
        { title: "Median", end: true, from: "tablet" },
        { title: "95% finish within", end: true, from: "tablet" },
      ]}
    >
      {runs.byName.map(({ name, done, failed, median, slow }) => (
        <Row>
          <Cell at="name" mono grows>
            <a href={href(name)}>{name}</a>
          </Cell>
          <Cell at="figure" end>
            <Figure value={done} text={count(done)} />
          </Cell>
          <Cell at="note" end>
            <Figure value={failed} text={count(failed)} />
          </Cell>
          <Cell end from="tablet">
            <span class="num">{took(median)}</span>
          </Cell>
          <Cell end from="tablet">
            <span class="num">{took(slow)}</span>
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

export function runMs({ startedAt, finishedAt }: Pick<JobLine, "startedAt" | "finishedAt">): number | null {
  return startedAt === null || finishedAt === null ? null : Math.max(0, finishedAt - startedAt);
}
