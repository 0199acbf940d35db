import { paths } from "../paths.ts";
import { ActivityFeed } from "./activity.tsx";
import type { FirstSteps, Overview } from "../../src/registry/organizations/overview.ts";
import type { OverdueRepositories } from "../../src/registry/syncs/overdue.ts";
import { DownloadsSection } from "../packages/downloads-chart.tsx";
import { Frame } from "../frame/frame.tsx";
import type { FrameData } from "../frame/shell.ts";
import { FreshnessSection } from "../repositories/freshness.tsx";
import { MissingSection } from "../packages/missing.tsx";
import { RestoredNotice } from "./restored-notice.tsx";
import type { UnconfirmedRestore } from "../../src/registry/backups/restored.ts";
import { OverdueNotice } from "../repositories/overdue-notice.tsx";
import type { Child } from "../jsx/jsx-runtime.ts";
import { Button, ButtonLink } from "../parts/button.tsx";
import { CopyButton } from "../parts/command.tsx";
import { Field } from "../parts/field.tsx";
import { Figures, GettingStarted } from "../parts/figures.tsx";
import { Fact, PageHead, Section } from "../parts/head.tsx";
import { Empty, Notice } from "../parts/notice.tsx";
import { change, count, counted } from "../parts/numbers.ts";
import { StateCounts } from "../parts/state.tsx";
import { Time } from "../parts/time.tsx";

type OverviewProps = Overview & {
  shell: FrameData;
  slug: string;
  packages: number;
  repositories: number;
  overdue: OverdueRepositories | null;
  /** For administrators only. */
  restored: UnconfirmedRestore | null;
  /** null when there is nothing left to do, or the person does not want to see it. */
  steps: FirstSteps | null;
  /** May add repositories and invite people. */
  canEdit: boolean;
  withNumbers: boolean;
  now: number;
};

/** For administrators of the instance: something is wrong with the server itself. */
function ServerNotice({ shell }: OverviewProps) {
  const { operations } = shell.viewer;
  if (operations === undefined || operations.failed === 0) return <></>;
  return (
    <Notice
      tone="failed"
      title={`${counted(operations.failed, "check")} of this server failed`}
      links={[{ href: operations.href, text: "See what to do" }]}
    />
  );
}

export function OverviewPage(props: OverviewProps) {
  const { shell, slug, repositories, downloads, entries, freshness, canEdit, withNumbers, overdue, now } =
    props;
  const title = shell.organization?.name ?? slug;
  return (
    <Frame shell={shell} title={title} section="overview" path={[{ label: "Overview" }]}>
      <div
        class="stack"
        id="overview"
        hx-get={paths.organization(slug)}
        hx-trigger="sync from:body throttle:2s, activity from:body throttle:2s, live from:body"
        hx-select="#overview"
        hx-target="#overview"
        hx-swap="outerHTML"
      >
        <OverviewHead {...props} />
        <ServerNotice {...props} />
        <RestoredNotice restored={props.restored} />
        <OverdueNotice overdue={overdue} slug={slug} now={now} />
        {repositories === 0 ? (
          <NothingYet slug={slug} canEdit={canEdit} />
        ) : (
          <>
            <Numbers {...props} />
            <GettingStartedLine {...props} />
            <MissingSection missing={props.missing} slug={slug} canEdit={canEdit} />
            <DownloadsSection {...downloads} base={paths.organization(slug)} withNumbers={withNumbers} />
          </>
        )}
        <div class="columns is-wide">
          <Section title="Activity" link={{ href: paths.activity(slug), text: "All activity" }}>
            <ActivityFeed entries={entries} slug={slug} now={now} />
          </Section>
          {repositories === 0 ? null : (
            <FreshnessSection rows={freshness} total={repositories} slug={slug} now={now} />
          )}
        </div>
      </div>
    </Frame>
  );
}

