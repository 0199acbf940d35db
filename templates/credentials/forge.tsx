// The organization's accounts at forges, and what their forges say of them.
import { Acts, Created, remedyOf, Uses, type CredentialLine } from "./line.tsx";
import { RateLimitLine } from "../repositories/limits.tsx";
import { Section } from "../parts/head.tsx";
import { Notice } from "../parts/notice.tsx";
import { State } from "../parts/state.tsx";
import { Cell, Row, Table } from "../parts/table.tsx";

type Props = { lines: CredentialLine[]; base: string; repositories: string; now: number };

/** What is mirrored stays; what is new does not come. */
export function Refused({ lines, base }: { lines: CredentialLine[]; base: string }) {
  const refused = lines.filter(({ forge }) => forge?.refusedAt != null);
  const [first] = refused;
  if (!first) return <></>;
  const title =
    refused.length === 1
      ? `${first.host} refuses the token “${first.name}”`
      : `${refused.length} tokens are refused by their Git hosts`;
  const repositories = refused.reduce((sum, { usedBy }) => sum + usedBy.length, 0);
  const links = refused.map((line) => ({
    href: remedyOf(line, base),
    words: wordsFor(line, refused.length === 1),
  }));
  return (
    <Notice tone="failed" title={title} links={links}>
      {refused.length === 1 ? first.forge?.error : null} Everything that is mirrored stays installable
      {repositories === 0 ? "" : `; ${gets(repositories)} nothing new until then`}.
    </Notice>
  );
}

function gets(repositories: number): string {
  return repositories === 1 ? "1 repository gets" : `${repositories} repositories get`;
}

function wordsFor({ name, forge }: CredentialLine, isOnly: boolean): string {
  if (forge?.isGranted) return isOnly ? "Connect it again" : `Connect ${name} again`;
  return isOnly ? "Replace the token" : `Replace ${name}`;
}

export function Forges({ lines, base, repositories, now }: Props) {
  if (lines.length === 0) return <></>;
  const columns = [
    { title: "Name" },
    { title: "State" },
    { title: "Account", from: "tablet" as const },
    { title: "Used by" },
    { title: "Connected", from: "desktop" as const },
    { title: "Actions", hiddenTitle: true },
  ];
  return (
    <Section title="Git hosts">
      <Table label="Git hosts" columns={columns} rows={44}>
        {lines.map((line) => (
          <Row>
            <Cell at="name" strong breaks>
              {line.name}
            </Cell>
            <Cell at="figure" breaks>
              <ForgeState {...{ line, now }} />
            </Cell>
            <Cell from="tablet" breaks>
              {line.forge?.account}
              <br />
              <span class="muted mono small">{line.host}</span>
            </Cell>
            <Cell at="state" breaks>
              <Uses {...{ line, repositories }} />
            </Cell>
            <Cell from="desktop" breaks>
              <Created {...{ line, now }} />
            </Cell>
            <Cell at="note" end tight>
              <Acts {...{ line, base }} />
            </Cell>
          </Row>
        ))}
      </Table>
    </Section>
  );
}

const soonMs = 14 * 86_400_000;

function ForgeState({ line: { forge }, now }: { line: CredentialLine; now: number }) {
  if (forge === null) return <></>;
  const { refusedAt, expiresAt, scopes, rate } = forge;
  if (refusedAt !== null) return <State kind="failed" word="refused" at={refusedAt} now={now} />;
  if (expiresAt !== null && expiresAt < now + soonMs)
    return <State kind="attention" word={expiresAt < now ? "expired" : "expires"} at={expiresAt} now={now} />;
  return (
    <>
      <State kind="done" word="works" />
      {rate === null || rate.resetsAt <= now ? null : (
        <>
          <br />
          <RateLimitLine rate={rate} now={now} />
        </>
      )}
      {scopes === null || scopes.length === 0 ? null : (
        <>
          <br />
          <span class="muted mono small">{scopes.join(", ")}</span>
        </>
      )}
    </>
  );
}
