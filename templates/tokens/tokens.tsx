import { paths } from "../paths.ts";
import { AccountFrame } from "../accounts/menu.tsx";
import type { FrameData } from "../frame/shell.ts";
import type { Child } from "../jsx/jsx-runtime.ts";
import { Button, ButtonLink, Cancel } from "../parts/button.tsx";
import { DialogBody } from "../parts/dialog.tsx";
import { PageHead } from "../parts/head.tsx";
import { Empty, Notice } from "../parts/notice.tsx";
import { State } from "../parts/state.tsx";
import { Cell, PhoneLabel, Row, RowActions, Table, type Column } from "../parts/table.tsx";
import { relative, Time } from "../parts/time.tsx";
import { SettingsFrame } from "../organizations/settings-menu.tsx";
import { NewSecret } from "./secret.tsx";

export type TokenLine = {
  id: string;
  name: string;
  /** null: all of them. */
  packages: string[] | null;
  createdAt: number;
  /** null: made by a command. */
  creator: string | null;
  lastUsedAt: number | null;
  expiresAt: number | null;
};

/** `slug` is null for the tokens of a person. */
export type TokenPlace = { shell: FrameData; slug: string | null };

type TokensProps = TokenPlace & {
  tokens: TokenLine[];
  /** The one just made; `secret` is null when it was shown before. */
  made: { id: string; name: string; secret: string | null; example: string | null } | null;
  now: number;
};

export function TokensPage({ shell, slug, tokens, made, now }: TokensProps) {
  const base = tokensPath(slug);
  return (
    <TokenFrame shell={shell} slug={slug}>
      <PageHead
        title={slug === null ? "Personal tokens" : "Composer tokens"}
        about={[
          aboutOf({ shell, slug }),
          " ",
          <a href={paths.docs("use-in-a-project")}>Use it in a project and in CI</a>,
        ]}
        actions={
          <ButtonLink href={`${base}/new`} icon="plus" variant={made?.secret ? undefined : "primary"}>
            New token
          </ButtonLink>
        }
      />
      {made === null ? null : made.secret === null ? (
        <Notice tone="plain" title={`Token ${made.name} was shown once`}>
          It cannot be shown again. If you lost it, revoke it and create another one.
        </Notice>
      ) : (
        <NewSecret
          shell={shell}
          slug={slug}
          name={made.name}
          secret={made.secret}
          example={made.example}
          done={base}
        />
      )}
      {tokens.length === 0 ? (
        <Empty title="No tokens yet">
          Composer needs a token to read packages: on a developer's machine, in CI or on a server. It is shown
          once, together with the commands to use it.
        </Empty>
      ) : (
        <TokenTable
          tokens={tokens}
          base={base}
          made={made?.id ?? null}
          now={now}
          isPersonal={slug === null}
        />
      )}
    </TokenFrame>
  );
}

/** The settings of the organization, or of the user, around a page of tokens. */
export function TokenFrame(props: TokenPlace & { title?: string; children?: Child }) {
  const { shell, slug, title, children } = props;
  if (slug === null)
    return (
      <AccountFrame shell={shell} page="tokens" title={title}>
        {children}
      </AccountFrame>
    );
  return (
    <SettingsFrame shell={shell} setting="tokens" title={title}>
      {children}
    </SettingsFrame>
  );
}

export function tokensPath(slug: string | null): string {
  return slug === null ? "/account/tokens" : paths.tokens(slug);
}

function aboutOf({ shell, slug }: TokenPlace): string {
  return slug === null
    ? "A personal token lets Composer read packages of every organization you are in. It cannot change anything."
    : `A token lets Composer read packages of ${shell.organization?.name ?? slug}. It cannot change anything.`;
}

type Lines = { tokens: TokenLine[]; base: string; made: string | null; now: number; isPersonal: boolean };

