// All jobs of a state, a page at a time.
import type { JobLine } from "../../src/registry/jobs/view.ts";
import { Frame } from "../frame/frame.tsx";
import { ButtonLink } from "../parts/button.tsx";
import { FilterChip, Filters } from "../parts/filter.tsx";
import { PageHead } from "../parts/head.tsx";
import { Empty } from "../parts/notice.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { Cell, Row, Table } from "../parts/table.tsx";
import { relative, Time } from "../parts/time.tsx";
import type { FrameData } from "../frame/shell.ts";
import { FailedTable, WithAll } from "./failed.tsx";
import { count } from "../parts/numbers.ts";
import { runMs, SettledNote, SubjectName } from "./tables.tsx";
import { TimetableSwitch } from "./timetable-switch.tsx";
import { took } from "./text.ts";

export type ListState = "waiting" | "retrying" | "running" | "failed" | "done";

type ListProps = {
  shell: FrameData;
  base: string;
  state: ListState;
  name: string | null;
  names: string[];
  /** What was searched; "" is nothing. */
  search: string;
  /** Whether jobs of the timetable are shown where nothing went wrong; null where they always are. */
  showsTimetable: boolean | null;
  /** The parameters of this address that a search keeps. */
  kept: Record<string, string>;
  retention: { days: number; most: number };
  jobs: JobLine[];
  counts: Record<Exclude<ListState, "done" | "retrying">, number>;
  /** The addresses of the page after this one, and of the first when this is not it. */
  further: string | null;
  first: string | null;
  href: (change: ListChange) => string;
  now: number;
};

export type ListChange = {
  state?: ListState;
  name?: string | null;
  q?: string | null;
  timetable?: string | null;
};

const titles: Record<ListState, string> = {
  waiting: "Waiting",
  retrying: "Retrying",
  running: "Running",
  failed: "Failed",
  done: "Done",
};

export function JobListPage(props: ListProps) {
  const {
    shell,
    base,
    state,
    name,
    names,
    jobs,
    counts,
    further,
    first,
    href,
    now,
    search,
    kept,
    showsTimetable,
    retention,
  } = props;
  const title = `${titles[state]} jobs`;
  return (
    <Frame
      shell={shell}
      title={title}
      section="jobs"
      path={[{ label: "Jobs", href: base }, { label: titles[state] }]}
    >
      <PageHead title={title} />
      <Tabs
        label="Status"
        tabs={(["waiting", "running", "retrying", "failed", "done"] as const).map((each) => ({
          href: href({ state: each }),
          text: titles[each],
          current: each === state,
          ...(each === "done" || each === "retrying" ? {} : { count: counts[each] }),
        }))}
      />
      <Filters
        action={`${base}/jobs`}
        label="Search jobs"
        placeholder="Repository, package, error or ID"
        value={search}
        keep={kept}
      >
        <FilterChip
          label="Job"
          {...(name === null ? {} : { value: name, clear: href({ name: null }) })}
          options={names.map((each) => ({ href: href({ name: each }), text: each }))}
        />
        {showsTimetable === null ? null : (
          <TimetableSwitch isOn={showsTimetable} href={href({ timetable: showsTimetable ? null : "1" })} />
        )}
      </Filters>
      {jobs.length === 0 && search !== "" ? (
        <Empty title={`No ${titles[state].toLowerCase()} job matches "${search}"`}>
          <a href={href({ q: null })}>Show all</a>
        </Empty>
      ) : jobs.length === 0 ? (
        <Empty title={`No ${titles[state].toLowerCase()} jobs`}>{mechanism[state]}</Empty>
      ) : state === "failed" || state === "retrying" ? (
        <FailedTable
          jobs={jobs}
          base={base}
          now={now}
          end={state === "failed" && name === null && search === "" ? <WithAll base={base} /> : undefined}
        />
      ) : (
        <PlainTable {...props} />
      )}
      {state === "failed" ? (
        <p class="muted small">
          {`Failed jobs are kept for ${retention.days} days, up to ${count(retention.most)} of each type.`}
        </p>
      ) : null}
      {further === null && first === null ? null : (
        <div class="actions">
          {first === null ? null : <ButtonLink href={first}>First page</ButtonLink>}
          {further === null ? null : <ButtonLink href={further}>Next page</ButtonLink>}
        </div>
      )}
    </Frame>
  );
}

const mechanism: Record<ListState, string> = {
  waiting: "Jobs wait here until a worker picks them up.",
  running: "Jobs are listed here while a worker runs them.",
  retrying: "Failed jobs wait here for their next attempt.",
  failed:
    "Jobs whose work fails are listed here with the reason; jobs that end in an error are retried five times first.",
  done: "Finished jobs are listed here for a day.",
};

function PlainTable({ state, jobs, base, now }: ListProps) {
  const isDone = state === "done";
  return (
    <Table
      label={titles[state]}
      rows={33}
      columns={[
        { title: "Job" },
        { title: "Subject", from: "tablet" },
        { title: isDone ? "Duration" : "Attempt", end: true },
        { title: isDone ? "Finished" : state === "running" ? "Since" : "Due", end: true },
      ]}
    >
      {jobs.map((job) => (
        <Row>
          <Cell at="name" mono tight>
            <a href={`${base}/jobs/${job.id}`}>{job.name}</a>
          </Cell>
          <Cell at="state" grows>
            <SubjectName job={job} />
            <SettledNote job={job} />
          </Cell>
          <Cell at="figure" end>
            <span class="num">{isDone ? took(runMs(job)) : String(job.attempts)}</span>
          </Cell>
          <Cell at="note" end small>
            {state === "waiting" ? (
              job.runAt <= now ? (
                "now"
              ) : (
                relative(job.runAt, now)
              )
            ) : (
              <Time at={isDone ? job.finishedAt : job.startedAt} now={now} />
            )}
          </Cell>
        </Row>
      ))}
    </Table>
  );
}
