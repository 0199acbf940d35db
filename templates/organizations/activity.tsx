import { paths } from "../paths.ts";
import type { ShownActivity } from "../../src/registry/organizations/activity.ts";
import { namedAtMost } from "./activity-phrases.tsx";
import { actorText, activityText } from "./activity-text.tsx";
import { Frame } from "../frame/frame.tsx";
import type { FrameData } from "../frame/shell.ts";
import type { Child } from "../jsx/jsx-runtime.ts";
import { Button, ButtonLink } from "../parts/button.tsx";
import { Feed, type Entry } from "../parts/feed.tsx";
import { Field } from "../parts/field.tsx";
import { FilterChip, FilterPanel, Filters } from "../parts/filter.tsx";
import { PageHead } from "../parts/head.tsx";
import { Empty } from "../parts/notice.tsx";

export type Choice = { href: string; text: string };

export type ActivityProps = {
  shell: FrameData;
  slug: string;
  entries: ShownActivity[];
  now: number;
  /** What the address asks for. */
  query: Record<"q" | "from" | "to" | "kind" | "by", string>;
  kind: { chosen: string | null; clear: string; options: Choice[] };
  person: { chosen: string | null; clear: string; options: Choice[] };
  /** The same without dates. */
  anyTime: string;
  /** Older entries; null at the end. */
  older: string | null;
  /** The newest ones; null when they are shown. */
  newest: string | null;
  exports: { csv: string; ndjson: string };
};

export function ActivityPage(props: ActivityProps) {
  const { shell, slug, entries, now, query, kind, person, anyTime, older, newest, exports } = props;
  const isFiltered = Object.values(query).some((value) => value !== "");
  const base = paths.activity(slug);
  return (
    <Frame shell={shell} title="Activity" section="activity" path={[{ label: "Activity" }]}>
      <div class="stack">
        <PageHead
          title="Activity"
          about="Audit log: who did what, and when. Times are UTC."
          actions={
            <>
              <ButtonLink href={exports.csv} icon="download">
                CSV
              </ButtonLink>
              <ButtonLink href={exports.ndjson} icon="download">
                NDJSON
              </ButtonLink>
            </>
          }
        />
        <Filters
          action={base}
          value={query.q}
          placeholder="Name, address, version …"
          label="Search the activity"
          keep={keptOf({ ...query, q: "" })}
        >
          <DateFilter base={base} query={query} clear={anyTime} />
          <Filter label="About" filter={kind} />
          <Filter label="By" filter={person} />
          {isFiltered ? (
            <p class="tally">
              <a href={base}>Clear</a>
            </p>
          ) : null}
        </Filters>
        {entries.length === 0 ? (
          <Empty title={isFiltered ? "No matching entries" : "No activity yet"}>
            {isFiltered
              ? "No entry matches all of these filters. Remove one to see more."
              : "Changes by people and by the server are listed here."}
          </Empty>
        ) : (
          <Feed
            entries={entries.map((each) => ({ ...entryOf(each, slug), parts: partsOf(each) }))}
            now={now}
            dated
          />
        )}
        {older === null && newest === null ? null : (
          <nav class="pagination" aria-label="Pages">
            <p>{newest === null ? "Newest entries" : "Older entries"}</p>
            <div class="pages">
              {newest === null ? null : <ButtonLink href={newest}>Newest</ButtonLink>}
              {older === null ? null : <ButtonLink href={older}>Older</ButtonLink>}
            </div>
          </nav>
        )}
      </div>
    </Frame>
  );
}

function Filter({ label, filter }: { label: string; filter: ActivityProps["kind"] }) {
  if (filter.chosen !== null) return <FilterChip label={label} value={filter.chosen} clear={filter.clear} />;
  return <FilterChip label={label} options={filter.options} />;
}

/** Both ends are optional, and both days count. */
function DateFilter(props: { base: string; query: ActivityProps["query"]; clear: string }) {
  const { base, query, clear } = props;
  const { from, to } = query;
  if (from !== "" || to !== "") {
    const text = to === "" ? `from ${from}` : from === "" ? `until ${to}` : `${from} to ${to}`;
    return <FilterChip label="Dates" value={text} clear={clear} />;
  }
  return (
    <FilterPanel label="Dates">
      <form action={base} class="form stack is-tight">
        {Object.entries(keptOf(query)).map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <Field name="from" label="From" type="date" />
        <Field name="to" label="To" type="date" />
        <Button small>Show</Button>
      </form>
    </FilterPanel>
  );
}

function keptOf(query: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ""));
}

/** Activity entries as sentences, newest first. */
export function ActivityFeed({
  entries,
  slug,
  now,
}: {
  entries: ShownActivity[];
  slug: string;
  now: number;
}) {
  return <Feed entries={entries.map((each) => entryOf(each, slug))} now={now} />;
}

const partsShown = 100;

/** Of an entry that names only some of them. */
function partsOf({ parts }: ShownActivity): Entry["parts"] {
  if (parts.length <= namedAtMost + 1) return [];
  return parts.slice(0, partsShown).map(({ subject, at }) => ({ what: subject, at }));
}

function entryOf(entry: ShownActivity, slug: string): Entry {
  const { icon, what, failed } = activityText(entry, slug);
  const { by, at } = entry;
  const sentence: Child = by.kind === "system" ? what : [<b>{actorText(by)}</b>, " ", what];
  return {
    by:
      by.kind === "person" && by.name !== null
        ? { person: by.name }
        : { icon, ...(failed ? { failed } : {}) },
    what: sentence,
    at,
  };
}
