// Credentials of private repositories: accounts on Git hosts, users with a token, and SSH keys.
import { CredentialActions, Created, RemoveLink, Uses, type CredentialLine } from "./line.tsx";
import { Forges, Refused } from "./forge.tsx";
import type { FrameData } from "../frame/shell.ts";
import { ButtonLink } from "../parts/button.tsx";
import { CommandBlock, CopyButton } from "../parts/command.tsx";
import { PageHead, Section } from "../parts/head.tsx";
import { Empty } from "../parts/notice.tsx";
import { Cell, Row, Table } from "../parts/table.tsx";
import { SettingsFrame } from "../organizations/settings-menu.tsx";

/** `credentials` are users with a token. */
export type CredentialPlace = { shell: FrameData; setting: "credentials" | "ssh-keys"; base: string };
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
            ? "SSH keys give access to repositories with addresses like git@host:path. The private key is stored encrypted and never shown."
            : "A user name and token give access to private repositories over https. Tokens are stored encrypted, never shown, and only ever sent to their own host."
        }
        actions={
          isKeys ? (
            <ButtonLink href={`${base}/new`} variant="primary" icon="plus">
              New SSH key
            </ButtonLink>
          ) : (
            <>
              <ButtonLink href={`${base}/new`}>New credential</ButtonLink>
              <ButtonLink href={`${base}/connect`} variant="primary" icon="plus">
                Connect a Git host
              </ButtonLink>
            </>
          )
        }
      />
      {isKeys ? null : <Refused lines={lines} base={base} />}
      {lines.length === 0 ? (
        <Empty title={isKeys ? "No SSH keys yet" : "No credentials yet"}>
          {isKeys
            ? "One key can be used by many repositories. You can also create a separate key when you add a repository."
            : "Connect GitHub, GitLab, Bitbucket or Gitea to choose repositories from a list. One credential can be used for all repositories on its host."}
        </Empty>
      ) : isKeys ? (
        <Keys {...props} />
      ) : (
        <>
          <Forges {...props} lines={lines.filter(({ forge }) => forge !== null)} />
          <Passwords {...props} lines={lines.filter(({ forge }) => forge === null)} />
        </>
      )}
    </SettingsFrame>
  );
}

function Passwords({ lines, base, repositories, now }: ListProps) {
  if (lines.length === 0) return <></>;
  const columns = [
    { title: "Name" },
    { title: "User" },
    { title: "Host", from: "tablet" as const },
    { title: "Used by" },
    { title: "Created", from: "desktop" as const },
    { title: "Actions", hiddenTitle: true },
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
            {line.host ?? "the repository's host"}
          </Cell>
          <Cell at="state" breaks>
            <Uses {...{ line, repositories }} />
          </Cell>
          <Cell from="desktop">
            <Created {...{ line, now }} />
          </Cell>
          <Cell at="note" end tight>
            <CredentialActions {...{ line, base }} />
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
            <p class="muted">
              {line.usedBy.length > 0 ? "Used by " : ""}
              <Uses {...{ line, repositories }} />
            </p>
            <CommandBlock plain command={[line.publicKey ?? ""]} announcement="Public key copied" />
            <p class="hint address">
              <code>{line.fingerprint}</code>
              <CopyButton
                text={line.fingerprint ?? ""}
                label="Copy fingerprint"
                announcement="Fingerprint copied"
              />
            </p>
          </div>
        </Section>
      ))}
    </>
  );
}
