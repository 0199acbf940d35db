// One job: what it was asked, what became of it, what a person can do with it.
import type { JobLine } from "./view.ts";
import { Frame } from "../frame.tsx";
import { Button } from "../parts/button.tsx";
import { PageHead, Section } from "../parts/head.tsx";
import { Notice } from "../parts/notice.tsx";
import { Pairs } from "../parts/figures.tsx";
import { State, type StateKind } from "../parts/state.tsx";
import { exact, relative } from "../parts/time.tsx";
import type { Child } from "../jsx/jsx-runtime.ts";
import type { Shell } from "../shell.ts";
import { attemptsOf } from "./failed.tsx";
import { runMs } from "./tables.tsx";
import { took } from "./words.ts";

export type JobProps = {
  shell: Shell;
  base: string;
  job: JobLine & { payload: [name: string, value: string][]; createdAt: number };
  now: number;
};

const states: Record<JobLine["state"], StateKind> = {
  waiting: "waiting",
  retrying: "waiting",
  running: "running",
  done: "done",
  dead: "failed",
};

const words: Record<JobLine["state"], string> = {
  waiting: "waiting",
  retrying: "waits to be tried again",
  running: "running",
  done: "done",
  dead: "failed for good",
};

export function JobPage({ shell, base, job, now }: JobProps) {
  const { id, name, state, error } = job;
  const hasFailed = state === "dead" || state === "retrying";
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
            {job.subject === null ? null : <span class="mono">{job.subject}</span>}
            <span>{`attempt ${attemptsOf(job, now)}`}</span>
          </>
        }
        actions={
          hasFailed ? (
            <>
              {state === "dead" ? (
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
        <Notice
          tone={state === "dead" ? "failed" : "waiting"}
          title={
            state === "dead"
              ? "Nobody tries it again unless you do"
              : `Tried again ${relative(job.runAt, now)}`
          }
        >
          <p class="raw">{error}</p>
        </Notice>
      )}
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
      <p class="quiet small">
        {"Job "}
        <code>{id}</code>
        {", as the log names it."}
      </p>
    </Frame>
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
    [state === "dead" ? "Given up" : "Done", at(finishedAt)],
    ["Took", took(runMs(job))],
  ];
}
