// Several repositories that were added at once: each line follows its first sync until the result.
import { Frame } from "../frame/frame.tsx";
import type { FrameData } from "../frame/shell.ts";
import { ButtonLink } from "../parts/button.tsx";
import { CommandBlock } from "../parts/command.tsx";
import { PageHead, Section } from "../parts/head.tsx";
import { counted } from "../parts/numbers.ts";
import { PackageName } from "../parts/package-name.tsx";
import { State, StateCounts } from "../parts/state.tsx";
import { Cell, Row, Table } from "../parts/table.tsx";
import { AddForm, type NewRepositoryProps } from "./new.tsx";

export type AddedLine = {
  name: string;
  url: string;
  href: string;
  result:
    | { kind: "key" }
    | { kind: "waiting" }
    | { kind: "syncing"; done: number; total: number }
    | { kind: "fresh"; packages: { name: string; href: string; latest: string | null; versions: number }[] }
    | { kind: "failed"; message: string; links: { href: string; text: string }[] };
};

export type AddedResultProps = {
  /** Asks for this part again. */
  here: string;
  lines: AddedLine[];
};

type RefusedLine = { url: string; message: string };

export type AddedRepositoriesProps = {
  shell: FrameData;
  base: string;
  result: AddedResultProps;
  /** What was here before. */
  known: { url: string; name: string; href: string }[];
  keys: { name: string; publicKey: string }[];
  refused: RefusedLine[];
  /** With the refused lines in it. */
  again: Pick<NewRepositoryProps, "form" | "stored"> | null;
};

export function AddedRepositoriesPage(props: AddedRepositoriesProps) {
  const { shell, base, result, known, keys, refused, again } = props;
  const path = [{ label: "Repositories", href: base }, { label: "Add" }];
  const added = result.lines.length;
  return (
    <Frame shell={shell} title="Add repositories" section="repositories" path={path}>
      <PageHead
        title={`${added} of ${added + known.length + refused.length} repositories added`}
        actions={
          <>
            <ButtonLink href={`${base}/new`}>Add more</ButtonLink>
            <ButtonLink href={base} variant={refused.length === 0 ? "primary" : undefined}>
              View repositories
            </ButtonLink>
          </>
        }
      />
      {added === 0 ? null : <AddedResult {...result} />}
      {keys.length === 0 ? null : <DeployKeys keys={keys} />}
      {refused.length === 0 || again === null ? null : <Refused lines={refused} base={base} again={again} />}
      {known.length === 0 ? null : <Known lines={known} />}
    </Frame>
  );
}

/** Asks for itself again when a sync of the organization moves; until all have ended also every few seconds. */
export function AddedResult({ here, lines }: AddedResultProps) {
  const of = (...kinds: AddedLine["result"]["kind"][]) =>
    lines.filter(({ result }) => kinds.includes(result.kind)).length;
  const [failed, waiting, fresh] = [of("failed"), of("waiting", "syncing", "key"), of("fresh")];
  return (
    <div
      id="added"
      class="stack is-close"
      hx-get={here}
      hx-trigger={`sync from:body throttle:500ms, live from:body${of("waiting", "syncing") > 0 ? ", every 5s" : ""}`}
      hx-swap="outerMorph"
    >
      <div class="facts">
        <StateCounts failed={failed} waiting={waiting} fresh={fresh} />
      </div>
      <Table
        label="Added repositories and their first sync"
        columns={[{ title: "Repository" }, { title: "Result" }]}
        rows={44}
      >
        {lines.map((line) => (
          <Row>
            <Cell at="name" grows breaks>
              <PackageName name={line.name} href={line.href} row />
              <div class="muted small">{line.url}</div>
            </Cell>
            <Cell at="state" breaks>
              <Result result={line.result} />
            </Cell>
          </Row>
        ))}
      </Table>
    </div>
  );
}

function Result({ result }: { result: AddedLine["result"] }) {
  if (result.kind === "key") return <State kind="waiting" word="Waiting for the deploy key" />;
  if (result.kind === "waiting") return <State kind="waiting" word="Added, waiting for the first sync" />;
  if (result.kind === "syncing") {
    const { done, total } = result;
    return (
      <State
        kind="syncing"
        word={total === 0 ? "Syncing" : `Syncing, ${done} of ${total} tags and branches`}
      />
    );
  }
  if (result.kind === "failed")
    return (
      <>
        <State kind="failed" wraps>
          {result.message}
        </State>
        <p class="links-below">
          {result.links.map(({ href, text }) => (
            <a href={href}>{text}</a>
          ))}
        </p>
      </>
    );
  return (
    <State kind="fresh" wraps>
      {result.packages.length === 0
        ? "Synced"
        : result.packages.map(({ name, href, latest, versions }, at) => (
            <>
              {at > 0 ? <br /> : null}
              <a href={href} class="mono">
                {name}
              </a>
              {` ${latest === null ? "" : `${latest}, `}${counted(versions, "version", "versions")}`}
            </>
          ))}
    </State>
  );
}

function DeployKeys({ keys }: { keys: AddedRepositoriesProps["keys"] }) {
  return (
    <Section title="Deploy keys" note="Add each key to its repository, then sync. Read access is enough.">
      {keys.map(({ name, publicKey }) => (
        <div class="stack is-tight deploy-key">
          <p class="mono">{name}</p>
          <CommandBlock plain command={[publicKey]} announcement="Public key copied" />
        </div>
      ))}
    </Section>
  );
}

function Refused(props: {
  lines: RefusedLine[];
  base: string;
  again: Pick<NewRepositoryProps, "form" | "stored">;
}) {
  const { lines, base, again } = props;
  return (
    <Section title="Not added" note="Fix the URLs below and try again.">
      <ul class="reasons">
        {lines.map(({ url, message }) => (
          <li>
            <code>{url}</code>
            <State kind="failed" wraps>
              {message}
            </State>
          </li>
        ))}
      </ul>
      <AddForm base={base} {...again} problem={null} again />
    </Section>
  );
}

function Known({ lines }: { lines: AddedRepositoriesProps["known"] }) {
  return (
    <Section title="Already added" note="These were not changed.">
      <ul class="reasons">
        {lines.map(({ url, name, href }) => (
          <li>
            <code>{url}</code>
            <span>
              {"Already added as "}
              <a href={href}>{name}</a>
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
