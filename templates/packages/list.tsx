import { Frame } from "../frame/frame.tsx";
import type { FrameData } from "../frame/shell.ts";
import { ButtonLink } from "../parts/button.tsx";
import { FilterChip, Filters } from "../parts/filter.tsx";
import { PageHead } from "../parts/head.tsx";
import { Pagination } from "../parts/pagination.tsx";
import { NoPackages, NothingMatches } from "./empty-list.tsx";
import { address, isFiltered, kept, stateText, type PackageListProps } from "./list-query.ts";
import { PackageTable } from "./table.tsx";

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

/** Deleted ones are not among all that there are. */
function totalOf({ query, matching, all }: PackageListProps): number {
  return query.state === "deleted" ? matching : all;
}
