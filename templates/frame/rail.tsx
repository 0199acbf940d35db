import { paths } from "../paths.ts";
import type { Section, FrameData } from "./shell.ts";
import { Wordmark } from "./layout.tsx";
import { Icon } from "../parts/icon.tsx";
import type { IconName } from "../parts/icons.ts";
import { count as formatted } from "../parts/numbers.ts";

type Entry = {
  section: Section;
  href: string;
  word: string;
  icon: IconName;
  count?: number;
  /** Spoken instead of the bare count; it also says that the count means trouble. */
  trouble?: string;
};

export function Rail({ shell, section }: { shell: FrameData; section: Section | null }) {
  const { organization, viewer, version, update, docs } = shell;
  return (
    <nav class="rail" aria-label="Main">
      <Wordmark href={organization ? paths.organization(organization.slug) : "/"} />
      <RailTabs shell={shell} section={section} />
      <div class="tabs-of-rail">
        {viewer.jobs === undefined ? null : (
          <Tab
            entry={{ section: "jobs", href: viewer.jobs, word: "Jobs", icon: "list-checks" }}
            section={section}
          />
        )}
        {viewer.operations === undefined ? null : (
          <Tab entry={operationsEntry(viewer.operations)} section={section} />
        )}
        {viewer.isAdmin ? (
          <Tab
            entry={{ section: "outbox", href: "/outbox", word: "Outbox", icon: "mail" }}
            section={section}
          />
        ) : null}
        <Tab entry={{ section: "docs", href: docs, word: "Docs", icon: "book-open" }} section={section} />
        <p class="version">
          <span class="number">{version}</span>
          {update ? <a href={update.href} aria-label={`Version ${update.version} is out`} /> : null}
        </p>
      </div>
    </nav>
  );
}

/** The part requests itself again after a sync, so that its counts are current. */
export function RailTabs({ shell, section }: { shell: FrameData; section: Section | null }) {
  const { organization } = shell;
  const here = `${paths.organization(organization?.slug ?? "")}/rail?section=${section ?? ""}`;
  const follows = organization && {
    "hx-get": here,
    "hx-trigger": "sync from:body throttle:2s, package from:body throttle:2s, live from:body",
    "hx-swap": "outerMorph",
  };
  return (
    <div class="tabs-of-rail" id="rail-tabs" {...follows}>
      {entries(shell).map((entry) => (
        <Tab entry={entry} section={section} />
      ))}
    </div>
  );
}

/** The rail of a phone. */
export function BottomBar({ shell, section }: { shell: FrameData; section: Section | null }) {
  const tabs = entries(shell);
  if (tabs.length === 0) return <></>;
  return (
    <nav class="bottom-bar" aria-label="Main, at the bottom">
      {tabs.map(({ section: own, href, word, icon }) => (
        <a href={href} aria-current={own === section ? "page" : undefined}>
          <Icon name={icon} />
          <span class="word">{word}</span>
        </a>
      ))}
    </nav>
  );
}

function Tab({ entry, section }: { entry: Entry; section: Section | null }) {
  const { section: own, href, word, icon, count, trouble } = entry;
  return (
    <a class="tab" href={href} title={word} aria-current={own === section ? "page" : undefined}>
      <Icon name={icon} />
      <span class="word">{word}</span>
      {count === undefined ? null : (
        <span class={["count", trouble && "is-trouble"]}>
          {formatted(count)}
          {trouble ? <span class="visually-hidden">{` ${trouble}`}</span> : null}
        </span>
      )}
    </a>
  );
}

function operationsEntry({ href, failed }: { href: string; failed: number }): Entry {
  const entry: Entry = { section: "operations", href, word: "Operations", icon: "server" };
  return failed === 0 ? entry : { ...entry, count: failed, trouble: "checks failed" };
}

function entries({ organization }: FrameData): Entry[] {
  if (!organization) return [];
  const { slug, role, packages, repositories, failing } = organization;
  const open: Entry[] = [
    { section: "overview", href: paths.organization(slug), word: "Overview", icon: "overview" },
    { section: "packages", href: paths.packages(slug), word: "Packages", icon: "package", count: packages },
    {
      section: "repositories",
      href: paths.repositories(slug),
      word: "Repositories",
      icon: "git-branch",
      count: failing > 0 ? failing : repositories,
      trouble: failing > 0 ? `of ${repositories} failing` : undefined,
    },
    { section: "activity", href: paths.activity(slug), word: "Activity", icon: "clock" },
  ];
  if (role === "member") return open;
  return [...open, { section: "settings", href: paths.settings(slug), word: "Settings", icon: "settings" }];
}
