import type { FrameData } from "../frame/shell.ts";
import { Badge } from "../parts/badge.tsx";
import { ButtonLink } from "../parts/button.tsx";
import { CommandBlock } from "../parts/command.tsx";
import { Pairs } from "../parts/figures.tsx";
import { Fact, Section } from "../parts/head.tsx";
import { Notice } from "../parts/notice.tsx";
import { Time } from "../parts/time.tsx";
import { Restore, PackageFrame, versionHref } from "./frame.tsx";
import { LinkTables } from "./links.tsx";
import { NoteList } from "./note-list.tsx";
import { requireCommand } from "../organizations/setup-commands.ts";
import { Commit, MovedTag, Readme } from "./overview.tsx";
import { VersionDetails } from "./version-details.tsx";
import type { VersionPageProps } from "./view.ts";

export function VersionPage({ shell, ...props }: VersionPageProps & { shell: FrameData }) {
  const { head, version } = props;
  const href = versionHref(head, version);
  return (
    <PackageFrame
      shell={shell}
      head={head}
      tab="versions"
      title={`${head.name} ${version}`}
      version={version}
    >
      <Section title={<span class="mono">{version}</span>} end={<VersionActions {...props} href={href} />}>
        <p class="facts">
          <VersionFacts {...props} />
        </p>
      </Section>
      <Standing {...props} href={href} />
      <div class="columns">
        <Contents {...props} />
        <VersionDetails {...props} />
      </div>
      <Neighbors {...props} />
    </PackageFrame>
  );
}

/** Whether its tag was moved; then how it is installed, or that it was deleted. */
function Standing({ head, version, reference, movedTo, deleted, href }: VersionPageProps & { href: string }) {
  return (
    <>
      {movedTo === null ? null : (
        <Notice tone="waiting" icon="tag" title="The tag was moved after this version was published">
          {"It was published from "}
          <code>{reference.slice(0, 7)}</code>
          {" and stays as it is. The tag now points to "}
          <code>{movedTo.slice(0, 7)}</code>
          {"; publish a new version for that commit."}
        </Notice>
      )}
      {deleted === null ? (
        <CommandBlock command={requireCommand(head.name, version)} announcement="Command copied" />
      ) : (
        <Notice tone="plain" icon="trash-2" title="This version was deleted">
          {deleted.by ?? "Someone"} deleted it <Time at={deleted.at} now={head.now} />. Composer no longer
          gets it, and syncs do not restore it.
          {head.canManage ? <Restore action={`${href}/bring-back`} /> : null}
        </Notice>
      )}
    </>
  );
}

function Contents(props: VersionPageProps) {
  const { groups, readme } = props;
  return (
    <div class="stack">
      <Notes {...props} />
      <LinkTables groups={groups} />
      <Suggestions {...props} />
      {props.autoload === null ? null : (
        <Section title="Autoload">
          <div class="readme">
            <pre tabindex="0">{props.autoload}</pre>
          </div>
        </Section>
      )}
      {readme === null ? (
        <Section title="README">
          <p class="secondary">This version has no README.</p>
        </Section>
      ) : (
        <Section title="README" id="readme">
          <Readme html={readme} />
        </Section>
      )}
    </div>
  );
}

function VersionActions(props: VersionPageProps & { href: string }) {
  const { head, deleted, archive, compareHref, href } = props;
  if (deleted !== null) return <></>;
  return (
    <div class="actions">
      {compareHref === null ? null : (
        <a href={compareHref} rel="noreferrer">
          {`Changes since ${props.older ?? ""}`}
        </a>
      )}
      {archive === null ? null : (
        <ButtonLink small href={`${href}/archive`} icon="download">
          Download archive
        </ButtonLink>
      )}
      {head.canManage ? (
        <ButtonLink small href={`${href}/delete`} icon="trash-2" destroys>
          Delete version
        </ButtonLink>
      ) : null}
    </div>
  );
}

function Neighbors({ head, older, newer }: VersionPageProps) {
  if (older === null && newer === null) return <></>;
  return (
    <nav class="actions" aria-label="Other versions">
      {older === null ? null : (
        <a href={versionHref(head, older)} rel="prev">
          {"← "}
          <span class="mono">{older}</span>
        </a>
      )}
      {newer === null ? null : (
        <a class="at-end" href={versionHref(head, newer)} rel="next">
          <span class="mono">{newer}</span>
          {" →"}
        </a>
      )}
    </nav>
  );
}

function VersionFacts(props: VersionPageProps) {
  const { head, stability, releasedAt, reference, commitHref, version, ref } = props;
  return (
    <>
      {version === head.latest ? <Badge tone="accent">latest</Badge> : null}
      {stability === "stable" ? null : <Badge>{stability}</Badge>}
      <MovedTag reference={reference} movedTo={props.movedTo} />
      <Fact icon="calendar">
        released <Time at={releasedAt} now={head.now} />
      </Fact>
      <Fact icon="git-commit-horizontal" mono>
        <Commit reference={reference} href={commitHref} />
      </Fact>
      {ref === null ? null : (
        <Fact icon={ref.kind === "tag" ? "tag" : "git-branch"} mono>
          {ref.href === null ? (
            ref.name
          ) : (
            <a href={ref.href} rel="noreferrer">
              {ref.name}
            </a>
          )}
        </Fact>
      )}
    </>
  );
}

function Notes({ notes }: VersionPageProps) {
  if (notes.length === 0) return <></>;
  return (
    <Section title="Left out or changed">
      <NoteList notes={notes} />
    </Section>
  );
}

function Suggestions({ suggest }: VersionPageProps) {
  if (suggest.length === 0) return <></>;
  return (
    <Section title="Suggests">
      <Pairs pairs={suggest.map(({ name, reason }) => [<span class="mono">{name}</span>, reason])} />
    </Section>
  );
}
