import { Frame } from "../../../templates/frame/frame.tsx";
import type { Assets } from "../../../templates/frame/layout.tsx";
import { SeverityBadge } from "../../../templates/parts/badge.tsx";
import { ButtonLink } from "../../../templates/parts/button.tsx";
import { FilterChip, Filters } from "../../../templates/parts/filter.tsx";
import { Fact, PageHead } from "../../../templates/parts/head.tsx";
import type { IconName } from "../../../templates/parts/icons.ts";
import { count } from "../../../templates/parts/numbers.ts";
import { PackageName } from "../../../templates/parts/package-name.tsx";
import { Pagination } from "../../../templates/parts/pagination.tsx";
import { Sparkline } from "../../../templates/parts/sparkline.tsx";
import { ListState, type StateKind } from "../../../templates/parts/state.tsx";
import { Cell, Figure, Row, Table } from "../../../templates/parts/table.tsx";
import { downloads, minute, now, shellOf } from "./shell.ts";

const packages: [
  name: string,
  latest: string,
  source: string,
  icon: IconName,
  scale: number,
  kind: StateKind,
  minutes: number,
][] = [
  ["acme/auth-sdk", "v4.0.0", "acme/auth-sdk", "github", 120, "fresh", 2],
  ["acme/billing", "v3.4.2", "acme/billing", "github", 118, "fresh", 1],
  ["acme/billing-contracts", "v1.2.0", "acme/billing", "github", 70, "fresh", 1],
  ["acme/data-sync", "v2.13.1", "acme/data-sync", "github", 60, "syncing", 0],
  [
    "acme/enterprise-resource-planning-interoperability-connector-bundle",
    "v0.9.14",
    "platform/erp/connector-bundle-for-everything",
    "gitlab",
    2,
    "stale",
    18,
  ],
  ["acme/feature-flags", "v1.8.0", "acme/feature-flags", "github", 30, "fresh", 5],
  ["acme/ledger", "dev-main", "ann/ledger", "git-branch", 0, "fresh", 9],
  ["acme/pdf-renderer", "v2.6.0", "platform/pdf-renderer", "gitlab", 24, "fresh", 3],
  ["acme/reporting", "v1.19.4", "platform/reporting", "gitlab", 20, "failed", 31],
  ["acme/ui-kit", "v12.0.0", "platform/ui-kit", "gitlab", 31, "fresh", 14],
];

export function Packages({ asset }: { asset: Assets }) {
  return (
    <Frame shell={shellOf(asset)} title="Packages" section="packages" path={[{ label: "Packages" }]}>
      <div class="stack is-close">
        <PageHead
          title="Packages"
          actions={[
            <ButtonLink href="#repositories">Manage repositories</ButtonLink>,
            <ButtonLink href="#add" variant="primary" icon="plus">
              Add repository
            </ButtonLink>,
          ]}
        />
        <Filters
          action="/organizations/acme/packages"
          placeholder="Name, description or keyword"
          label="Search packages"
          keep={{ type: "library" }}
          target="#packages"
          tally={{ visible: 16, total: 24, clear: "/organizations/acme/packages" }}
        >
          <FilterChip label="Type" value="library" clear="/organizations/acme/packages" />
          {["Source", "Freshness", "Security"].map((label) => (
            <FilterChip label={label} options={[{ href: "#one", text: "GitHub", count: 12 }]} />
          ))}
        </Filters>
        <div id="packages">
          <Table
            label="Packages"
            columns={[
              { title: "Package", sort: { href: "?sort=-name", is: "ascending" } },
              { title: "Latest" },
              { title: "Source", from: "tablet" },
              { title: "Downloads, 30 days", end: true, sort: { href: "?sort=downloads" } },
              { title: "Last checked" },
            ]}
          >
            {packages.map(([name, latest, source, icon, scale, kind, minutes]) => {
              const values = downloads(scale);
              const total = values.reduce((sum, value) => sum + value, 0);
              return (
                <Row>
                  <Cell at="name" grows>
                    <span class="named">
                      <PackageName name={name} href="#package" row />
                      {name.endsWith("renderer") ? (
                        <SeverityBadge severity="high" count={1} href="#advisory" />
                      ) : null}
                    </span>
                  </Cell>
                  <Cell at="figure" tight mono strong>
                    {latest}
                  </Cell>
                  <Cell from="tablet" small>
                    <Fact icon={icon} mono>
                      {source}
                    </Fact>
                  </Cell>
                  <Cell at="note" end tight>
                    <span class="with-spark">
                      <Sparkline values={values} />
                      <Figure value={total} text={count(total)} />
                    </span>
                  </Cell>
                  <Cell at="state" tight>
                    <ListState kind={kind} at={minutes ? now - minutes * minute : null} now={now} />
                  </Cell>
                </Row>
              );
            })}
          </Table>
          <Pagination page={2} pageSize={50} total={312} href={(page) => `?page=${page}`} />
        </div>
      </div>
    </Frame>
  );
}
