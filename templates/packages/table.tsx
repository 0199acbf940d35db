import { Badge } from "../parts/badge.tsx";
import { Icon } from "../parts/icon.tsx";
import type { IconName } from "../parts/icons.ts";
import { count } from "../parts/numbers.ts";
import { PackageName } from "../parts/package-name.tsx";
import { Sparkline } from "../parts/sparkline.tsx";
import { ListState, type StateKind } from "../parts/state.tsx";
import { Cell, Figure, Row, Table } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";

export type ListedPackage = {
  name: string;
  latest: string | null;
  isDevelopment: boolean;
  standing: "abandoned" | "renamed" | "deleted" | null;
  source: { name: string; icon: IconName } | null;
  /** Of the last 30 days, today last. */
  downloads: number[];
  fresh: { kind: StateKind; at: number | null } | null;
  updatedAt: number;
};

type TableProps = {
  packages: ListedPackage[];
  base: string;
  sort: string;
  sortHref: (by: string) => string;
  now: number;
};

export function PackageTable({ packages, base, sort, sortHref, now }: TableProps) {
  const by = (name: string, is: "ascending" | "descending") => ({
    href: sortHref(name === "name" ? "" : name),
    is: sort === name || (sort === "" && name === "name") ? is : undefined,
  });
  return (
    <Table
      label="Packages"
      columns={[
        { title: "Package", sort: by("name", "ascending") },
        { title: "Latest" },
        sort === "updated"
          ? { title: "Changed", sort: by("updated", "descending"), from: "tablet" }
          : { title: "Source", from: "desktop" },
        { title: "Downloads, 30 days", end: true, sort: by("downloads", "descending") },
        { title: "Last checked" },
      ]}
    >
      {packages.map((pkg) => (
        <Line pkg={pkg} base={base} isByChange={sort === "updated"} now={now} />
      ))}
    </Table>
  );
}

type LineProps = { pkg: ListedPackage; base: string; isByChange: boolean; now: number };

function Line({ pkg, base, isByChange, now }: LineProps) {
  const { name, latest, isDevelopment, standing, source, downloads, fresh, updatedAt } = pkg;
  const total = downloads.reduce((sum, each) => sum + each, 0);
  return (
    <Row>
      <Cell at="name" grows>
        <span class="named">
          <PackageName name={name} href={`${base}/${name}`} row />
          {standing === null ? null : (
            <Badge tone={standing === "deleted" ? "plain" : "wait"}>{standing}</Badge>
          )}
        </span>
      </Cell>
      <Cell at="figure" mono tight>
        <span class={isDevelopment ? "muted" : undefined}>{latest ?? "–"}</span>
      </Cell>
      {isByChange ? (
        <Cell from="tablet">
          <Time at={updatedAt} now={now} />
        </Cell>
      ) : (
        <Cell from="desktop" mono small>
          {source === null ? (
            <span class="muted">–</span>
          ) : (
            <span class="fact source" title={source.name}>
              <Icon name={source.icon} small />
              <span>{source.name}</span>
            </span>
          )}
        </Cell>
      )}
      <Cell at="note" end>
        <span class="with-spark">
          <Sparkline values={downloads} />
          <Figure value={total} text={count(total)} />
          <span class="period">in 30 days</span>
        </span>
      </Cell>
      <Cell at="state">
        {fresh === null ? <span class="muted">–</span> : <ListState {...fresh} now={now} />}
      </Cell>
    </Row>
  );
}
