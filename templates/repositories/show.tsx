// One repository: its status, when it was last checked, and the result of each tag and branch.
import { paths } from "../paths.ts";
import { Frame } from "../frame/frame.tsx";
import type { FrameData } from "../frame/shell.ts";
import type { Child } from "../jsx/jsx-runtime.ts";
import { CopyButton } from "../parts/command.tsx";
import { Button, MenuItem, MoreMenu } from "../parts/button.tsx";
import { CommandBlock } from "../parts/command.tsx";
import { LastCheck, Pairs } from "../parts/figures.tsx";
import { Fact, PageHead, Section } from "../parts/head.tsx";
import type { IconName } from "../parts/icons.ts";
import { Empty } from "../parts/notice.tsx";
import { count } from "../parts/numbers.ts";
import { PackageName } from "../parts/package-name.tsx";
import { State } from "../parts/state.tsx";
import { exact, relative } from "../parts/time.tsx";
import { LimitsPart } from "./limits.tsx";
import { RepositoryStatus, hostOf, Moved, waitsForKey } from "./status.tsx";
import { RefList } from "./refs.tsx";
import type { RepositoryView } from "./view.ts";
import { SyncHistory } from "./syncs.tsx";
import { WebhookDeliveries, WebhookState } from "./webhook-part.tsx";

type RepositoryPageProps = {
  shell: FrameData;
  /** The address of the page, without what filters its refs. */
  base: string;
  repository: RepositoryView;
  now: number;
  canEdit: boolean;
};

export function RepositoryPage(props: RepositoryPageProps) {
  const { shell, base, repository, canEdit } = props;
  const { name, url, href, provider, polled, credential } = repository;
  const list = base.slice(0, base.lastIndexOf("/"));
  const path = [
    { label: "Repositories", href: list },
    { label: name, mono: true },
  ];
  const facts = [
    <Fact icon={iconOf(provider)} mono>
      {href === null ? (
        <span>{url}</span>
      ) : (
        <a href={href} rel="noreferrer">
          {url}
        </a>
      )}
      <CopyButton text={url} label="Copy the repository URL" announcement="URL copied" />
    </Fact>,
    <WebhookState state={repository.webhook.state} href={`${base}/webhook`} />,
    <Fact>{polled === null ? "Not polled, synced only on request" : `Checked ${polled}`}</Fact>,
    canEdit && credential !== null && <Fact icon="key-round">{credential}</Fact>,
  ];
  return (
    <Frame shell={shell} title={name} section="repositories" path={path}>
      <PageHead
        packageName={name}
        facts={facts}
        actions={canEdit ? <RepositoryActions base={base} url={url} /> : undefined}
      />
      <RepositoryPart {...props} />
    </Frame>
  );
}

function RepositoryActions({ base, url }: { base: string; url: string }) {
  return (
    <>
      <form method="post" action={`${base}/syncs`}>
        <Button icon="refresh-cw" busy="Starting…">
          Sync now
        </Button>
      </form>
      <MoreMenu label="More actions">
        <MenuItem href={`${base}/edit`} icon="pencil">
          Edit repository
        </MenuItem>
        <MenuItem href={`${base}/webhook`} icon="webhook">
          Webhook
        </MenuItem>
        {isSsh(url) ? (
          <MenuItem href={`${base}/host-key`} icon="fingerprint">
            Forget host key
          </MenuItem>
        ) : null}
        <MenuItem href={`${base}/remove`} icon="trash-2" destroys>
          Remove repository
        </MenuItem>
      </MoreMenu>
    </>
  );
}

/** What the page asks for again: its part that follows along, and the word of the head that does. */
export function RepositoryChanges(props: RepositoryPageProps) {
  const { state } = props.repository.webhook;
  return (
    <>
      <RepositoryPart {...props} />
      <WebhookState state={state} href={`${props.base}/webhook`} follows />
    </>
  );
}

