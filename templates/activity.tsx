import { actorWords, wordsFor, type Told } from "./activity-words.tsx";
import { Frame } from "./frame.tsx";
import type { Shell } from "./shell.ts";
import type { Child } from "./jsx/jsx-runtime.ts";
import { ButtonLink } from "./parts/button.tsx";
import { Feed, type Entry } from "./parts/feed.tsx";
import { FilterChip } from "./parts/filter.tsx";
import { PageHead } from "./parts/head.tsx";
import { Empty } from "./parts/notice.tsx";

export type Choice = { href: string; words: string };

export type ActivityProps = {
  shell: Shell;
  slug: string;
  told: Told[];
  now: number;
  kind: { chosen: string | null; clear: string; options: Choice[] };
  person: { chosen: string | null; clear: string; options: Choice[] };
  /** Older entries; null at the end. */
  older: string | null;
  /** The newest ones; null when they are shown. */
  newest: string | null;
  exports: { csv: string; ndjson: string };
};

export function ActivityPage(props: ActivityProps) {
  const { shell, slug, told, now, kind, person, older, newest, exports } = props;
  const isFiltered = kind.chosen !== null || person.chosen !== null;
  return (
    <Frame shell={shell} title="Activity" section="activity" path={[{ label: "Activity" }]}>
      <div class="stack">
        <PageHead
          title="Activity"
          about="Every act that matters: who did what, and when. Entries are never changed."
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
        <div class="filters">
          <Filter label="About" filter={kind} />
          <Filter label="By" filter={person} />
        </div>
        {told.length === 0 ? (
          <Empty title={isFiltered ? "Nothing matches" : "Nothing yet"}>
            {isFiltered
              ? "No entry has both. Take a filter away to see more."
              : "What people and the server do here will be listed."}
          </Empty>
        ) : (
          <ActivityFeed told={told} slug={slug} now={now} />
        )}
        {older === null && newest === null ? null : (
          <nav class="pagination" aria-label="Pages">
            <p>{newest === null ? "The newest" : "Older ones"}</p>
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

/** `{ told; slug; now }`: sentences, newest first. */
export function ActivityFeed({ told, slug, now }: { told: Told[]; slug: string; now: number }) {
  return <Feed entries={told.map((each) => entryOf(each, slug))} now={now} />;
}

function entryOf(told: Told, slug: string): Entry {
  const { icon, what, failed } = wordsFor(told, slug);
  const { by, at } = told;
  const sentence: Child = by.kind === "system" ? what : [<b>{actorWords(by)}</b>, " ", what];
  return {
    by:
      by.kind === "person" && by.name !== null
        ? { person: by.name }
        : { icon, ...(failed ? { failed } : {}) },
    what: sentence,
    at,
  };
}
