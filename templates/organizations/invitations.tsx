// Invitations, for the admins who send them.
import type { FrameData } from "../frame/shell.ts";
import { Button, Cancel } from "../parts/button.tsx";
import { DialogBody } from "../parts/dialog.tsx";
import { Checkbox, Field, FieldGroup } from "../parts/field.tsx";
import { Form } from "../parts/form.tsx";
import { PageHead } from "../parts/head.tsx";
import { Notice } from "../parts/notice.tsx";
import { OnceSecret } from "../parts/once-secret.tsx";
import { errorAt, type Problem } from "../parts/problem.tsx";
import { State } from "../parts/state.tsx";
import { Cell, PhoneLabel, Row, RowActions, Table, type Column } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";
import { invitationLinkText, memberRemovalText } from "./text.ts";
import { SettingsFrame } from "./settings-menu.tsx";

export type InvitationLine = {
  id: string;
  email: string;
  role: string;
  sentAt: number;
  inviter: string | null;
  expiresAt: number;
};

/** The link, once, so that it can be passed on where no mail is sent. */
export function InvitationSecret(props: {
  email: string;
  link: string | null;
  sendsMail: boolean;
  done: string;
}) {
  const { email, link, sendsMail, done } = props;
  if (link === null)
    return (
      <Notice tone="plain" title={`The link for ${email} was shown once`}>
        It cannot be shown again. Resend the invitation to get a new link.
      </Notice>
    );
  return (
    <OnceSecret
      title={`${email} is invited`}
      noun="link"
      secret={link}
      commands={[]}
      note={invitationLinkText(email, sendsMail)}
      done={done}
    />
  );
}

const columns: Column[] = [
  { title: "Pending invitations", heading: true },
  { title: "Role" },
  { title: "Sent", from: "tablet" },
  { title: "Expires", keeps: true },
  { title: "Actions", hiddenTitle: true },
];

export function InvitationTable(props: { base: string; invitations: InvitationLine[]; now: number }) {
  const { base, invitations, now } = props;
  return (
    <Table label="Pending invitations" columns={columns} rows={44}>
      {invitations.map(({ id, email, role, sentAt, inviter, expiresAt }) => (
        <Row id={`invitation-${id}`}>
          <Cell at="name" grows strong breaks>
            {email}
          </Cell>
          <Cell at="figure">{role}</Cell>
          <Cell from="tablet">
            {inviter === null ? null : `${inviter}, `}
            <Time at={sentAt} now={now} />
          </Cell>
          <Cell at="state">
            {expiresAt <= now ? (
              <State kind="waiting">
                {"expired "}
                <Time at={expiresAt} now={now} />
              </State>
            ) : (
              <>
                <PhoneLabel>{"Expires "}</PhoneLabel>
                <Time at={expiresAt} now={now} />
              </>
            )}
          </Cell>
          <Cell end tight at="note">
            <RowActions>
              <form method="post" action={`${base}/invitations/${id}/resend`}>
                <Button variant="quiet" small aria-label={`Resend to ${email}`}>
                  Resend
                </Button>
              </form>
              <form method="post" action={`${base}/invitations/${id}/revoke`}>
                <Button variant="quiet" small destroys aria-label={`Cancel invitation of ${email}`}>
                  Cancel invitation
                </Button>
              </form>
            </RowActions>
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

type InviteProps = {
  shell: FrameData;
  base: string;
  form: { email: string; role: string };
  problem: Problem | null;
  sendsMail: boolean;
};

export function InvitePage({ shell, base, form, problem, sendsMail }: InviteProps) {
  return (
    <SettingsFrame shell={shell} setting="members" title="Invite">
      <PageHead
        title="Invite someone"
        about={
          sendsMail
            ? "We'll email a link. You can also copy one and send it yourself. Both work for seven days."
            : "No mail server is set up, so you'll get a link to send yourself. It works for seven days."
        }
      />
      <Form
        action={`${base}/invitations`}
        problem={problem}
        fields={["email", "role"]}
        submit="Invite"
        busy="Inviting…"
        cancel={base}
      >
        <Field
          name="email"
          type="email"
          label="Email address"
          value={form.email}
          placeholder="ben@acme.example"
          required
          autofocus
          autocomplete="off"
          hint="Only this person can accept the invitation."
          error={errorAt(problem, "email")}
        />
        <FieldGroup legend="Role" error={errorAt(problem, "role")}>
          <Checkbox
            radio
            name="role"
            value="member"
            label="Member"
            hint="Can see packages, repositories and activity."
            checked={form.role !== "admin"}
          />
          <Checkbox
            radio
            name="role"
            value="admin"
            label="Admin"
            hint="Can also add repositories, create tokens and invite people."
            checked={form.role === "admin"}
          />
        </FieldGroup>
      </Form>
    </SettingsFrame>
  );
}

type RemoveMemberProps = {
  shell: FrameData;
  base: string;
  member: { id: string; name: string; email: string };
};

export function RemoveMemberPage({ shell, base, member }: RemoveMemberProps) {
  return (
    <SettingsFrame shell={shell} setting="members" title="Remove member">
      <DialogBody
        page
        title={`Remove ${member.name}?`}
        about={memberRemovalText(member, shell.organization?.name ?? "the organization")}
      >
        <form method="post" action={`${base}/${member.id}/remove`}>
          <div class="actions">
            <Button destroys busy="Removing…">
              Remove member
            </Button>
            <Cancel href={base} />
          </div>
        </form>
      </DialogBody>
    </SettingsFrame>
  );
}
