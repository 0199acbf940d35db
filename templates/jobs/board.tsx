// The job dashboard: whether the queue is running, and what needs attention.
import type { JobBoard, JobRuns, QueueState } from "../../src/registry/jobs/view.ts";
import { Frame } from "../frame/frame.tsx";
import { Button, ButtonLink } from "../parts/button.tsx";
import { Choices } from "../parts/filter.tsx";
import { PageHead, Section } from "../parts/head.tsx";
import { Notice } from "../parts/notice.tsx";
import { count, counted, span } from "../parts/numbers.ts";
import { State, type StateKind } from "../parts/state.tsx";
import { Time } from "../parts/time.tsx";
import type { FrameData } from "../frame/shell.ts";
import { RunTimes, Throughput } from "./charts.tsx";
import { FailedTable, WithAll } from "./failed.tsx";
import { ByJob, DoneTable, Timetable, WorkersTable } from "./tables.tsx";
import { WaitingTable } from "./waiting.tsx";
import { pausedText } from "./text.ts";
import { paths } from "../paths.ts";

export type BoardProps = {
  board: JobBoard;
  runs: JobRuns;
  /** Of the dashboard: `/horizon`. */
  base: string;
  /** The dashboard with another period, or with the run times of another job. */
  href: (change: { period?: string; job?: string; timetable?: string | null }) => string;
  /** Whether jobs of the timetable are shown where nothing went wrong. */
  showsTimetable: boolean;
  now: number;
};

export function JobsPage({ shell, ...props }: BoardProps & { shell: FrameData }) {
  return (
    <Frame shell={shell} title="Jobs" section="jobs" path={[{ label: "Jobs" }]}>
      <JobBoardPart {...props} />
    </Frame>
  );
}

/** Asks for itself again when the queue looks otherwise, and now and then where nothing tells it so. */
export function JobBoardPart(props: BoardProps) {
  const { board, runs, base, href, now } = props;
  const { failed, unsuccessful, done, waiting } = board;
  return (
    <div id="jobs" class="stack" hx-get={href({})} hx-trigger={follows} hx-swap="outerMorph">
      <PageHead
        title="Jobs"
        about={[
          "The queue, its workers and what failed. ",
          <a href={paths.docs("operations#jobs")}>More in the docs</a>,
        ]}
        facts={<Facts {...props} />}
        actions={<HeadActions {...props} />}
      />
      <Trouble board={board} now={now} />
      <div class="columns is-even">
        <Throughput runs={runs} />
        <RunTimes runs={runs} names={waiting.map(({ name }) => name)} href={(job) => href({ job })} />
        <WaitingTable waiting={waiting} base={base} now={now} />
        <WorkersTable crews={board.processes} now={now} />
      </div>
      {failed.length === 0 ? (
        <Section title="Failed">
          <p class="prose">
            No failed jobs. Jobs whose work fails are listed here with the reason; jobs that end in an error
            are retried five times first.
          </p>
        </Section>
      ) : (
        <FailedTable
          jobs={failed}
          base={base}
          now={now}
          end={unsuccessful === 0 ? undefined : <WithAll base={base} />}
        />
      )}
      {runs.byName.length === 0 ? null : <ByJob runs={runs} href={(job) => href({ job })} />}
      <Timetable turns={board.schedule} now={now} />
      <DoneTable jobs={done} base={base} now={now} />
    </div>
  );
}

const follows = "jobs from:body, live from:body, every 30s";

const moods: Record<QueueState, { kind: StateKind; word: string }> = {
  moves: { kind: "done", word: "Queue is running" },
  behind: { kind: "waiting", word: "Queue is slow" },
  paused: { kind: "waiting", word: "Queue is paused" },
  stuck: { kind: "failed", word: "Queue is stuck" },
  unworked: { kind: "failed", word: "No worker is running" },
};

function Facts({ board, base, href, showsTimetable, now }: BoardProps) {
  const { kind, word } = moods[board.state];
  return (
    <>
      <State kind={kind} word={word} />
      {board.lastDoneAt === null ? null : (
        <span>
          {"last job finished "}
          <Time at={board.lastDoneAt} now={now} />
        </span>
      )}
      {board.slots === 0 ? null : <span>{`${board.busy} of ${counted(board.slots, "worker")} busy`}</span>}
      {board.unsuccessful === 0 ? null : (
        <a href={`${base}/jobs?state=failed`}>
          <State kind="failed" word={failedWords(board)} />
        </a>
      )}
      <a href={href({ timetable: showsTimetable ? null : "1" })}>
        {showsTimetable ? "Hide scheduled jobs" : "Show scheduled jobs"}
      </a>
    </>
  );
}

function failedWords({ dead, unsuccessful }: JobBoard): string {
  const forGood = dead === 0 ? null : `${count(dead)} failed permanently`;
  if (forGood !== null && dead === unsuccessful) return forGood;
  return [`${count(unsuccessful)} failed`, forGood].filter((text) => text !== null).join(", ");
}

function HeadActions({ board, runs, base, href }: BoardProps) {
  return (
    <>
      <Choices
        label="Period"
        framed
        options={[
          ["1h", "1 h"],
          ["24h", "24 h"],
          ["7d", "7 d"],
        ].map(([period = "", text = ""]) => ({
          href: href({ period }),
          text,
          current: runs.period.name === period,
        }))}
      />
      {board.pause ? (
        <form method="post" action={`${base}/resume`}>
          <Button icon="play" variant="primary">
            Resume
          </Button>
        </form>
      ) : (
        <ButtonLink icon="pause" href={`${base}/pause`}>
          Pause
        </ButtonLink>
      )}
    </>
  );
}

/** What is the case, what still works, what to do. */
function Trouble({ board, now }: { board: JobBoard; now: number }) {
  const { state: mood, pause, waiting, longestWaitMs } = board;
  if (mood === "paused")
    return (
      <Notice tone="waiting" icon="pause" title="No new jobs start until you resume">
        {pause === null ? null : `${pausedText(pause, now)}. `}
        Composer is not affected. Pushes and requests are accepted and wait here.
      </Notice>
    );
  if (mood === "unworked")
    return (
      <Notice tone="failed" title="No worker is running">
        {"Composer is not affected, but nothing is synced and no mail is sent. Start "}
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
    <Notice tone="failed" title={`${oldest?.name ?? "A job"} has been waiting for ${span(longestWaitMs)}`}>
      {"All workers below are busy. If this happens often, raise "}
      <code>WORKER_CONCURRENCY</code>
      {", and "}
      <code>GIT_CONCURRENCY</code>
      {" for syncs, or run "}
      <code>pricore worker</code>
      {" on another machine."}
    </Notice>
  );
}
