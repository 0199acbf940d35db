// What opens private repositories: users with a token, and SSH keys, each on a settings page of its own.
import type { Shell } from "./shell.ts";
import { ButtonLink } from "./parts/button.tsx";
import { CommandBlock, CopyButton } from "./parts/command.tsx";
import { PageHead, Section } from "./parts/head.tsx";
import { Empty } from "./parts/notice.tsx";
import { counted } from "./parts/numbers.ts";
import { Cell, Row, RowActions, Table } from "./parts/table.tsx";
import { Time } from "./parts/time.tsx";
import { SettingsFrame } from "./settings-menu.tsx";

export type CredentialLine = {
  id: string;
  /** As it was called, or what it is when it came with a repository. */
  name: string;
  username: string | null;
  host: string | null;
  publicKey: string | null;
  fingerprint: string | null;
  createdAt: number;
  creator: string | null;
  usedBy: string[];
};

/** `credentials` are users with a token. */
export type CredentialPlace = { shell: Shell; setting: "credentials" | "ssh-keys"; base: string };
type ListProps = CredentialPlace & { lines: CredentialLine[]; repositories: string; now: number };

export function CredentialsPage(props: ListProps) {
  const { shell, setting, base, lines } = props;
  const isKeys = setting === "ssh-keys";
  return (
    <SettingsFrame shell={shell} setting={setting}>
      <PageHead
        title={isKeys ? "SSH keys" : "Credentials"}
        about={
          isKeys
            ? "A key opens repositories with an address like git@host:path. Its private half is stored encrypted and never shown."
            : "A user and a token open private repositories over https. A token is stored encrypted, never shown, and sent to its own host alone."
        }
        actions={
          <ButtonLink href={`${base}/new`} look="primary" icon="plus">
            {isKeys ? "New SSH key" : "New credential"}
          </ButtonLink>
        }
      />
      {lines.length === 0 ? (
        <Empty title={isKeys ? "No SSH keys yet" : "No credentials yet"}>
          {isKeys
            ? "One key here may serve many repositories. A repository can also get a key of its own when it is added."
            : "One credential here may serve all repositories of its host. A repository can also get one of its own when it is added."}
        </Empty>
      ) : isKeys ? (
        <Keys {...props} />
      ) : (
        <Passwords {...props} />
      )}
    </SettingsFrame>
  );
}

function Passwords({ lines, base, repositories, now }: ListProps) {
  const columns = [
    { title: "Name" },
    { title: "User" },
    { title: "Host", from: "tablet" as const },
    { title: "Used by" },
    { title: "Created", from: "desktop" as const },
    { title: "Actions", spoken: true },
  ];
  return (
    <Table label="Credentials" columns={columns} rows={44}>
      {lines.map((line) => (
        <Row>
          <Cell at="name" strong breaks>
            {line.name}
          </Cell>
          <Cell at="figure" mono breaks>
            {line.username}
          </Cell>
          <Cell mono from="tablet" breaks>
            {line.host ?? "its repository's"}
          </Cell>
          <Cell at="state" breaks>
            <Uses {...{ line, repositories }} />
          </Cell>
          <Cell from="desktop">
            <Created {...{ line, now }} />
          </Cell>
          <Cell at="note" end tight>
            <RowActions>
              <ButtonLink href={`${base}/${line.id}/edit`} look="quiet" small icon="pencil">
                Replace
              </ButtonLink>
              <RemoveLink {...{ line, base }} />
            </RowActions>
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

function Keys({ lines, base, repositories, now }: ListProps) {
  return (
    <>
      {lines.map((line) => (
        <Section
          title={line.name}
          note={<Created {...{ line, now }} />}
          end={line.usedBy.length === 0 ? <RemoveLink {...{ line, base }} /> : undefined}
        >
          <div class="stack is-tight">
            <p class="quiet">
              {line.usedBy.length > 0 ? "Used by " : ""}
              <Uses {...{ line, repositories }} />
            </p>
            <CommandBlock plain wraps command={[line.publicKey ?? ""]} said="Public key copied" />
            <p class="hint">
              <code>{line.fingerprint}</code>{" "}
              <CopyButton text={line.fingerprint ?? ""} label="Copy fingerprint" said="Fingerprint copied" />
            </p>
          </div>
        </Section>
      ))}
    </>
  );
}

function Uses({ line, repositories }: { line: CredentialLine; repositories: string }) {
  const { usedBy } = line;
  if (usedBy.length === 0) return <span class="quiet">not used</span>;
  const shown = usedBy.slice(0, 3);
  return (
    <>
      {shown.map((name, index) => [
        index === 0 ? "" : ", ",
        <a href={`${repositories}/${encodeURIComponent(name)}`}>{name}</a>,
      ])}
      {usedBy.length > shown.length ? ` and ${counted(usedBy.length - shown.length, "more", "more")}` : ""}
    </>
  );
}

function Created({ line, now }: { line: CredentialLine; now: number }) {
  return (
    <>
      {line.creator === null ? "" : `${line.creator}, `}
      <Time at={line.createdAt} now={now} />
    </>
  );
}

function RemoveLink({ line, base }: { line: CredentialLine; base: string }) {
  if (line.usedBy.length > 0) return <></>;
  return (
    <ButtonLink href={`${base}/${line.id}/remove`} look="quiet" small destroys icon="trash-2">
      Remove
    </ButtonLink>
  );
}
