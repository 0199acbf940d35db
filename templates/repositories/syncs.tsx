// Syncs of a repository: the history, and one of them.
import { Frame } from "../frame/frame.tsx";
import { LeftOut } from "../packages/left-out.tsx";
import type { FrameData } from "../frame/shell.ts";
import { Fact, PageHead, SectionHead } from "../parts/head.tsx";
import { Empty, Notice } from "../parts/notice.tsx";
import { count, span } from "../parts/numbers.ts";
import { Pagination } from "../parts/pagination.tsx";
import { State, type StateKind } from "../parts/state.tsx";
import { Cell, Figure, Row, Table, type Column } from "../parts/table.tsx";
import { exact, Time } from "../parts/time.tsx";
import { TickStrip } from "../parts/ticks.tsx";
import type { Tick } from "../../src/registry/organizations/overview.ts";
import { RefList, type RefListProps } from "./refs.tsx";

export type SyncLine = {
  id: string;
  state: "running" | "success" | "stopped" | "cancelled" | "failed";
  startedAt: number;
  finishedAt: number | null;
  /** Who or what triggered it. */
  by: string;
  error: string | null;
  added: number;
  updated: number;
  removed: number;
  leftOut: number;
  /** A poll that found no changes. */
  isUnchanged: boolean;
  /** How many syncs in a row with the same result it stands for, and when the first of them started. */
  times: number;
  since: number;
};

/** The newest ones on the repository's page. */
export function SyncHistory(props: { syncs: SyncLine[]; ticks: Tick[]; now: number; base: string }) {
  const { syncs, ticks, now, base } = props;
  return (
    <section class="section">
      {syncs.length === 0 ? (
        <>
          <SectionHead title="Sync history" />
          <Empty title="No syncs yet">
            Syncs appear here with what they changed. The first one starts automatically.
          </Empty>
        </>
      ) : (
        <SyncTable syncs={syncs} now={now} base={base} ticks={ticks} />
      )}
    </section>
  );
}

export function SyncsPage(props: {
  shell: FrameData;
  base: string;
  name: string;
  syncs: SyncLine[];
  ticks: Tick[];
  now: number;
  page: number;
  pageSize: number;
  total: number;
}) {
  const { shell, base, name, syncs, ticks, now, page, pageSize, total } = props;
  return (
    <Frame shell={shell} title="Syncs" section="repositories" path={pathTo(base, name, [{ label: "Syncs" }])}>
      <PageHead title="Syncs" facts={<TickStrip ticks={ticks} />} />
      <section class="section">
        {syncs.length === 0 ? (
          <Empty title="No syncs yet">Syncs appear here and are kept for 90 days.</Empty>
        ) : (
          <SyncTable syncs={syncs} now={now} base={base} />
        )}
        <Pagination
          page={page}
          pageSize={pageSize}
          total={total}
          href={(next) => (next === 1 ? `${base}/syncs` : `${base}/syncs?page=${next}`)}
        />
      </section>
    </Frame>
  );
}

export function SyncPage(props: {
  shell: FrameData;
  base: string;
  name: string;
  sync: SyncLine;
  skipped: number;
  refs: RefListProps;
  now: number;
}) {
  const { shell, base, name, sync, skipped, refs, now } = props;
  const { state, startedAt, by, error, added, updated, removed, leftOut } = sync;
  const path = pathTo(base, name, [
    { label: "Syncs", href: `${base}/syncs` },
    { label: exact(startedAt).replace(/,.*/, "") },
  ]);
  const length = span(lengthOf(sync, now));
  return (
    <Frame shell={shell} title="Sync" section="repositories" path={path}>
      <PageHead
        title={`Sync of ${exact(startedAt)}`}
        facts={[
          <State kind={kinds[state]} word={stateWords[state]} />,
          <Fact>{state === "running" ? `for ${length}` : `took ${length}`}</Fact>,
          <Fact>{`trigger: ${by}`}</Fact>,
          <Fact>{`${count(added)} added, ${count(updated)} updated, ${count(removed)} removed, ${count(skipped)} skipped`}</Fact>,
        ]}
      />
      {error === null ? null : <Notice tone={tones[state] ?? "failed"} title={error} />}
      {error === null && leftOut > 0 ? <LeftOut count={leftOut} /> : null}
      {refs.refs.length === 0 && refs.outcome === null ? (
        <Empty title={state === "success" ? "No changes" : "No tags or branches were read"}>
          {state === "success"
            ? "All tags and branches were unchanged, so none had to be read."
            : "The sync ended before it could read any."}
        </Empty>
      ) : (
        <RefList {...refs} />
      )}
    </Frame>
  );
}

