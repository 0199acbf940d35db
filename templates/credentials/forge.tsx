// The organization's accounts on Git hosts, and whether the hosts accept them.
import { CredentialActions, Created, remedyOf, Uses, type CredentialLine } from "./line.tsx";
import { RateLimitLine } from "../repositories/limits.tsx";
import { rejectedText, rejectedTitle, repairText } from "./text.ts";
import { Section } from "../parts/head.tsx";
import { Notice } from "../parts/notice.tsx";
import { State } from "../parts/state.tsx";
import { Cell, Row, Table } from "../parts/table.tsx";

type Props = { lines: CredentialLine[]; base: string; repositories: string; now: number };

export function Refused({ lines, base }: { lines: CredentialLine[]; base: string }) {
  const refused = lines.filter(({ forge }) => forge?.refusedAt != null);
  const [first] = refused;
  if (!first) return <></>;
  const links = refused.map((line) => ({
    href: remedyOf(line, base),
    text: repairText(line, refused.length === 1),
  }));
  return (
    <Notice tone="failed" title={rejectedTitle(refused)} links={links}>
      {rejectedText(refused)}
    </Notice>
  );
}

export function Forges({ lines, base, repositories, now }: Props) {
  if (lines.length === 0) return <></>;
  const columns = [
    { title: "Name" },
    { title: "Status" },
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
              <CredentialActions {...{ line, base }} />
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
  if (refusedAt !== null) return <State kind="failed" word="rejected" at={refusedAt} now={now} />;
  if (expiresAt !== null && expiresAt < now + soonMs)
    return <State kind="attention" word={expiresAt < now ? "expired" : "expires"} at={expiresAt} now={now} />;
  return (
    <>
      <State kind="done" word="working" />
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
