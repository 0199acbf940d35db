// The repositories that a Git host lists, each to be chosen.
import { Badge } from "../parts/badge.tsx";
import { Button } from "../parts/button.tsx";
import { Empty, Notice } from "../parts/notice.tsx";
import { State } from "../parts/state.tsx";
import { Cell, Row, Table } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";
import type { Problem } from "../parts/problem.tsx";

type ForgeLine = {
  path: string;
  description: string | null;
  isPrivate: boolean;
  isArchived: boolean;
  pushedAt: number | null;
  /** The one that mirrors it already. */
  mirrored: { name: string; href: string } | null;
};

export type ForgeListProps = {
  here: string;
  query: { credential: string; owner: string; q: string; page: string };
  lines: ForgeLine[];
  /** What asks for the next page. */
  next: string | null;
  /** Why there is no list. */
  problem: Problem | null;
  /** Without one Bitbucket lists nothing. */
  needsOwner: boolean;
  atOnce: number;
  now: number;
};

/** The part that a search swaps. */
export function ForgeList(props: ForgeListProps) {
  const { here, query, lines, next, problem, atOnce } = props;
  const open = lines.filter(({ mirrored }) => mirrored === null).length;
  return (
    <div id="forge-list" class="stack">
      {problem ? (
        <Notice
          tone="failed"
          title={problem.message}
          links={[{ href: hrefOf(here, query), text: "Try again" }]}
        />
      ) : null}
      {lines.length === 0 ? (
        problem ? null : (
          <Empty title={query.q === "" ? "No repositories found" : "No repository matches"}>
            {query.q === "" ? (
              "Choose another owner, or give the account more permissions on the Git host."
            ) : (
              <a href={hrefOf(here, { ...query, q: "", page: "" })}>Show all repositories</a>
            )}
          </Empty>
        )
      ) : (
        <form method="post" action={here} class="stack">
          <input type="hidden" name="credential" value={query.credential} />
          <input type="hidden" name="owner" value={query.owner} />
          <input type="hidden" name="q" value={query.q} />
          <input type="hidden" name="page" value={query.page} />
          <ForgeTable {...props} />
          <div class="actions at-hand">
            <Button variant="primary" busy="Adding…" disabled={open === 0}>
              Add selected
            </Button>
            <p class="hint">{`Up to ${atOnce} at once. Each one is synced right away.`}</p>
          </div>
        </form>
      )}
      {query.page !== "" || next !== null ? (
        <nav class="pagination" aria-label="Pages">
          <p />
          <div class="pages">
            {query.page === "" ? null : (
              <a class="button" href={hrefOf(here, { ...query, page: "" })}>
                First page
              </a>
            )}
            {next === null ? null : (
              <a class="button" href={hrefOf(here, { ...query, page: next })} rel="next">
                Next page
              </a>
            )}
          </div>
        </nav>
      ) : null}
    </div>
  );
}

function ForgeTable({ lines, now }: ForgeListProps) {
  const columns = [
    { title: <TickAll lines={lines} /> },
    { title: "Status" },
    { title: "Last push", end: true, from: "tablet" as const },
  ];
  return (
    <Table label="Repositories of the Git host" columns={columns} rows={44}>
      {lines.map((line) => (
        <Row>
          <Cell at="name" grows breaks>
            <Tick line={line} />
          </Cell>
          <Cell at="state" breaks>
            <LineState line={line} />
          </Cell>
          <Cell from="tablet" end small>
            {line.pushedAt === null ? "" : <Time at={line.pushedAt} now={now} />}
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

/** Without scripts the boxes are ticked one by one. */
function TickAll({ lines }: { lines: ForgeLine[] }) {
  if (lines.every(({ mirrored }) => mirrored !== null)) return <>Repository</>;
  return (
    <label class="tick">
      <input type="checkbox" data-ticks="paths" hidden aria-label="Select all on this page" />
      <span>Repository</span>
    </label>
  );
}

function Tick({ line }: { line: ForgeLine }) {
  const { path, description, mirrored } = line;
  const text = (
    <span>
      <span class="mono">{path}</span>
      {description === null ? null : (
        <>
          <br />
          <span class="muted small">{description.slice(0, 200)}</span>
        </>
      )}
    </span>
  );
  if (mirrored) return <div class="tick is-done">{text}</div>;
  return (
    <label class="tick">
      <input type="checkbox" name="paths" value={path} />
      {text}
    </label>
  );
}

function LineState({ line }: { line: ForgeLine }) {
  const { mirrored, isPrivate, isArchived } = line;
  return (
    <span class="facts">
      {mirrored ? (
        <State kind="done">
          Added as <a href={mirrored.href}>{mirrored.name}</a>
        </State>
      ) : null}
      {isArchived ? <Badge>archived</Badge> : null}
      {isPrivate ? <Badge>private</Badge> : null}
    </span>
  );
}

export function hrefOf(here: string, query: ForgeListProps["query"]): string {
  return `${here}?${new URLSearchParams(keptOf(query))}`;
}

export function keptOf(query: ForgeListProps["query"]): Record<string, string> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ""));
}
