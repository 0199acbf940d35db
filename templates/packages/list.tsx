import { Frame } from "../frame/frame.tsx";
import type { FrameData } from "../frame/shell.ts";
import type { Child } from "../jsx/jsx-runtime.ts";
import { Actions, ButtonLink } from "../parts/button.tsx";
import { FilterChip, Filters } from "../parts/filter.tsx";
import { counted } from "../parts/numbers.ts";
import { PageHead } from "../parts/head.tsx";
import { Empty } from "../parts/notice.tsx";
import { Pagination } from "../parts/pagination.tsx";
import { PackageTable, type ListedPackage } from "./table.tsx";

export type ListQuery = {
  q: string;
  type: string;
  repository: string;
  state: string;
  sort: string;
  page: number;
};

type PackageListProps = {
  /** The address of the list without a query. */
  base: string;
  repositoriesHref: string;
  /** Null for viewers who may not add one. */
  addHref: string | null;
  query: ListQuery;
  packages: ListedPackage[];
  /** How many match, on all pages; how many there are without a filter. */
  matching: number;
  all: number;
  pageSize: number;
  types: { type: string; count: number }[];
  repositories: string[];
  /** When nothing matches: how many would without the filters. */
  hidden: number;
  /** Packages that were deleted, where there are no others. */
  deleted: number;
  /** Similar names, when nothing matches. */
  similar: string[];
  now: number;
};

const stateText: Record<string, string> = {
  abandoned: "Abandoned",
  renamed: "Renamed",
  failed: "Sync failed",
  deleted: "Deleted",
};

const sortWords: Record<string, string> = {
  "": "name",
  updated: "last changed",
  downloads: "downloads",
};

export function PackagesPage({ shell, ...list }: PackageListProps & { shell: FrameData }) {
  const isEmpty = list.all === 0 && list.query.state === "";
  return (
    <Frame shell={shell} title="Packages" section="packages" path={[{ label: "Packages" }]}>
      <div class="stack">
        <PageHead
          title="Packages"
          actions={
            <>
              <ButtonLink href={list.repositoriesHref}>Manage repositories</ButtonLink>
              {list.addHref === null ? null : (
                <ButtonLink href={list.addHref} variant="primary" icon="plus">
                  Add repository
                </ButtonLink>
              )}
            </>
          }
        />
        {isEmpty ? <NoPackages list={list} /> : <PackageList {...list} />}
      </div>
    </Frame>
  );
}

/** The part that follows what is typed: search, filters, table, pages. */
export function PackageList(list: PackageListProps) {
  const { base, query, packages, matching, pageSize } = list;
  const { q, sort } = query;
  return (
    <div id="packages" class="stack">
      <Filters
        action={base}
        value={q}
        placeholder="Name or description"
        label="Search packages"
        keep={kept(query)}
        target="#packages"
        tally={isFiltered(query) ? { visible: matching, total: totalOf(list), clear: base } : undefined}
      >
        <Chips list={list} />
      </Filters>
      {packages.length === 0 ? (
        <NothingMatches list={list} />
      ) : (
        <PackageTable
          packages={packages}
          base={base}
          sort={sort}
          sortHref={(by) => address(list, { sort: by, page: 1 })}
          now={list.now}
        />
      )}
      <Pagination
        page={query.page}
        pageSize={pageSize}
        total={matching}
        href={(page) => address(list, { page })}
      />
    </div>
  );
}

