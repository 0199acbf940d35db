// The job dashboard: does the queue move, and what needs a person?
import type { JobBoard, JobRuns, Mood } from "./view.ts";
import { Frame } from "../frame.tsx";
import { Button } from "../parts/button.tsx";
import { Choices } from "../parts/filter.tsx";
import { PageHead, Section } from "../parts/head.tsx";
import { Notice } from "../parts/notice.tsx";
import { counted, span } from "../parts/numbers.ts";
import { State, type StateKind } from "../parts/state.tsx";
import { Time } from "../parts/time.tsx";
import type { Shell } from "../shell.ts";
import { RunTimes, Throughput } from "./charts.tsx";
import { FailedTable, RetryAll } from "./failed.tsx";
import { DoneTable, Timetable, WaitingTable, WorkersTable } from "./tables.tsx";

export type BoardProps = {
  board: JobBoard;
  runs: JobRuns;
  /** Of the dashboard: `/horizon`. */
  base: string;
  /** The dashboard with another period, or with the run times of another job. */
  href: (change: { period?: string; job?: string }) => string;
  now: number;
};

export function JobsPage({ shell, ...props }: BoardProps & { shell: Shell }) {
  return (
    <Frame shell={shell} title="Jobs" section="jobs" path={[{ label: "Jobs" }]}>
      <JobBoardPart {...props} />
    </Frame>
  );
}

/** Asks for itself again when the queue looks otherwise, and now and then where nothing tells it so. */
export function JobBoardPart({ board, runs, base, href, now }: BoardProps) {
  const { failed, dead, done, waiting } = board;
  return (
    <div id="jobs" class="stack" hx-get={href({})} hx-trigger={follows} hx-swap="outerMorph">
      <PageHead
        title="Jobs"
        facts={<Facts board={board} base={base} now={now} />}
        actions={<HeadActions board={board} runs={runs} base={base} href={href} />}
      />
      <Trouble board={board} />
      <div class="columns is-even">
        <Throughput runs={runs} />
        <RunTimes runs={runs} names={waiting.map(({ name }) => name)} href={(job) => href({ job })} />
        <WaitingTable waiting={waiting} base={base} now={now} />
        <WorkersTable crews={board.crews} now={now} />
      </div>
      {failed.length === 0 ? (
        <Section title="Failed">
          <p class="prose">Nothing failed. Jobs are tried five times, then listed here with the reason.</p>
        </Section>
      ) : (
        <FailedTable jobs={failed} base={base} now={now} end={<RetryAll base={base} dead={dead} />} />
      )}
      <Timetable turns={board.turns} now={now} />
      {done.length === 0 ? null : <DoneTable jobs={done} base={base} now={now} />}
    </div>
  );
}

const follows = "jobs from:body, live from:body, every 30s";

const moods: Record<Mood, { kind: StateKind; word: string }> = {
  moves: { kind: "done", word: "The queue moves" },
  behind: { kind: "waiting", word: "The queue is behind" },
  paused: { kind: "waiting", word: "The queue is paused" },
  stuck: { kind: "failed", word: "The queue stands still" },
  unworked: { kind: "failed", word: "Nobody works the queue" },
};

function Facts({ board, base, now }: Pick<BoardProps, "board" | "base" | "now">) {
  const { kind, word } = moods[board.mood];
  return (
    <>
      <State kind={kind} word={word} />
      {board.lastDoneAt === null ? null : (
        <span>
          {"last job finished "}
          <Time at={board.lastDoneAt} now={now} />
        </span>
      )}
      {board.places === 0 ? null : <span>{`${board.busy} of ${counted(board.places, "worker")} busy`}</span>}
      {board.dead === 0 ? null : (
        <a href={`${base}/jobs?state=dead`}>
          <State kind="failed" word={`${board.dead} failed for good`} />
        </a>
      )}
    </>
  );
}

function HeadActions({ board, runs, base, href }: Pick<BoardProps, "board" | "runs" | "base" | "href">) {
  const { isPaused } = board;
  return (
    <>
      <Choices
        label="Period"
        framed
        options={[
          ["1h", "1 h"],
          ["24h", "24 h"],
          ["7d", "7 d"],
        ].map(([period = "", words = ""]) => ({
          href: href({ period }),
          words,
          current: runs.period.name === period,
        }))}
      />
      <form method="post" action={`${base}/${isPaused ? "resume" : "pause"}`}>
        <Button icon={isPaused ? "play" : "pause"} look={isPaused ? "primary" : undefined}>
          {isPaused ? "Resume" : "Pause"}
        </Button>
      </form>
    </>
  );
}

/** What is the case, what still works, what to do. */
function Trouble({ board }: { board: JobBoard }) {
  const { mood, waiting, longestWaitMs } = board;
  if (mood === "paused")
    return (
      <Notice tone="waiting" icon="pause" title="Nothing new begins until it is resumed">
        Composer is served as always. Pushes and requests are taken and wait here.
      </Notice>
    );
  if (mood === "unworked")
    return (
      <Notice tone="failed" title="No process works the queue">
        {"Composer is served as always, but nothing is synced and no mail is sent. Start "}
        <code>pricore serve</code>
        {" without "}
        <code>--no-worker</code>
        {", or "}
        <code>pricore worker</code>
        {" beside it."}
      </Notice>
    );
  if (mood !== "stuck") return <></>;
  const oldest = waiting.toSorted((a, b) => (a.oldestDueAt ?? Infinity) - (b.oldestDueAt ?? Infinity))[0];
  return (
    <Notice tone="failed" title={`${oldest?.name ?? "A job"} has waited ${span(longestWaitMs)}`}>
      {"The workers below are busy with something else. If that is so often, raise "}
      <code>WORKER_CONCURRENCY</code>
      {", and "}
      <code>GIT_CONCURRENCY</code>
      {" for syncs, or run "}
      <code>pricore worker</code>
      {" on another machine."}
    </Notice>
  );
}
