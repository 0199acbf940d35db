import type { FrameData } from "../frame/shell.ts";
import { Badge } from "../parts/badge.tsx";
import { Section } from "../parts/head.tsx";
import { Empty } from "../parts/notice.tsx";
import { count } from "../parts/numbers.ts";
import { PackageName } from "../parts/package-name.tsx";
import { Pagination } from "../parts/pagination.tsx";
import { Cell, Row, Table } from "../parts/table.tsx";
import { PackageFrame, type PackageHead } from "./frame.tsx";

/** `href` is null for what is not a package of this organization. */
type Link = { name: string; constraint: string; href: string | null };

/** `total`: of all links, when not every one is among `links`. */
export type LinkGroup = { title: string; total: number; links: Link[] };

type PackageDependenciesProps = { head: PackageHead; groups: LinkGroup[] };

export function PackageDependenciesPage(props: PackageDependenciesProps & { shell: FrameData }) {
  const { shell, head, groups } = props;
  return (
    <PackageFrame shell={shell} head={head} tab="dependencies" title={`Dependencies of ${head.name}`}>
      {groups.length === 0 ? (
        <Empty title="No dependencies">The newest version has no dependencies.</Empty>
      ) : (
        <div class="stack">
          <LinkTables groups={groups} />
        </div>
      )}
    </PackageFrame>
  );
}

/** A table for each kind of link: require, conflict, … */
export function LinkTables({ groups }: { groups: LinkGroup[] }) {
  return (
    <>
      {groups.map(({ title, total, links }) => (
        <Table
          label={title}
          rows={35}
          columns={[
            { title, heading: true },
            { title: count(total), end: true, keeps: true },
          ]}
        >
          {links.map(({ name, constraint, href }) => (
            <Row>
              <Cell at="name" grows>
                {href === null ? <span class="mono">{name}</span> : <PackageName name={name} href={href} />}
              </Cell>
              <Cell at="figure" end mono small breaks>
                {constraint}
              </Cell>
            </Row>
          ))}
          {total > links.length ? (
            <Row>
              <Cell at="name" grows>
                {`and ${count(total - links.length)} more in composer.json`}
              </Cell>
              <Cell at="figure">{""}</Cell>
            </Row>
          ) : null}
        </Table>
      ))}
    </>
  );
}

type PackageDependentsProps = {
  head: PackageHead;
  organization: string;
  dependents: { name: string; latest: string | null; constraint: string; isDev: boolean }[];
  total: number;
  page: number;
  pageSize: number;
};

export function PackageDependentsPage({ shell, ...props }: PackageDependentsProps & { shell: FrameData }) {
  const { head, organization, dependents, total, page, pageSize } = props;
  const href = `${head.href}/dependents`;
  return (
    <PackageFrame shell={shell} head={head} tab="dependents" title={`Dependents of ${head.name}`}>
      {total === 0 ? (
        <Empty title="No dependents">
          {`Packages of ${organization} whose newest version requires ${head.name} are listed here.`}
        </Empty>
      ) : (
        <Section title="Dependents" note={`newest versions in ${organization} that require it`}>
          <Table
            label="Dependents"
            columns={[{ title: "Package" }, { title: "Latest version" }, { title: "Requires", end: true }]}
          >
            {dependents.map(({ name, latest, constraint, isDev }) => (
              <Row>
                <Cell at="name" grows>
                  <span class="named">
                    <PackageName name={name} href={`${head.listHref}/${name}`} row />
                    {isDev ? <Badge>dev</Badge> : null}
                  </span>
                </Cell>
                <Cell mono>{latest ?? "–"}</Cell>
                <Cell at="figure" end mono small breaks>
                  {constraint}
                </Cell>
              </Row>
            ))}
          </Table>
          <Pagination
            page={page}
            pageSize={pageSize}
            total={total}
            href={(each) => (each === 1 ? href : `${href}?page=${each}`)}
          />
        </Section>
      )}
    </PackageFrame>
  );
}