function Chips({ list }: { list: PackageListProps }) {
  const { query, types, repositories } = list;
  const option =
    (name: "type" | "repository" | "state") => (value: string, text: string, count?: number) => ({
      href: address(list, { [name]: value, page: 1 }),
      text,
      count,
    });
  const chip = (name: "type" | "repository" | "state", text: string) =>
    query[name] === "" ? {} : { value: text, clear: address(list, { [name]: "", page: 1 }) };
  return (
    <>
      <FilterChip
        label="Type"
        {...chip("type", query.type)}
        options={types.map(({ type, count }) => option("type")(type, type, count))}
      />
      <FilterChip
        label="Source"
        {...chip("repository", query.repository)}
        options={repositories.map((name) => option("repository")(name, name))}
      />
      <FilterChip
        label="Status"
        {...chip("state", stateText[query.state] ?? query.state)}
        options={Object.entries(stateText).map(([state, text]) => option("state")(state, text))}
      />
      <FilterChip
        label={`Sort: ${sortWords[query.sort] ?? ""}`}
        options={Object.entries(sortWords).map(([sort, text]) => ({
          href: address(list, { sort, page: 1 }),
          text,
        }))}
      />
    </>
  );
}

function NothingMatches({ list }: { list: PackageListProps }) {
  const { query, similar, base } = list;
  const filters = [
    query.type === "" ? null : `Type: ${query.type}`,
    query.repository === "" ? null : `Source: ${query.repository}`,
    query.state === "" ? null : `Status: ${stateText[query.state] ?? query.state}`,
  ].filter((text) => text !== null);
  const sentences: Child[] = [];
  if (similar.length > 0)
    sentences.push(
      "Did you mean ",
      similar.map((name, at) => [
        at === 0 ? "" : at === similar.length - 1 ? " or " : ", ",
        <a class="mono" href={`${base}/${name}`}>
          {name}
        </a>,
      ]),
      "? ",
    );
  if (filters.length > 0)
    sentences.push(
      filters.length === 1 ? "The filter " : "The filters ",
      <strong>{filters.join(", ")}</strong>,
      list.hidden === 0
        ? " does not hide any packages."
        : ` ${filters.length === 1 ? "hides" : "hide"} ${counted(list.hidden, "other package")}.`,
    );
  if (sentences.length === 0) sentences.push("All words must match the name or description.");
  return (
    <Empty
      title={query.q === "" ? "No package matches" : ["No package matches ", <code>{query.q}</code>]}
      actions={
        <Actions>
          {query.q === "" ? null : (
            <ButtonLink href={address(list, { q: "", page: 1 })}>Clear search</ButtonLink>
          )}
          {filters.length === 0 ? null : (
            <ButtonLink href={address(list, { type: "", repository: "", state: "", page: 1 })}>
              {filters.length === 1 ? "Clear filter" : "Clear filters"}
            </ButtonLink>
          )}
        </Actions>
      }
    >
      {sentences}
    </Empty>
  );
}

function NoPackages({ list: { addHref, base, deleted, repositoriesHref } }: { list: PackageListProps }) {
  return (
    <Empty
      title="No packages yet"
      actions={
        addHref === null ? (
          <ButtonLink href={repositoriesHref}>View repositories</ButtonLink>
        ) : (
          <ButtonLink href={addHref}>Add the first repository</ButtonLink>
        )
      }
    >
      Packages appear here once a repository with a <code>composer.json</code> is synced.
      {deleted === 0 ? null : (
        <>
          {" "}
          <a
            href={`${base}?state=deleted`}
          >{`View ${counted(deleted, "deleted package", "deleted packages")}`}</a>
        </>
      )}
    </Empty>
  );
}

/** Deleted ones are not among all that there are. */
function totalOf({ query, matching, all }: PackageListProps): number {
  return query.state === "deleted" ? matching : all;
}

function isFiltered({ q, type, repository, state }: ListQuery): boolean {
  return [q, type, repository, state].some((each) => each !== "");
}

function kept({ type, repository, state, sort }: ListQuery): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ type, repository, state, sort }).filter(([, value]) => value !== ""),
  );
}

function address({ base, query }: PackageListProps, change: Partial<ListQuery>): string {
  const { page, ...rest } = { ...query, ...change };
  const search = new URLSearchParams(Object.entries(rest).filter(([, value]) => value !== ""));
  if (page > 1) search.set("page", String(page));
  const text = search.toString();
  return text === "" ? base : `${base}?${text}`;
}
