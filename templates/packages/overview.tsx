import type { FrameData } from "../frame/shell.ts";
import { raw, type Child, type Markup } from "../jsx/jsx-runtime.ts";
import { Badge } from "../parts/badge.tsx";
import { CopyButton } from "../parts/command.tsx";
import { Pairs } from "../parts/figures.tsx";
import { Section } from "../parts/head.tsx";
import { count, size } from "../parts/numbers.ts";
import { PackageName } from "../parts/package-name.tsx";
import { Cell, Group, GroupName, Row, Table } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";
import { DownloadsChart, type DownloadDays } from "./downloads.tsx";
import { PackageFrame, versionHref, type PackageHead } from "./frame.tsx";
import { Why, type WhyProps } from "./why.tsx";

export type OverviewVersion = {
  version: string;
  releasedAt: number;
  reference: string;
  commitHref: string | null;
  /** The commit that its tag points to now, when that is another one than was published. */
  movedTo: string | null;
  sizeBytes: number | null;
};

export type PackageOverviewProps = {
  head: PackageHead;
  groups: { name: string; versions: OverviewVersion[] }[];
  why: Omit<WhyProps, "head">;
  readme: string | null;
  downloads: DownloadDays;
  /** `href` is null for what is not a package of this organization. */
  requires: { name: string; constraint: string; href: string | null }[];
  devRequires: number;
  usedBy: { name: string; constraint: string }[];
  organization: string;
};

export function PackageOverviewPage({ shell, ...props }: PackageOverviewProps & { shell: FrameData }) {
  const { head, why, readme, downloads } = props;
  return (
    <PackageFrame shell={shell} head={head} tab="overview" title={head.name}>
      <div class="columns">
        <div class="stack">
          <NewestVersions {...props} />
          <Why head={head} {...why} />
          {readme === null ? null : (
            <Section title="README" note={`from ${head.latest ?? ""}`} id="readme">
              <Readme html={readme} />
            </Section>
          )}
        </div>
        <aside class="stack">
          <Section
            title="Downloads"
            end={
              <span>
                <strong class="num">{count(downloads.total)}</strong> in 30 days
              </span>
            }
          >
            <DownloadsChart id="downloads" downloads={downloads} narrow />
          </Section>
          <Requires {...props} />
          <UsedBy {...props} />
        </aside>
      </div>
    </PackageFrame>
  );
}

/** Sanitized when it was stored; and nothing in it is for htmx. */
export function Readme({ html }: { html: string }) {
  return (
    <div class="readme" hx-ignore="true">
      {raw(html)}
    </div>
  );
}

function NewestVersions({ head, groups }: PackageOverviewProps) {
  const visible = groups.filter(({ versions }) => versions.length > 0);
  if (visible.length === 0) return <p class="secondary">No published versions.</p>;
  return (
    <Table
      label="Newest versions"
      rows={35}
      grouped
      columns={[
        { title: "Versions", heading: true },
        { title: "Version", hiddenTitle: true },
        { title: "Released", from: "tablet" },
        { title: "Commit", from: "desktop" },
        { title: "Archive", end: true, from: "tablet" },
        {
          title: <a href={`${head.href}/versions`}>{`All ${count(head.counts.versions)}`}</a>,
          end: true,
          keeps: true,
        },
      ]}
    >
      {visible.map(({ name, versions }) => (
        <Group>
          {versions.map((version, at) => (
            <Row>
              {at === 0 ? <GroupName span={versions.length}>{name}</GroupName> : null}
              <VersionCells head={head} version={version} />
            </Row>
          ))}
        </Group>
      ))}
    </Table>
  );
}

function VersionCells({ head, version: each }: { head: PackageHead; version: OverviewVersion }) {
  const { version, releasedAt, reference, commitHref, sizeBytes } = each;
  return (
    <>
      <Cell at="name" mono grows>
        <span class="named">
          <VersionLink head={head} version={version} />
          {version === head.latest ? <Badge tone="accent">latest</Badge> : null}
          <MovedTag reference={reference} movedTo={each.movedTo} />
        </span>
      </Cell>
      <Cell at="figure">
        <Time at={releasedAt} now={head.now} />
      </Cell>
      <Cell from="desktop" mono small>
        <Commit reference={reference} href={commitHref} />
      </Cell>
      <Cell from="tablet" end>
        <span class="num">{size(sizeBytes)}</span>
      </Cell>
      <Cell end tight from="tablet">
        <CopyButton
          text={`composer require ${head.name}:${version}`}
          label={`Copy the command for ${version}`}
          announcement="Command copied"
        />
      </Cell>
    </>
  );
}

/** Its click area is the whole row. */
export function VersionLink({ head, version }: { head: PackageHead; version: string }): Markup {
  return (
    <a class="package-name row-link" href={versionHref(head, version)} title={version}>
      <span class="front">{version}</span>
    </a>
  );
}

/** Both commits of a tag that was moved after its version was published. */
export function MovedTag({ reference, movedTo }: Pick<OverviewVersion, "reference" | "movedTo">): Markup {
  if (movedTo === null) return <></>;
  const title = `Published from ${reference.slice(0, 7)}. The tag was later moved to ${movedTo.slice(0, 7)}; this version did not change.`;
  return (
    <span title={title}>
      <Badge tone="wait">tag moved</Badge>
    </span>
  );
}

/** The short hash of a commit, a link if the Git host shows commits. */
export function Commit({ reference, href }: { reference: string; href: string | null }): Markup {
  const short = reference.slice(0, 7);
  return href === null ? (
    <span title={reference}>{short}</span>
  ) : (
    <a href={href} title={reference} rel="noreferrer">
      {short}
    </a>
  );
}

function Requires({ head, requires, devRequires }: PackageOverviewProps) {
  if (requires.length + devRequires === 0) return <></>;
  const note =
    devRequires === 0 ? count(requires.length) : `${count(requires.length)}, dev ${count(devRequires)}`;
  return (
    <Section title="Requires" end={<a href={`${head.href}/dependencies`}>{note}</a>}>
      <Pairs
        pairs={requires
          .slice(0, 8)
          .map(({ name, constraint, href }) => [named(name, href), mono(constraint)])}
      />
    </Section>
  );
}

function UsedBy({ head, usedBy, organization }: PackageOverviewProps) {
  const total = head.counts.dependents;
  return (
    <Section
      title="Used by"
      end={
        total === 0 ? undefined : (
          <a href={`${head.href}/dependents`}>{`${count(total)} in ${organization}`}</a>
        )
      }
    >
      {total === 0 ? (
        <p class="secondary">No package of {organization} requires it.</p>
      ) : (
        <Pairs
          pairs={usedBy.map(({ name, constraint }) => [
            <PackageName name={name} href={`${head.listHref}/${name}`} />,
            mono(constraint),
          ])}
        />
      )}
    </Section>
  );
}

function named(name: string, href: string | null): Child {
  return href === null ? <span class="mono">{name}</span> : <PackageName name={name} href={href} />;
}

function mono(text: string): Child {
  return <span class="mono small">{text}</span>;
}