function OverviewHead({ shell, slug, states, repositories, canEdit, now }: OverviewProps) {
  const address = `${shell.appUrl}/${slug}`;
  return (
    <PageHead
      title={shell.organization?.name ?? slug}
      about={
        <span class="address">
          <code>{address}</code>
          <CopyButton text={address} label="Copy the address for Composer" announcement="Address copied" />
        </span>
      }
      facts={
        repositories === 0 ? undefined : (
          <>
            <StateCounts {...states} />
            {states.oldestProof === null ? null : (
              <Fact>
                {repositories === 1 ? "last checked " : "oldest check "}
                <Time at={states.oldestProof} now={now} />
              </Fact>
            )}
            <a href={paths.repositories(slug)}>View repositories</a>
          </>
        )
      }
      actions={
        repositories === 0 ? undefined : !canEdit ? (
          <ButtonLink href={paths.use(slug)} variant="primary">
            Use in a project
          </ButtonLink>
        ) : (
          <>
            <ButtonLink href={paths.use(slug)}>Use in a project</ButtonLink>
            <ButtonLink href={paths.newRepository(slug)} variant="primary" icon="plus">
              Add repository
            </ButtonLink>
          </>
        )
      }
    />
  );
}

function Numbers({
  slug,
  packages,
  versions,
  repositories,
  states,
  members,
  invited,
  downloads,
  canEdit,
}: OverviewProps) {
  const { total, before } = downloads;
  const people = canEdit ? { href: paths.members(slug) } : {};
  return (
    <Figures
      figures={[
        {
          label: "Packages",
          value: count(packages),
          note: counted(versions, "version"),
          href: paths.packages(slug),
        },
        {
          label: "Repositories",
          value: count(repositories),
          note:
            states.failed > 0
              ? `${count(states.failed)} failed`
              : states.waiting > 0
                ? `${count(states.waiting)} waiting`
                : states.stale > 0
                  ? `${count(states.stale)} stale`
                  : "all up to date",
          href: paths.repositories(slug),
        },
        {
          label: "Members",
          value: count(members),
          note: invited > 0 ? `${count(invited)} invited` : undefined,
          ...people,
        },
        {
          label: "Downloads, 30 days",
          value: count(total),
          note: total + before === 0 ? undefined : change(total, before),
        },
      ]}
    />
  );
}

/** For an organization without repositories: where to begin. */
function NothingYet({ slug, canEdit }: { slug: string; canEdit: boolean }) {
  if (!canEdit)
    return (
      <Empty title="No repositories yet">
        Packages appear here once an owner or admin adds a Git repository with a composer.json.
      </Empty>
    );
  return (
    <Empty
      title="Add the first repository"
      actions={
        <form class="form" action={paths.newRepository(slug)}>
          <Field
            name="url"
            label="Repository URL"
            placeholder="https://github.com/acme/billing.git"
            mono
            autofocus
            autocomplete="off"
            button={<Button variant="primary">Add repository</Button>}
          />
        </form>
      }
    >
      {"Every tag and branch with a "}
      <code>composer.json</code>
      {" becomes a version that Composer can install. Pricore checks for new ones every few minutes."}
    </Empty>
  );
}

function GettingStartedLine({ slug, steps, canEdit }: OverviewProps) {
  if (steps === null) return <></>;
  // The organization itself is the first step, and done.
  const done = 1 + Object.values(steps).filter(Boolean).length;
  return (
    <GettingStarted done={done} total={5} dismiss={`${paths.organization(slug)}/first-steps/dismiss`}>
      {"Next: "}
      {nextStep(steps, slug, canEdit)}
    </GettingStarted>
  );
}

function nextStep({ package: hasPackage, token }: FirstSteps, slug: string, canEdit: boolean): Child {
  if (!hasPackage)
    return [
      "wait for the first package, or ",
      <a href={paths.repositories(slug)}>check the repositories</a>,
      " if none appears within a minute.",
    ];
  if (!token) return [<a href={paths.newToken(canEdit ? slug : null)}>create a token</a>, " for Composer."];
  return [<a href={paths.packages(slug)}>choose a package</a>, " and run the command it shows."];
}
