// Invitations as those see them who send them.
import type { FrameData } from "../frame/shell.ts";
import { Button, Cancel } from "../parts/button.tsx";
import { DialogBody } from "../parts/dialog.tsx";
import { Checkbox, Field, FieldGroup } from "../parts/field.tsx";
import { PageHead } from "../parts/head.tsx";
import { Notice } from "../parts/notice.tsx";
import { OnceSecret } from "../parts/once-secret.tsx";
import { Elsewhere, errorAt, type Problem } from "../parts/problem.tsx";
import { State } from "../parts/state.tsx";
import { Cell, PhoneLabel, Row, RowActions, Table, type Column } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";
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
        Only a hash of it is kept, so a reload does not bring it back. Send the invitation again for a new
        one.
      </Notice>
    );
  return (
    <OnceSecret
      title={`${email} is invited`}
      noun="link"
      secret={link}
      commands={[]}
      note={`${sendsMail ? "We emailed another link as well." : "This registry sends no mail yet: send this link yourself."} A link works once, within seven days, and for ${email} only.`}
      done={done}
    />
  );
}

const columns: Column[] = [
  { title: "Pending invitations", heading: true },
  { title: "Role" },
  { title: "Sent", from: "tablet" },
  { title: "Ends", keeps: true },
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
                {"ended "}
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
                <Button look="quiet" small aria-label={`Resend to ${email}`}>
                  Resend
                </Button>
              </form>
              <form method="post" action={`${base}/invitations/${id}/revoke`}>
                <Button look="quiet" small destroys aria-label={`Cancel invitation of ${email}`}>
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

export type InviteProps = {
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
            : "This registry sends no mail yet: you get a link to send yourself. It works for seven days."
        }
      />
      <form class="stack is-close form" method="post" action={`${base}/invitations`}>
        <Field
          name="email"
          type="email"
          label="E-mail address"
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
            hint="Sees packages, repositories and the activity."
            checked={form.role !== "admin"}
          />
          <Checkbox
            radio
            name="role"
            value="admin"
            label="Admin"
            hint="Also adds repositories, makes tokens and invites people."
            checked={form.role === "admin"}
          />
        </FieldGroup>
        <Elsewhere problem={problem} fields={["email", "role"]} />
        <div class="actions">
          <Button look="primary" busy="Inviting…">
            Invite
          </Button>
          <Cancel href={base} />
        </div>
      </form>
    </SettingsFrame>
  );
}

export type RemoveMemberProps = {
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
        about={`${member.email} sees nothing of ${shell.organization?.name ?? "the organization"} from the next request on, and neither do the personal tokens of that person. Tokens of the organization that ${member.name} made or knows go on working: revoke them if they should not.`}
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
