// One job: what it was asked, what became of it, what a person can do with it.
import type { JobLine } from "./view.ts";
import { Frame } from "../frame/frame.tsx";
import { Button } from "../parts/button.tsx";
import { PageHead, Section } from "../parts/head.tsx";
import { Notice } from "../parts/notice.tsx";
import { Pairs } from "../parts/figures.tsx";
import { State, type StateKind } from "../parts/state.tsx";
import { Cell, Row, Table } from "../parts/table.tsx";
import { exact, relative, Time } from "../parts/time.tsx";
import type { Child } from "../jsx/jsx-runtime.ts";
import type { FrameData } from "../frame/shell.ts";
import { attemptsOf } from "./failed.tsx";
import { runMs } from "./tables.tsx";
import { took } from "./text.ts";

export type JobProps = {
  shell: FrameData;
  base: string;
  job: JobLine & { payload: [name: string, value: string][]; createdAt: number };
  attempts: Attempt[];
  now: number;
};

export type Attempt = { attempt: number; started_at: number | null; ended_at: number; error: string };

const states: Record<JobLine["state"], StateKind> = {
  waiting: "waiting",
  retrying: "waiting",
  running: "running",
  done: "done",
  failed: "failed",
  dead: "failed",
};

const words: Record<JobLine["state"], string> = {
  waiting: "waiting",
  retrying: "waits to be tried again",
  running: "running",
  done: "done",
  failed: "failed",
  dead: "failed for good",
};

export function JobPage({ shell, base, job, attempts, now }: JobProps) {
  const { id, name, state, error } = job;
  const isOver = state === "dead" || state === "failed";
  const hasFailed = isOver || state === "retrying";
  return (
    <Frame
      shell={shell}
      title={name}
      section="jobs"
      path={[
        { label: "Jobs", href: base },
        { label: name, mono: true },
      ]}
    >
      <PageHead
        title={<span class="mono">{name}</span>}
        facts={
          <>
            <State kind={states[state]} word={words[state]} />
            {job.subject === null ? null : (
              <span class="mono">
                {job.href === null ? job.subject : <a href={job.href}>{job.subject}</a>}
              </span>
            )}
            <span>{`attempt ${attemptsOf(job, now)}`}</span>
          </>
        }
        actions={
          hasFailed ? (
            <>
              {isOver ? (
                <form method="post" action={`${base}/jobs/${id}/forget`}>
                  <Button destroys>Forget</Button>
                </form>
              ) : null}
              <form method="post" action={`${base}/jobs/${id}/retry`}>
                <Button look="primary" icon="rotate-ccw" busy="Retrying…">
                  Retry
                </Button>
              </form>
            </>
          ) : undefined
        }
      />
      {error === null || !hasFailed ? null : (
        <Notice tone={isOver ? "failed" : "waiting"} title={ending(job, now)}>
          <p class="raw">{error}</p>
        </Notice>
      )}
      {attempts.length === 0 ? null : <AttemptsTable attempts={attempts} now={now} />}
      <div class="columns is-even">
        <Section title="Times">
          <Pairs pairs={timesOf(job, now)} />
        </Section>
        <Section title="Payload" note="Ids, as the queue keeps them">
          {job.payload.length === 0 ? (
            <p class="prose">This job needs to know nothing.</p>
          ) : (
            <Pairs pairs={job.payload.map(([key, value]) => [key, <code>{value}</code>])} />
          )}
        </Section>
      </div>
      <p class="muted small">
        {"Job "}
        <code>{id}</code>
        {", as the log names it."}
      </p>
    </Frame>
  );
}

/** A sync that failed is asked for again by the timetable, as is mail that was not sent. */
function ending({ state, runAt }: JobLine, now: number): string {
  if (state === "dead") return "Nobody tries it again unless you do";
  if (state === "failed") return "The job ended, and its work failed";
  return `Tried again ${relative(runAt, now)}`;
}

function AttemptsTable({ attempts, now }: { attempts: Attempt[]; now: number }) {
  return (
    <Table
      label="Failed attempts"
      rows={33}
      columns={[
        { title: "Failed attempts", heading: true },
        { title: "Error" },
        { title: "Took", end: true },
        { title: "Ended", end: true },
      ]}
    >
      {attempts.map(({ attempt, started_at, ended_at, error }) => (
        <Row>
          <Cell at="name" tight>
            {`Attempt ${attempt}`}
          </Cell>
          <Cell at="state" grows breaks>
            <span class="raw">{error}</span>
          </Cell>
          <Cell at="figure" end tight>
            <span class="num">{took(started_at === null ? null : Math.max(0, ended_at - started_at))}</span>
          </Cell>
          <Cell at="note" end tight small>
            <Time at={ended_at} now={now} />
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

function timesOf(job: JobProps["job"], now: number): [string, Child][] {
  const { createdAt, runAt, startedAt, finishedAt, state } = job;
  const at = (time: number | null) =>
    time === null ? "–" : <time title={relative(time, now)}>{exact(time)}</time>;
  return [
    ["Asked for", at(createdAt)],
    [state === "waiting" || state === "retrying" ? "Due" : "Was due", at(runAt)],
    [state === "running" ? "Running since" : "Last begun", at(startedAt)],
    [state === "dead" ? "Given up" : state === "failed" ? "Failed" : "Done", at(finishedAt)],
    ["Took", took(runMs(job))],
  ];
}