/** Asks for itself again when this repository's sync moves; while one runs also every few seconds. */
function RepositoryPart({ base, repository, now, canEdit, shell }: RepositoryPageProps) {
  const { id, running, state, refs, syncs, ticks } = repository;
  const moves = state === "syncing" || state === "waiting" || repository.webhook.state === "waiting";
  const packagesBase = paths.packages(shell.organization?.slug ?? "");
  return (
    <div
      id="repository"
      class="stack"
      hx-get={refs.here}
      hx-trigger={`sync-${id} from:body throttle:500ms, live from:body${moves ? ", every 5s" : ""}`}
      hx-swap="outerMorph"
    >
      <RepositoryStatus repository={repository} base={base} now={now} canEdit={canEdit} />
      <Moved repository={repository} base={base} canEdit={canEdit} />
      <div class="columns">
        <div class="stack">
          {refs.refs.length === 0 && refs.outcome === null && (refs.folded ?? 0) === 0 ? (
            <Section title="Tags and branches">
              <Empty title={running ? "No tags or branches read yet" : "No tags or branches yet"}>
                They will appear here with their result after the first sync.
              </Empty>
            </Section>
          ) : (
            <RefList {...refs} />
          )}
          <SyncHistory syncs={syncs} ticks={ticks} now={now} base={base} />
        </div>
        <aside class="stack">
          <Freshness repository={repository} now={now} />
          <WebhookDeliveries webhook={repository.webhook} base={base} now={now} />
          <LimitsPart limits={repository.limits} host={hostOf(repository.url)} now={now} />
          <Packages repository={repository} base={packagesBase} />
          {canEdit && repository.key && !waitsForKey(repository) ? <DeployKey {...repository.key} /> : null}
        </aside>
      </div>
    </div>
  );
}

function Freshness({ repository, now }: { repository: RepositoryView; now: number }) {
  const { checkedAt, state, running, url } = repository;
  if (checkedAt === null)
    return (
      <LastCheck label="Last checked" value="Never" tone={state === "failed" ? "failed" : "waiting"}>
        A successful sync confirms that everything is up to date.
      </LastCheck>
    );
  return (
    <LastCheck
      label={state === "failed" ? "Last successful check" : "Last checked"}
      value={<time datetime={new Date(checkedAt).toISOString()}>{relative(checkedAt, now)}</time>}
      tone={state === "failed" ? "failed" : state === "stale" ? "waiting" : "fresh"}
    >
      {state === "stale" ? (
        <>
          <State kind="stale" word="Stale: the next check is overdue." />{" "}
        </>
      ) : null}
      {`At ${exact(checkedAt)} all branches and tags matched ${hostOf(url)}.`}
      {running ? " A sync is running now." : ""}
    </LastCheck>
  );
}

function Packages({ repository, base }: { repository: RepositoryView; base: string }) {
  const { packages } = repository;
  return (
    <Section title="Packages" note={packages.length > 0 ? count(packages.length) : undefined}>
      {packages.length === 0 ? (
        <p class="muted">
          A package appears here as soon as a tag or branch has a valid <code>composer.json</code>.
        </p>
      ) : (
        <Pairs
          pairs={packages.map(({ name, latest, isDeleted }): [Child, Child] => [
            <PackageName name={name} href={`${base}/${name}`} />,
            isDeleted ? <span class="muted">deleted</span> : <span class="mono">{latest ?? "–"}</span>,
          ])}
        />
      )}
    </Section>
  );
}

function DeployKey({ publicKey, fingerprint }: { publicKey: string; fingerprint: string }) {
  return (
    <Section title="Deploy key">
      <div class="stack is-tight">
        <CommandBlock plain command={[publicKey]} announcement="Public key copied" />
        <p class="hint">{fingerprint}</p>
      </div>
    </Section>
  );
}

/** A page about one action: a removal, a confirmation. */
export function ActionPage(props: {
  shell: FrameData;
  base: string;
  name: string;
  title: string;
  children?: Child;
}) {
  const { shell, base, name, title, children } = props;
  const path = [
    { label: "Repositories", href: base.slice(0, base.lastIndexOf("/")) },
    { label: name, href: base, mono: true },
    { label: title },
  ];
  return (
    <Frame shell={shell} title={title} section="repositories" path={path}>
      {children}
    </Frame>
  );
}

function iconOf(provider: string): IconName {
  return provider === "github" ? "github" : provider === "gitlab" ? "gitlab" : "git-branch";
}

function isSsh(url: string): boolean {
  return !/^https?:\/\//.test(url) && !url.startsWith("/");
}
