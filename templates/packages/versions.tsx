import type { FrameData } from "../frame/shell.ts";
import { Badge } from "../parts/badge.tsx";
import { ButtonLink } from "../parts/button.tsx";
import { FilterChip, Filters } from "../parts/filter.tsx";
import { Empty } from "../parts/notice.tsx";
import { count, size } from "../parts/numbers.ts";
import { Pagination } from "../parts/pagination.tsx";
import { Cell, Figure, Row, Table } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";
import { Restore, PackageFrame, versionHref, type PackageHead } from "./frame.tsx";
import { Commit, MovedTag, VersionLink, type OverviewVersion } from "./overview.tsx";

export type VersionsQuery = { q: string; stability: string; page: number };
type DeletedVersion = { version: string; reference: string; deletedAt: number; by: string | null };

type PackageVersionsProps = {
  head: PackageHead;
  query: VersionsQuery;
  versions: (OverviewVersion & { stability: string; downloads: number })[];
  matching: number;
  pageSize: number;
  /** Shown instead of the versions, on request. */
  deleted: DeletedVersion[] | null;
};

export const stabilityText: Record<string, string> = {
  stable: "Stable",
  "pre-release": "Pre-release",
  dev: "Development",
  deleted: "Deleted",
};

export function PackageVersionsPage({ shell, ...list }: PackageVersionsProps & { shell: FrameData }) {
  return (
    <PackageFrame shell={shell} head={list.head} tab="versions" title={`Versions of ${list.head.name}`}>
      <VersionList {...list} />
    </PackageFrame>
  );
}

/** The part that follows what is typed. */
export function VersionList(list: PackageVersionsProps) {
  const { head, query, matching, pageSize, deleted } = list;
  const { stability } = query;
  const isFiltered = query.q !== "" || stability !== "";
  const offered = Object.entries(stabilityText).filter(
    ([name]) => name !== "deleted" || head.counts.deletedVersions > 0,
  );
  return (
    <div id="versions" class="stack">
      <Filters
        action={`${head.href}/versions`}
        value={query.q}
        placeholder="Version or commit"
        label="Search versions"
        keep={stability === "" ? {} : { stability }}
        target="#versions"
        tally={
          isFiltered && deleted === null
            ? { visible: matching, total: head.counts.versions, clear: `${head.href}/versions` }
            : undefined
        }
      >
        <FilterChip
          label="Stability"
          {...(stability === ""
            ? {}
            : {
                value: stabilityText[stability] ?? stability,
                clear: address(list, { stability: "", page: 1 }),
              })}
          options={offered.map(([name, text]) => ({
            href: address(list, { stability: name, page: 1 }),
            text,
          }))}
        />
      </Filters>
      {deleted !== null ? (
        <Deleted head={head} deleted={deleted} />
      ) : list.versions.length === 0 ? (
        <Empty
          title="No version matches"
          actions={<ButtonLink href={`${head.href}/versions`}>Clear filters</ButtonLink>}
        >
          Missing a tag or branch? <a href={`${head.href}/why`}>Find out why</a>.
        </Empty>
      ) : (
        <Versions {...list} />
      )}
      {deleted === null ? (
        <Pagination
          page={query.page}
          pageSize={pageSize}
          total={matching}
          href={(page) => address(list, { page })}
        />
      ) : null}
    </div>
  );
}

function Versions({ head, versions }: PackageVersionsProps) {
  return (
    <Table
      label="Versions, newest first"
      rows={35}
      columns={[
        { title: "Version" },
        { title: "Released" },
        { title: "Commit", from: "tablet" },
        { title: "Archive", end: true, from: "tablet" },
        { title: "Downloads, 30 days", end: true, from: "desktop" },
      ]}
    >
      {versions.map((each) => (
        <Row>
          <Cell at="name" mono grows>
            <span class="named">
              <VersionLink head={head} version={each.version} />
              {each.version === head.latest ? <Badge tone="accent">latest</Badge> : null}
              {each.stability === "stable" ? null : <Badge>{each.stability}</Badge>}
              <MovedTag reference={each.reference} movedTo={each.movedTo} />
            </span>
          </Cell>
          <Cell at="figure">
            <Time at={each.releasedAt} now={head.now} />
          </Cell>
          <Cell from="tablet" mono small>
            <Commit reference={each.reference} href={each.commitHref} />
          </Cell>
          <Cell from="tablet" end>
            <span class="num">{size(each.sizeBytes)}</span>
          </Cell>
          <Cell from="desktop" end>
            <Figure value={each.downloads} text={count(each.downloads)} />
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

function Deleted({ head, deleted }: { head: PackageHead; deleted: DeletedVersion[] }) {
  if (deleted.length === 0)
    return (
      <Empty title="No deleted versions">
        Versions deleted by an admin are listed here and can be restored.
      </Empty>
    );
  return (
    <Table
      label="Deleted versions"
      rows={44}
      columns={[
        { title: "Deleted version" },
        { title: "When and by whom" },
        { title: "Commit", from: "tablet" },
        { title: "Restore", hiddenTitle: true },
      ]}
    >
      {deleted.map(({ version, reference, deletedAt, by }) => (
        <Row>
          <Cell at="name" mono grows>
            <a class="muted" href={versionHref(head, version)}>
              {version}
            </a>
          </Cell>
          <Cell at="state">
            <Time at={deletedAt} now={head.now} />
            {by === null ? "" : ` by ${by}`}
          </Cell>
          <Cell from="tablet" mono small>
            {reference.slice(0, 7)}
          </Cell>
          <Cell at="figure" end tight>
            {head.canManage ? <Restore action={`${versionHref(head, version)}/bring-back`} /> : null}
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

function address({ head, query }: PackageVersionsProps, change: Partial<VersionsQuery>): string {
  const { page, ...rest } = { ...query, ...change };
  const search = new URLSearchParams(Object.entries(rest).filter(([, value]) => value !== ""));
  if (page > 1) search.set("page", String(page));
  const text = search.toString();
  return `${head.href}/versions${text === "" ? "" : `?${text}`}`;
}