/** With `ticks` the table is a section of its own, and its title the first heading. */
function SyncTable(props: { syncs: SyncLine[]; now: number; base: string; ticks?: Tick[] }) {
  const { syncs, now, base, ticks } = props;
  const headed: Column[] = [
    { title: "Sync history", heading: true },
    { title: ticks ? <TickStrip ticks={ticks} /> : "", keeps: true },
    { title: "Duration", hiddenTitle: true, from: "tablet" },
    { title: "Trigger", hiddenTitle: true, from: "tablet" },
    { title: <a href={`${base}/syncs`}>All syncs</a>, end: true, keeps: true },
  ];
  return (
    <Table label="Syncs" rows={38} columns={ticks ? headed : columns}>
      {syncs.map((sync) => (
        <Row>
          <Cell at="name" tight>
            <a class="row-link plain" href={`${base}/syncs/${sync.id}`}>
              <State
                kind={kinds[sync.state]}
                word={stateWords[sync.state]}
                strong={sync.state !== "success"}
              />
            </a>
          </Cell>
          <Cell at="figure" tight>
            <Time at={sync.startedAt} now={now} />
          </Cell>
          <Cell end tight from="tablet">
            {span(lengthOf(sync, now))}
          </Cell>
          <Cell small tight from="tablet">
            {sync.by}
          </Cell>
          <Cell at="note" end={sync.error === null} breaks small>
            {sync.isUnchanged ? (
              <span class="secondary">no changes</span>
            ) : sync.error === null ? (
              <Counts {...sync} />
            ) : (
              <span class={sync.state === "cancelled" ? "muted" : "failed"}>{sync.error}</span>
            )}
            <Repeats {...sync} now={now} />
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

function Repeats({ state, times, since, now }: SyncLine & { now: number }) {
  if (times === 1) return <></>;
  return (
    <span class="secondary">
      {state === "failed" ? ` ${count(times)} failures in a row` : `, ${count(times)} checks in a row`}
      {", the first "}
      <Time at={since} now={now} />
    </span>
  );
}

function Counts({ added, updated, removed }: SyncLine) {
  return (
    <>
      <Figure value={added} text={`${count(added)} added`} />{" "}
      <Figure value={updated} text={`${count(updated)} updated`} />{" "}
      <Figure value={removed} text={`${count(removed)} removed`} />
    </>
  );
}

const columns: Column[] = [
  { title: "Result" },
  { title: "Started" },
  { title: "Duration", end: true, from: "tablet" },
  { title: "Trigger", from: "tablet" },
  { title: "Changes", end: true },
];

function lengthOf({ startedAt, finishedAt }: SyncLine, now: number): number {
  return Math.max(0, (finishedAt ?? now) - startedAt);
}

function pathTo(base: string, name: string, more: { label: string; href?: string }[]) {
  const list = base.slice(0, base.lastIndexOf("/"));
  return [{ label: "Repositories", href: list }, { label: name, href: base, mono: true }, ...more];
}

const kinds: Record<SyncLine["state"], StateKind> = {
  running: "running",
  success: "success",
  stopped: "waiting",
  cancelled: "skipped",
  failed: "failed",
};

/** Of what is no failure. */
const tones: Partial<Record<SyncLine["state"], "waiting" | "plain">> = {
  stopped: "waiting",
  cancelled: "plain",
};

const stateWords: Record<SyncLine["state"], string> = {
  running: "Running",
  success: "Success",
  stopped: "Stopped",
  cancelled: "Canceled",
  failed: "Failed",
};
