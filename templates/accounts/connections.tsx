// The sign-in providers that are connected to an account, and those that could be.
import { paths } from "../paths.ts";
import { AccountFrame } from "./menu.tsx";
import { Actions, Button, ButtonLink, Cancel } from "../parts/button.tsx";
import { PageHead, Section } from "../parts/head.tsx";
import { Icon } from "../parts/icon.tsx";
import { Empty } from "../parts/notice.tsx";
import { Elsewhere, type Problem } from "../parts/problem.tsx";
import { State } from "../parts/state.tsx";
import { Cell, PhoneLabel, Row, RowActions, Table } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";
import type { FrameData } from "../frame/shell.ts";
import { providerIcon, type SignInProvider } from "../sign-in/provider-links.tsx";

type ConnectionLine = {
  id: string;
  provider: string;
  title: string;
  login: string;
  /** The provider's host. */
  place: string;
  connectedAt: number;
  lastUsedAt: number | null;
  /** False when an administrator removed the provider: signing in with it no longer works. */
  isSetUp: boolean;
};

type ConnectionsProps = {
  shell: FrameData;
  lines: ConnectionLine[];
  others: SignInProvider[];
  now: number;
};

export function ConnectionsPage({ shell, lines, others, now }: ConnectionsProps) {
  return (
    <AccountFrame shell={shell} page="connections">
      <PageHead
        title="Connected accounts"
        about="Other accounts you can sign in with. Your second factor is still required."
      />
      {lines.length === 0 && others.length === 0 ? (
        <Empty title="Nothing to connect yet">
          An administrator can set up GitHub, GitLab or an OpenID Connect provider for this registry.
        </Empty>
      ) : null}
      {lines.length === 0 ? null : (
        <Table
          label="Connected accounts"
          rows={44}
          columns={[
            { title: "Account" },
            { title: "Connected", from: "tablet" },
            { title: "Last used" },
            { title: "Actions", hiddenTitle: true, end: true },
          ]}
        >
          {lines.map((line) => (
            <Line line={line} now={now} />
          ))}
        </Table>
      )}
      {others.map(({ name, title }) => (
        <Section
          title={title}
          end={
            <form method="post" action={`/auth/${name}/link`}>
              <Button small icon={providerIcon(name)}>{`Connect ${title}`}</Button>
            </form>
          }
        >
          <p>{`Not connected. Connect it to sign in with ${title}.`}</p>
        </Section>
      ))}
    </AccountFrame>
  );
}

function Line({ line, now }: { line: ConnectionLine; now: number }) {
  const { id, provider, title, login, place, connectedAt, lastUsedAt, isSetUp } = line;
  return (
    <Row>
      <Cell at="name" grows strong breaks>
        <Icon name={providerIcon(provider)} />
        {` ${title} · ${login}`}
        <span class="small muted">{` ${place}`}</span>
        {isSetUp ? null : <State kind="waiting">No longer set up here</State>}
      </Cell>
      <Cell from="tablet">
        <Time at={connectedAt} now={now} />
      </Cell>
      <Cell at="state">
        {lastUsedAt === null ? (
          "never used"
        ) : (
          <>
            <PhoneLabel>{"Last used "}</PhoneLabel>
            <Time at={lastUsedAt} now={now} />
          </>
        )}
      </Cell>
      <Cell at="figure" end tight>
        <RowActions>
          <ButtonLink
            href={`${paths.connection(id)}/remove`}
            variant="quiet"
            small
            destroys
            aria-label={`Disconnect ${title}`}
          >
            Disconnect
          </ButtonLink>
        </RowActions>
      </Cell>
    </Row>
  );
}

type DisconnectProps = {
  shell: FrameData;
  id: string;
  title: string;
  login: string;
  problem: Problem | null;
};

export function DisconnectPage({ shell, id, title, login, problem }: DisconnectProps) {
  return (
    <AccountFrame shell={shell} page="connections" title={`Disconnect ${title}`}>
      <PageHead
        title={`Disconnect ${title}?`}
        about={`You can no longer sign in with ${login}, and your other sessions are signed out.`}
      />
      <form class="stack" method="post" action={`${paths.connection(id)}/remove`}>
        <Elsewhere problem={problem} fields={[]} />
        <Actions>
          <Button destroys busy="Disconnecting…">{`Disconnect ${title}`}</Button>
          <Cancel href="/account/connections" />
        </Actions>
      </form>
    </AccountFrame>
  );
}
