// The list of repositories, and the form that adds them.
import { Frame } from "../frame/frame.tsx";
import type { FrameData } from "../frame/shell.ts";
import type { OverdueRepositories } from "../../src/registry/syncs/overdue.ts";
import { OverdueNotice } from "./overdue-notice.tsx";
import { ButtonLink } from "../parts/button.tsx";
import { FilterChip, Filters } from "../parts/filter.tsx";
import { PageHead } from "../parts/head.tsx";
import { Empty } from "../parts/notice.tsx";
import { count } from "../parts/numbers.ts";
import { PackageName } from "../parts/package-name.tsx";
import { Pagination } from "../parts/pagination.tsx";
import { ListState, StateCounts } from "../parts/state.tsx";
import { Cell, Figure, Row, Table, type Column } from "../parts/table.tsx";
import { TickStrip } from "../parts/ticks.tsx";
import type { Tick } from "../../src/registry/organizations/overview.ts";
import { WebhookMark } from "./webhook-part.tsx";
import type { WebhookStatus } from "./webhook-view.ts";

type RepositoryLine = {
  name: string;
  url: string;
  state: "fresh" | "stale" | "waiting" | "syncing" | "failed";
  checkedAt: number | null;
  ticks: Tick[];
  packages: number;
  webhook: WebhookStatus;
};

export type RepositoryListProps = {
  lines: RepositoryLine[];
  now: number;
  overdue: OverdueRepositories | null;
  base: string;
  /** What the address asks for. */
  query: { q: string; state: string; sort: string; page: number };
  counts: { failed: number; waiting: number; stale: number; fresh: number; syncing: number };
  /** That match, on all pages. */
  total: number;
  pageSize: number;
  canAdd: boolean;
};

export function RepositoriesPage({ shell, list }: { shell: FrameData; list: RepositoryListProps }) {
  const { base, query, counts, total, canAdd, overdue, now } = list;
  const all = shell.organization?.repositories ?? 0;
  const add = (
    <ButtonLink href={`${base}/new`} variant="primary" icon="plus">
      Add repository
    </ButtonLink>
  );
  return (
    <Frame shell={shell} title="Repositories" section="repositories" path={[{ label: "Repositories" }]}>
      <PageHead
        title="Repositories"
        facts={
          all > 0 && (
            <StateCounts
              failed={counts.failed}
              waiting={counts.waiting + counts.syncing}
              stale={counts.stale}
              fresh={counts.fresh}
            />
          )
        }
        actions={canAdd && all > 0 ? add : undefined}
      />
      <OverdueNotice overdue={overdue} slug={shell.organization?.slug ?? ""} now={now} />
      {all === 0 ? (
        <Empty title="No repositories yet" actions={canAdd ? add : undefined}>
          Pricore mirrors Git repositories from any host. Each tag and branch with a{" "}
          <code>composer.json</code> becomes a version of a package.
        </Empty>
      ) : (
        <>
          <Filters
            action={base}
            value={query.q}
            placeholder="Name or URL"
            label="Search repositories"
            keep={kept({ ...query, q: "", page: 1 })}
            target="#repositories"
            tally={
              query.q !== "" || query.state !== "" ? { visible: total, total: all, clear: base } : undefined
            }
          >
            <FilterChip
              label="Status"
              value={query.state || undefined}
              clear={query.state ? hrefOf(base, { ...query, state: "", page: 1 }) : undefined}
              options={(["failed", "waiting", "syncing", "stale", "fresh"] as const).map((state) => ({
                href: hrefOf(base, { ...query, state, page: 1 }),
                text: state === "fresh" ? "up to date" : state,
                count: counts[state],
              }))}
            />
          </Filters>
          <RepositoryList {...list} />
        </>
      )}
    </Frame>
  );
}

/** Asks for itself again when a sync of the organization moves. */
export function RepositoryList(list: RepositoryListProps) {
  const { lines, now, base, query, total, pageSize } = list;
  return (
    <div
      id="repositories"
      hx-get={hrefOf(base, query)}
      hx-trigger="sync from:body throttle:1s, live from:body"
      hx-swap="outerMorph"
    >
      {lines.length === 0 ? (
        <Empty title="No repository matches">
          <a href={base}>Show all repositories</a>
        </Empty>
      ) : (
        <Table label="Repositories" columns={columns(base, query)}>
          {lines.map((line) => (
            <Line line={line} now={now} base={base} />
          ))}
        </Table>
      )}
      <Pagination
        page={query.page}
        pageSize={pageSize}
        total={total}
        href={(page) => hrefOf(base, { ...query, page })}
      />
    </div>
  );
}

function Line({ line, now, base }: { line: RepositoryLine; now: number; base: string }) {
  const { name, url, state, checkedAt, ticks, packages, webhook } = line;
  const isUnderWay = state === "syncing" || state === "waiting";
  return (
    <Row>
      <Cell at="name" grows>
        <PackageName name={name} href={`${base}/${encodeURIComponent(name)}`} row />
      </Cell>
      <Cell at="state">
        <ListState kind={state} at={isUnderWay ? null : checkedAt} now={now} />
      </Cell>
      <Cell from="tablet">
        <WebhookMark state={webhook} />
      </Cell>
      <Cell from="tablet">
        <TickStrip ticks={ticks} />
      </Cell>
      <Cell at="figure" end>
        <Figure value={packages} text={count(packages)} unit={packages === 1 ? " package" : " packages"} />
      </Cell>
      <Cell from="desktop" small breaks>
        <span class="muted">{url}</span>
      </Cell>
    </Row>
  );
}

type Query = RepositoryListProps["query"];

function columns(base: string, query: Query): Column[] {
  const sorted = (sort: string): Column["sort"] => {
    const is = query.sort === sort ? "ascending" : query.sort === `-${sort}` ? "descending" : undefined;
    const next = is === "ascending" ? `-${sort}` : sort;
    return { href: hrefOf(base, { ...query, sort: next, page: 1 }), is };
  };
  return [
    { title: "Repository", sort: sorted("name") },
    { title: "Last checked", sort: sorted("fresh") },
    { title: "Webhook", from: "tablet" },
    { title: "Last syncs", from: "tablet" },
    { title: "Packages", end: true, sort: sorted("packages") },
    { title: "URL", from: "desktop" },
  ];
}

function hrefOf(base: string, { q, state, sort, page }: Query): string {
  const query = new URLSearchParams(kept({ q, state, sort, page })).toString();
  return query === "" ? base : `${base}?${query}`;
}

function kept({ q, state, sort, page }: Query): Record<string, string> {
  return {
    ...(q === "" ? {} : { q }),
    ...(state === "" ? {} : { state }),
    ...(sort === "name" ? {} : { sort }),
    ...(page === 1 ? {} : { page: String(page) }),
  };
}
