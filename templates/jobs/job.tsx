// One job: its data, its result and what can be done with it.
import type { JobLine } from "../../src/registry/jobs/view.ts";
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
import { purposeOf, settledText, took } from "./text.ts";

type JobProps = {
  shell: FrameData;
  base: string;
  job: JobLine & { payload: [name: string, value: string][]; createdAt: number };
  attempts: Attempt[];
  now: number;
};

type Attempt = { attempt: number; startedAt: number | null; endedAt: number; error: string };

const states: Record<JobLine["state"], StateKind> = {
  waiting: "waiting",
  retrying: "waiting",
  running: "running",
  done: "done",
  settled: "done",
  failed: "failed",
  dead: "failed",
};

const text: Record<JobLine["state"], string> = {
  waiting: "waiting",
  retrying: "retrying",
  running: "running",
  done: "done",
  settled: settledText,
  failed: "failed",
  dead: "failed permanently",
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
        about={purposeOf(name)}
        facts={
          <>
            <State kind={states[state]} word={text[state]} />
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
                <Button variant="primary" icon="rotate-ccw" busy="Retrying…">
                  Retry
                </Button>
              </form>
            </>
          ) : undefined
        }
      />
      {error === null || !(hasFailed || state === "settled") ? null : (
        <Notice tone={isOver ? "failed" : "waiting"} title={ending(job, now)}>
          <p class="raw">{error}</p>
        </Notice>
      )}
      {attempts.length === 0 ? null : <AttemptsTable attempts={attempts} now={now} />}
      <div class="columns is-even">
        <Section title="Times">
          <Pairs pairs={timesOf(job, now)} />
        </Section>
        <Section title="Payload" note="IDs as stored in the queue">
          {job.payload.length === 0 ? (
            <p class="prose">This job has no data.</p>
          ) : (
            <Pairs pairs={job.payload.map(([key, value]) => [key, <code>{value}</code>])} />
          )}
        </Section>
      </div>
      <p class="muted small">
        {"In the log: job "}
        <code>{id}</code>
      </p>
    </Frame>
  );
}

/** The schedule starts a failed sync again, as it does with mail that was not sent. */
function ending({ state, runAt }: JobLine, now: number): string {
  if (state === "dead") return "It will not be retried automatically";
  if (state === "failed") return "The job finished, but its work failed";
  if (state === "settled") return "This sync failed; a later sync of the repository succeeded";
  return `Next attempt ${relative(runAt, now)}`;
}

function AttemptsTable({ attempts, now }: { attempts: Attempt[]; now: number }) {
  return (
    <Table
      label="Failed attempts"
      rows={33}
      columns={[
        { title: "Failed attempts", heading: true },
        { title: "Error" },
        { title: "Duration", end: true },
        { title: "Finished", end: true },
      ]}
    >
      {attempts.map(({ attempt, startedAt, endedAt, error }) => (
        <Row>
          <Cell at="name" tight>
            {`Attempt ${attempt}`}
          </Cell>
          <Cell at="state" grows breaks>
            <span class="raw">{error}</span>
          </Cell>
          <Cell at="figure" end tight>
            <span class="num">{took(startedAt === null ? null : Math.max(0, endedAt - startedAt))}</span>
          </Cell>
          <Cell at="note" end tight small>
            <Time at={endedAt} now={now} />
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
    ["Created", at(createdAt)],
    [state === "waiting" || state === "retrying" ? "Due" : "Was due", at(runAt)],
    [state === "running" ? "Running since" : "Last started", at(startedAt)],
    [state === "dead" || state === "failed" || state === "settled" ? "Failed" : "Done", at(finishedAt)],
    ["Duration", took(runMs(job))],
  ];
}