const columns: Column[] = [
  { title: "Name" },
  { title: "May read", from: "tablet" },
  { title: "Last used" },
  { title: "Expires" },
  { title: "Created", from: "desktop" },
  { title: "Actions", hiddenTitle: true },
];

function TokenTable({ tokens, ...about }: Lines) {
  return (
    <Table label="Tokens" columns={columns} rows={44}>
      {tokens.map((token) => (
        <TokenRow token={token} {...about} />
      ))}
    </Table>
  );
}

function TokenRow({ token, base, made, now, isPersonal }: Omit<Lines, "tokens"> & { token: TokenLine }) {
  const isPart = token.packages !== null;
  return (
    <Row id={`token-${token.id}`} chosen={token.id === made}>
      <Cell at="name" mono strong breaks>
        {token.name}
      </Cell>
      <Cell at="note" from="tablet" breaks={isPart} tight={!isPart} mono={isPart}>
        {token.packages?.join(", ") ?? "All packages"}
      </Cell>
      <Cell at="state" tight>
        {token.lastUsedAt === null ? (
          <span class="muted">never used</span>
        ) : (
          <>
            <PhoneLabel>{"Last used "}</PhoneLabel>
            <Time at={token.lastUsedAt} now={now} />
          </>
        )}
      </Cell>
      <Cell at="figure" tight>
        <Expiry at={token.expiresAt} now={now} />
      </Cell>
      <Cell from="desktop" breaks>
        {isPersonal ? null : `${token.creator ?? "Command line"}, `}
        <span class="whole">
          <Time at={token.createdAt} now={now} />
        </span>
      </Cell>
      <Cell end tight at="note">
        <RowActions>
          <TokenAction token={token} base={base} now={now} />
        </RowActions>
      </Cell>
    </Row>
  );
}

const soonMs = 14 * 86_400_000;

function Expiry({ at, now }: { at: number | null; now: number }) {
  if (at === null)
    return (
      <>
        never<PhoneLabel>{" expires"}</PhoneLabel>
      </>
    );
  if (at <= now)
    return (
      <State kind="failed">
        {"expired "}
        <Time at={at} now={now} />
      </State>
    );
  return at - now < soonMs ? (
    <State kind="waiting">
      <PhoneLabel>{"Expires "}</PhoneLabel>
      <Time at={at} now={now} />
    </State>
  ) : (
    <>
      <PhoneLabel>{"Expires "}</PhoneLabel>
      <Time at={at} now={now} />
    </>
  );
}

/** An expired token is removed without a question. */
function TokenAction({ token, base, now }: { token: TokenLine; base: string; now: number }) {
  const address = `${base}/${token.id}/revoke`;
  if (token.expiresAt === null || token.expiresAt > now)
    return (
      <ButtonLink href={address} variant="quiet" small destroys aria-label={`Revoke ${token.name}`}>
        Revoke
      </ButtonLink>
    );
  return (
    <form method="post" action={address}>
      <Button variant="quiet" small destroys aria-label={`Remove ${token.name}`}>
        Remove
      </Button>
    </form>
  );
}

export function RevokeTokenPage({ shell, slug, token, now }: TokenPlace & { token: TokenLine; now: number }) {
  const base = tokensPath(slug);
  const used =
    token.lastUsedAt === null ? "It was never used." : `It was last used ${relative(token.lastUsedAt, now)}.`;
  return (
    <TokenFrame shell={shell} slug={slug} title="Revoke token">
      <DialogBody
        page
        title={
          <>
            {"Revoke "}
            <code>{token.name}</code>
            {"?"}
          </>
        }
        about={`${used} Anything that uses it stops working right away. This cannot be undone.`}
      >
        <form method="post" action={`${base}/${token.id}/revoke`}>
          <div class="actions">
            <Button destroys busy="Revoking…">
              Revoke token
            </Button>
            <Cancel href={base} />
          </div>
        </form>
      </DialogBody>
    </TokenFrame>
  );
}
