import { Frame } from "../frame/frame.tsx";
import { LeftOut } from "./left-out.tsx";
import type { FrameData } from "../frame/shell.ts";
import type { Child } from "../jsx/jsx-runtime.ts";
import { Button, ButtonLink, MenuItem, MoreMenu } from "../parts/button.tsx";
import { CommandBlock } from "../parts/command.tsx";
import { requireCommand } from "../organizations/setup-commands.ts";
import { Fact, PageHead } from "../parts/head.tsx";
import type { IconName } from "../parts/icons.ts";
import { Notice } from "../parts/notice.tsx";
import { State, type StateKind } from "../parts/state.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { Time } from "../parts/time.tsx";

export type PackageHead = {
  listHref: string;
  href: string;
  name: string;
  description: string | null;
  license: string[];
  source: { name: string; href: string; icon: IconName } | null;
  fresh: { kind: StateKind; at: number | null } | null;
  /** Why the last sync of its repository failed. */
  trouble: string | null;
  latest: string | null;
  /** `^3.4`; null when nothing is stable. */
  caret: string | null;
  counts: {
    versions: number;
    dependencies: number;
    dependents: number;
    deletedVersions: number;
    leftOut: number;
  };
  abandoned: true | string | null;
  renamedTo: string | null;
  deleted: { at: number; by: string | null } | null;
  canManage: boolean;
  now: number;
};

type PackageTab = "overview" | "versions" | "dependencies" | "dependents" | "downloads" | "why";

export function versionHref({ href }: Pick<PackageHead, "href">, version: string): string {
  return `${href}/versions/${encodeURIComponent(version)}`;
}

/** The page of a package: its head and tabs above what the tab shows. */
export function PackageFrame(props: {
  shell: FrameData;
  head: PackageHead;
  tab: PackageTab;
  title: string;
  /** The version that the page is about; left out for the package as a whole. */
  version?: string;
  children?: Child;
}) {
  const { shell, head, tab, title, version, children } = props;
  const path = [
    { label: "Packages", href: head.listHref },
    { label: head.name, mono: true, ...(version === undefined ? {} : { href: head.href }) },
    ...(version === undefined ? [] : [{ label: version, mono: true }]),
  ];
  return (
    <Frame shell={shell} title={title} section="packages" path={path}>
      <div class="stack">
        <PageHead
          packageName={head.name}
          about={head.description ?? undefined}
          facts={<HeadFacts head={head} />}
          actions={head.deleted === null ? <HeadActions head={head} /> : undefined}
        />
        <Standing head={head} />
        {head.latest === null || version !== undefined ? null : (
          <CommandBlock command={requireCommand(head.name, head.caret)} announcement="Command copied" />
        )}
        <PackageTabs head={head} tab={tab} />
        {children}
      </div>
    </Frame>
  );
}

function PackageTabs({ head: { href, counts }, tab }: { head: PackageHead; tab: PackageTab }) {
  const of = (name: PackageTab, text: string, count?: number) => ({
    href: name === "overview" ? href : `${href}/${name}`,
    text,
    count,
    current: name === tab,
  });
  return (
    <Tabs
      label="Views of the package"
      tabs={[
        of("overview", "Overview"),
        of("versions", "Versions", counts.versions),
        of("dependencies", "Dependencies", counts.dependencies),
        of("dependents", "Dependents", counts.dependents),
        of("downloads", "Downloads"),
      ]}
    />
  );
}

/** Where the time is not that of the state, it is said what it is of. */
function wordOf({ kind, at }: NonNullable<PackageHead["fresh"]>): string | undefined {
  return at !== null && (kind === "stale" || kind === "failed") ? `${kind}, last up to date` : undefined;
}

function HeadFacts({ head: { deleted, fresh, source, license, now } }: { head: PackageHead }) {
  return (
    <>
      {deleted !== null ? (
        <State kind="skipped" word="deleted" />
      ) : fresh === null ? (
        <State kind="unreached" word="repository removed" />
      ) : (
        <State {...fresh} word={wordOf(fresh)} now={now} />
      )}
      {source === null ? null : (
        <Fact icon={source.icon} mono>
          <a href={source.href}>{source.name}</a>
        </Fact>
      )}
      {license.length === 0 ? null : <Fact icon="scale">{license.join(", ")}</Fact>}
    </>
  );
}

function HeadActions({ head: { source, href, listHref, name, canManage } }: { head: PackageHead }) {
  const use = `${listHref.replace(/\/packages$/, "")}/use?package=${encodeURIComponent(name)}`;
  if (!canManage) return <ButtonLink href={use}>Use in a project</ButtonLink>;
  return (
    <>
      <ButtonLink href={use}>Use in a project</ButtonLink>
      {source === null ? null : (
        <form method="post" action={`${source.href}/syncs`}>
          <Button icon="refresh-cw" busy="Starting…">
            Sync now
          </Button>
        </form>
      )}
      <MoreMenu label="More actions">
        <MenuItem href={`${href}/why`} icon="circle-question-mark">
          Explain a missing version
        </MenuItem>
        <MenuItem href={`${href}/delete`} icon="trash-2" destroys>
          Delete package
        </MenuItem>
      </MoreMenu>
    </>
  );
}

/** What is out of the ordinary, the gravest alone. */
function Standing({ head }: { head: PackageHead }) {
  const { deleted, renamedTo, abandoned, trouble, listHref, href, canManage, counts, now } = head;
  if (deleted)
    return (
      <Notice tone="plain" icon="trash-2" title="This package was deleted">
        {deleted.by ?? "Someone"} deleted it <Time at={deleted.at} now={now} />. Composer no longer gets any
        of its versions.
        {canManage ? <Restore action={`${href}/bring-back`} /> : null}
      </Notice>
    );
  if (renamedTo !== null)
    return (
      <Notice
        tone="waiting"
        icon="triangle-alert"
        title={["Renamed to ", <code>{renamedTo}</code>]}
        links={[{ href: `${listHref}/${renamedTo}`, text: `View ${renamedTo}` }]}
      >
        Published versions stay installable. New versions appear under the new name.
      </Notice>
    );
  if (abandoned !== null)
    return (
      <Notice tone="waiting" icon="triangle-alert" title="Abandoned">
        {abandoned === true ? (
          "Its maintainers marked it as abandoned."
        ) : (
          <>
            Its maintainers suggest <code>{abandoned}</code> instead.
          </>
        )}{" "}
        Composer warns everyone who installs it.
      </Notice>
    );
  if (trouble !== null)
    return (
      <Notice
        tone="failed"
        title="The last sync failed"
        links={head.source ? [{ href: head.source.href, text: "View repository" }] : []}
      >
        {trouble} Composer still gets all {counts.versions} versions; new pushes do not appear.
      </Notice>
    );
  return counts.leftOut > 0 ? <LeftOut count={counts.leftOut} /> : <></>;
}

export function Restore({ action }: { action: string }) {
  return (
    <form method="post" action={action}>
      <Button small icon="rotate-ccw" busy="Restoring…">
        Restore
      </Button>
    </form>
  );
}
