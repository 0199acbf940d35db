// Whether everything is all right with this installation and, if not, what to do; then what it holds and what runs.
import type { Operations } from "../../src/registry/operations/overview.ts";
import { Frame } from "../frame/frame.tsx";
import type { FrameData } from "../frame/shell.ts";
import { Button } from "../parts/button.tsx";
import { Figures } from "../parts/figures.tsx";
import { PageHead, Section } from "../parts/head.tsx";
import { Empty } from "../parts/notice.tsx";
import { count, counted, size } from "../parts/numbers.ts";
import { State, type StateKind } from "../parts/state.tsx";
import { Cell, Row, Table } from "../parts/table.tsx";
import { date, relative, Time } from "../parts/time.tsx";
import { paths } from "../paths.ts";
import { Checks, type ShownFinding } from "./checks.tsx";
import { StorageSections } from "./storage.tsx";

export type { ShownFinding } from "./checks.tsx";

type OperationsProps = Omit<Operations, "findings"> & {
  shell: FrameData;
  /** The address of this page. */
  base: string;
  /** When the checks ran last; null before the first time. */
  at: number | null;
  checks: ShownFinding[];
  version: string;
  /** Where the jobs are shown. */
  jobs: string;
  /** Of the viewer, who gets the test mail. */
  email: string;
  now: number;
};

export function OperationsPage(props: OperationsProps) {
  const { shell, base, checks, at, isExamining, storage, now } = props;
  const follows = isExamining ? { "hx-get": base, "hx-trigger": "every 3s", "hx-swap": "outerMorph" } : {};
  return (
    <Frame shell={shell} title="Operations" section="operations" path={[{ label: "Operations" }]}>
      <div id="operations" class="stack" hx-select="#operations" {...follows}>
        <PageHead
          title="Operations"
          about={[
            "Whether everything is all right here and, if not, what to do. ",
            <a href={paths.docs("operations#when-something-is-wrong")}>More in the docs</a>,
          ]}
          facts={<Facts {...props} />}
          actions={
            <form method="post" action={`${base}/checks`}>
              <Button icon="refresh-cw" variant="primary" disabled={isExamining}>
                {isExamining ? "Checking…" : "Run now"}
              </Button>
            </form>
          }
        />
        {at === null ? (
          <Empty title="Not checked yet">
            The first check starts ten minutes after the first start. Run it now to see its result here.
          </Empty>
        ) : (
          <Checks checks={checks} />
        )}
        <Running {...props} />
        <Safety {...props} />
        <StorageSections storage={storage} open={shell.organizations.map(({ slug }) => slug)} now={now} />
        <MailSection {...props} />
        <SettingsSection {...props} />
      </div>
    </Frame>
  );
}

function Facts({ checks, at, now }: OperationsProps) {
  const { kind, word } = verdictOf(checks, at);
  return (
    <>
      <State kind={kind} word={word} />
      {at === null ? null : (
        <span>
          {"checked "}
          <Time at={at} now={now} />
        </span>
      )}
    </>
  );
}

function verdictOf(checks: ShownFinding[], at: number | null): { kind: StateKind; word: string } {
  if (at === null) return { kind: "unreached", word: "Not checked yet" };
  const [failed, warned] = (["fail", "warn"] as const).map(
    (status) => checks.filter((check) => check.status === status).length,
  );
  const others = warned ? ", " + counted(warned, "warning") : "";
  if (failed) return { kind: "failed", word: `${counted(failed, "check")} failed${others}` };
  if (warned) return { kind: "attention", word: counted(warned, "warning") };
  return { kind: "done", word: "Everything is all right" };
}

const queueWords: Record<Operations["queue"]["state"], string> = {
  moves: "running",
  behind: "behind",
  paused: "paused",
  stuck: "stuck",
  unworked: "no worker",
};

/** What runs, in figures; each leads to where more is. */
function Running({ storage, queue, database, version, jobs }: OperationsProps) {
  const { archiveBytes, databaseBytes, disk } = storage;
  return (
    <Figures
      figures={[
        {
          label: "Archives",
          value: size(archiveBytes),
          note: disk === null ? "in the bucket" : "on the disk",
        },
        { label: "Database", value: size(databaseBytes), note: database },
        ...(disk === null ? [] : [{ label: "Free", value: size(disk.free), note: `of ${size(disk.size)}` }]),
        {
          label: "Queue",
          value: queueWords[queue.state],
          note:
            queue.dead > 0 ? `${count(queue.dead)} failed permanently` : `${count(queue.waiting)} waiting`,
          href: jobs,
        },
        { label: "Version", value: version },
      ]}
    />
  );
}

const lights: Record<Operations["backup"]["state"], string> = {
  ok: "",
  amber: "needs attention",
  red: "too old",
  off: "not set up",
};

/** What lets an operator sleep: until when, and since when. */
function Safety({ certificateUntil, backup, rehearsal, now }: OperationsProps) {
  const when = (at: number | null) => (at === null ? "never" : relative(at, now));
  return (
    <Figures
      figures={[
        {
          label: "Certificate",
          value: certificateUntil === null ? "–" : date(certificateUntil, now),
          note: certificateUntil === null ? "not of this server" : "good until",
        },
        { label: "Last backup", value: when(backup.at), note: lights[backup.state] },
        { label: "Last restored on trial", value: when(rehearsal.at), note: lights[rehearsal.state] },
      ]}
    />
  );
}

function MailSection({ mailServer, base, email }: OperationsProps) {
  return (
    <Section title="Mail" link={{ href: "/outbox", text: "Outbox" }}>
      {mailServer === null ? (
        <p class="prose">
          {"No mail server is set up. Mail stays in the outbox; set "}
          <code>MAIL_MAILER=smtp</code>
          {" and the other "}
          <code>MAIL_</code>
          {" variables to have it sent."}
        </p>
      ) : (
        <form class="stack is-close" method="post" action={`${base}/test-mail`}>
          <p class="prose">
            {"Mail is sent through "}
            <code>{mailServer}</code>
            {`. A test goes to ${email} and says at once whether the server took it.`}
          </p>
          <div>
            <Button icon="mail" busy="Sending…">
              Send a test
            </Button>
          </div>
        </form>
      )}
    </Section>
  );
}

const origins: Record<string, string> = {
  environment: "environment",
  "env-file": ".env file",
  file: "file",
  credential: "credential",
};

function SettingsSection({ settings }: OperationsProps) {
  return (
    <Section title="Settings" note="what is set; everything else has its default" link={docsLink}>
      {settings.length === 0 ? (
        <p class="prose">Every setting has its default.</p>
      ) : (
        <Table
          label="Settings"
          rows={33}
          columns={[{ title: "Setting" }, { title: "Value" }, { title: "From", end: true }]}
        >
          {settings.map(({ name, text, origin, isSecret }) => (
            <Row>
              <Cell at="name" mono>
                {name}
              </Cell>
              <Cell at="note" grows breaks mono={!isSecret}>
                {isSecret ? <span class="muted">secret, set</span> : text}
              </Cell>
              <Cell at="state" end>
                <span class="muted">{origins[origin]}</span>
              </Cell>
            </Row>
          ))}
        </Table>
      )}
    </Section>
  );
}

const docsLink = { href: paths.docs("configuration"), text: "All settings" };
