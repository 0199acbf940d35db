// Mail from this server, for its administrators: whether it was sent and, where it was not, what it says.
import { Frame } from "../frame/frame.tsx";
import type { FrameData } from "../frame/shell.ts";
import { ButtonLink } from "../parts/button.tsx";
import { CommandBlock } from "../parts/command.tsx";
import { Fact, PageHead, Section } from "../parts/head.tsx";
import { Empty, Notice } from "../parts/notice.tsx";
import { State } from "../parts/state.tsx";
import { Cell, Row, Table, type Column } from "../parts/table.tsx";
import { relative, Time } from "../parts/time.tsx";

export type MailLine = {
  id: string;
  recipient: string;
  subject: string;
  state: "waiting" | "sent" | "kept" | "failed";
  error: string | null;
  createdAt: number;
  nextTryAt: number;
  sentAt: number | null;
};

type OutboxProps = {
  shell: FrameData;
  mails: MailLine[];
  next: string | null;
  hasServer: boolean;
  now: number;
};

const columns: Column[] = [{ title: "Subject" }, { title: "Status" }, { title: "When", end: true }];

export function OutboxPage({ shell, mails, next, hasServer, now }: OutboxProps) {
  return (
    <Frame shell={shell} title="Outbox" section="outbox" path={[{ label: "Outbox" }]}>
      <div class="stack">
        <PageHead
          title="Outbox"
          about="Mail from this server in the last 30 days. Only administrators see it."
        />
        {hasServer ? null : (
          <Notice tone="plain" title="No mail server is set up">
            {[
              "Mail is kept here. Open one to copy its link and send it yourself. To have mail sent, set ",
              <code>MAIL_MAILER=smtp</code>,
              " and the other ",
              <code>MAIL_</code>,
              " variables, then restart.",
            ]}
          </Notice>
        )}
        {mails.length === 0 ? (
          <Empty title="No mail yet">
            Mail appears here when someone is invited, signs up or forgets a password.
          </Empty>
        ) : (
          <Table label="Mail" columns={columns} rows={44}>
            {mails.map((mail) => (
              <Row id={`mail-${mail.id}`}>
                <Cell at="name" grows strong breaks>
                  <a href={`/outbox/${mail.id}`}>{mail.subject}</a>
                  <div class="muted small">{`to ${mail.recipient}`}</div>
                </Cell>
                <Cell at="state">
                  <MailState mail={mail} now={now} />
                </Cell>
                <Cell end at="figure">
                  <Time at={mail.createdAt} now={now} />
                </Cell>
              </Row>
            ))}
          </Table>
        )}
        {next === null ? null : (
          <div>
            <ButtonLink href={`/outbox?before=${next}`}>Older</ButtonLink>
          </div>
        )}
      </div>
    </Frame>
  );
}

/** `parts`: the text, cut where links begin and end; null when a mail server has it. */
type MailProps = {
  shell: FrameData;
  mail: MailLine;
  parts: { text: string; isLink: boolean }[] | null;
  now: number;
};

export function MailPage({ shell, mail, parts, now }: MailProps) {
  const path = [{ label: "Outbox", href: "/outbox" }, { label: mail.recipient }];
  return (
    <Frame shell={shell} title={mail.subject} section="outbox" path={path}>
      <div class="stack">
        <PageHead
          title={mail.subject}
          facts={
            <>
              <MailState mail={mail} now={now} />
              <Fact icon="mail">{mail.recipient}</Fact>
              <Fact icon="clock">
                <Time at={mail.createdAt} now={now} />
              </Fact>
            </>
          }
        />
        {mail.error === null ? null : (
          <Notice
            tone={mail.state === "failed" ? "failed" : "waiting"}
            title={
              mail.state === "failed" ? "This mail could not be sent" : "This mail has not been sent yet"
            }
          >
            {mail.error}
            {mail.state === "waiting" ? ` Next attempt ${relative(mail.nextTryAt, now)}.` : null}
          </Notice>
        )}
        {parts === null ? (
          <p class="secondary">The mail server accepted it. Its text is no longer stored.</p>
        ) : (
          <Section title="Text" note="These links grant access. Share them only with this person.">
            <div class="stack is-close prose">
              {parts.map(({ text, isLink }) =>
                isLink ? <CommandBlock command={[text]} plain announcement="Link copied" /> : <p>{text}</p>,
              )}
            </div>
          </Section>
        )}
      </div>
    </Frame>
  );
}

function MailState({ mail, now }: { mail: MailLine; now: number }) {
  if (mail.state === "sent")
    return <State kind="success" word="sent" at={mail.sentAt} now={now} strong={false} />;
  if (mail.state === "failed") return <State kind="failed" word="failed" />;
  if (mail.state === "kept") return <State kind="unreached" word="not sent (no mail server)" />;
  return <State kind="waiting" word={mail.error === null ? "waiting" : "retrying soon"} />;
}
