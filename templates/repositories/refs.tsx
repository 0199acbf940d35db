// Tags and branches with their results.
import { Choices } from "../parts/filter.tsx";
import { Empty } from "../parts/notice.tsx";
import { Pagination } from "../parts/pagination.tsx";
import { count } from "../parts/numbers.ts";
import { StateIcon, type StateKind } from "../parts/state.tsx";
import { Cell, Row, Table } from "../parts/table.tsx";
import { refText } from "./text.ts";
import type { Outcome, RefLine } from "./ref-line.ts";

export type RefListProps = {
  title?: string;
  /** The address of this list, filter and all. */
  here: string;
  base: string;
  refs: RefLine[];
  counts: Partial<Record<Outcome, number>>;
  outcome: Outcome | null;
  page: number;
  pageSize: number;
  /** The sync has not happened: its removals would be. */
  wouldBe?: boolean;
  /** The number of unchanged ones that are folded into one line. */
  folded?: number;
};

export function RefList(props: RefListProps) {
  const { title = "Tags and branches", base, refs, counts, outcome, page, pageSize, wouldBe = false } = props;
  const folded = outcome === null ? (props.folded ?? 0) : 0;
  const all = Object.values(counts).reduce((sum, each) => sum + each, 0);
  const visible = outcome === null ? all - folded : (counts[outcome] ?? 0);
  const options = [
    { href: base, text: "All", count: all, current: outcome === null },
    ...outcomes
      .filter((each) => (counts[each] ?? 0) > 0 || each === outcome)
      .map((each) => ({
        href: refsHref(base, { outcome: each, page: 1 }),
        text: wouldBe && each === "removed" ? "Would be removed" : text[each],
        count: counts[each] ?? 0,
        current: outcome === each,
      })),
  ];
  return (
    <section class="section" id="refs">
      <header class="section-head">
        <h2>{title}</h2>
        <Choices label="Result" options={options} />
      </header>
      {refs.length === 0 && folded > 0 ? null : refs.length === 0 ? (
        <Empty title="No tags or branches with this result">
          <a href={base}>Show all</a>
        </Empty>
      ) : (
        <Table label={title} rows={38} columns={columns}>
          {refs.map((ref) => (
            <Line ref={ref} wouldBe={wouldBe} />
          ))}
        </Table>
      )}
      {folded === 0 ? null : (
        <p class="folded">
          <StateIcon kind="fresh" label="Unchanged" />
          <a href={refsHref(base, { outcome: "unchanged", page: 1 })}>{`${count(folded)} unchanged`}</a>
        </p>
      )}
      <Pagination
        page={page}
        pageSize={pageSize}
        total={visible}
        href={(next) => refsHref(base, { outcome, page: next })}
      />
    </section>
  );
}

function Line({ ref, wouldBe }: { ref: RefLine; wouldBe: boolean }) {
  const { kind, name, outcome, needsALook, href } = ref;
  const state: StateKind = outcome === "skipped" && needsALook ? "attention" : icons[outcome];
  return (
    <Row>
      <Cell at="state" tight>
        <StateIcon kind={state} label={text[outcome]} />
      </Cell>
      <Cell at="name" mono strong breaks>
        <span class="ref-name">
          {href === null ? (
            name
          ) : (
            <a href={href} rel="noreferrer">
              {name}
            </a>
          )}
        </span>
      </Cell>
      <Cell small from="tablet">
        {kind}
      </Cell>
      <Cell at="note" breaks strong={needsALook}>
        {refText(ref, wouldBe)}
        {ref.restoreHref === undefined ? null : (
          <>
            {" "}
            <a href={ref.restoreHref}>Restore</a>
          </>
        )}
      </Cell>
    </Row>
  );
}

export function refsHref(base: string, { outcome, page }: { outcome: Outcome | null; page: number }): string {
  const query = new URLSearchParams({
    ...(outcome === null ? {} : { outcome }),
    ...(page === 1 ? {} : { page: String(page) }),
  }).toString();
  return query === "" ? base : `${base}?${query}`;
}

const outcomes = ["added", "updated", "removed", "skipped", "unchanged"] as const;

const columns = [
  { title: "Result", hiddenTitle: true },
  { title: "Tag or branch", hiddenTitle: true },
  { title: "Type", hiddenTitle: true, from: "tablet" as const },
  { title: "Details", hiddenTitle: true },
];

const text: Record<Outcome, string> = {
  added: "Added",
  updated: "Updated",
  unchanged: "Unchanged",
  removed: "Removed",
  skipped: "Skipped",
};

const icons: Record<Outcome, StateKind> = {
  added: "fresh",
  updated: "fresh",
  unchanged: "fresh",
  removed: "skipped",
  skipped: "skipped",
};
