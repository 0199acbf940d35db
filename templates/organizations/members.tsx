import { paths } from "../paths.ts";
import type { FrameData } from "../frame/shell.ts";
import { InvitationSecret, InvitationTable, type InvitationLine } from "./invitations.tsx";
import { Button, ButtonLink } from "../parts/button.tsx";
import { Avatar } from "../parts/feed.tsx";
import { FilterChip, Filters } from "../parts/filter.tsx";
import { PageHead } from "../parts/head.tsx";
import { Empty } from "../parts/notice.tsx";
import { Pagination } from "../parts/pagination.tsx";
import { Cell, Row, RowActions, Table, type Column } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";
import { SettingsFrame } from "./settings-menu.tsx";

type MemberLine = {
  id: string;
  name: string;
  email: string;
  role: "owner" | "admin" | "member";
  since: number;
  seenAt: number | null;
  isSelf: boolean;
};

type MembersProps = {
  shell: FrameData;
  slug: string;
  members: MemberLine[];
  /** Of the filtered ones. */
  found: number;
  total: number;
  filter: { q: string; role: string };
  page: number;
  pageSize: number;
  invitations: InvitationLine[];
  /** The one just made or sent again; `link` is null when it was shown before. */
  invited: { email: string; link: string | null } | null;
  sendsMail: boolean;
  isOwner: boolean;
  now: number;
};

export function MembersPage(props: MembersProps) {
  const { shell, slug, total, invitations, invited, isOwner, now } = props;
  const base = membersPath(slug);
  return (
    <SettingsFrame shell={shell} setting="members">
      <PageHead
        title="Members"
        about="Members can see all packages. Admins can also make changes."
        actions={
          <>
            {isOwner && total > 1 ? (
              <ButtonLink href={`${base}/transfer`}>Transfer ownership</ButtonLink>
            ) : null}
            <ButtonLink
              href={`${base}/invite`}
              icon="user-plus"
              variant={invited?.link ? undefined : "primary"}
            >
              Invite
            </ButtonLink>
          </>
        }
      />
      {invited === null ? null : <InvitationSecret {...invited} sendsMail={props.sendsMail} done={base} />}
      <MemberSearch {...props} />
      {invitations.length === 0 ? null : <InvitationTable base={base} invitations={invitations} now={now} />}
    </SettingsFrame>
  );
}

export function membersPath(slug: string): string {
  return paths.members(slug);
}

function MemberSearch({ slug, members, found, total, filter, page, pageSize, now }: MembersProps) {
  const base = membersPath(slug);
  const isFiltered = filter.q !== "" || filter.role !== "";
  const address = (change: Record<string, string>) => addressOf(base, { ...filter, ...change });
  return (
    <div class="stack" id="members">
      <Filters
        action={base}
        value={filter.q}
        placeholder="Find a member"
        label="Find a member by name or email address"
        target="#members"
        keep={filter.role === "" ? {} : { role: filter.role }}
        tally={isFiltered ? { visible: found, total, clear: base } : undefined}
      >
        <FilterChip
          label="Role"
          value={filter.role === "" ? undefined : filter.role}
          clear={address({ role: "" })}
          options={["owner", "admin", "member"].map((role) => ({ href: address({ role }), text: role }))}
        />
      </Filters>
      {members.length === 0 ? (
        <Empty title="Nobody matches" actions={<ButtonLink href={base}>Clear search</ButtonLink>}>
          Search covers names and email addresses.
        </Empty>
      ) : (
        <MemberTable base={base} members={members} now={now} />
      )}
      <Pagination
        page={page}
        pageSize={pageSize}
        total={found}
        href={(number) => address({ page: String(number) })}
      />
    </div>
  );
}

const columns: Column[] = [
  { title: "Member" },
  { title: "Role" },
  { title: "Since", from: "tablet" },
  { title: "Last active", from: "desktop" },
  { title: "Actions", hiddenTitle: true },
];

function MemberTable({ base, members, now }: { base: string; members: MemberLine[]; now: number }) {
  return (
    <Table label="Members" columns={columns} rows={44}>
      {members.map((member) => (
        <Row id={`member-${member.id}`}>
          <Cell at="name" grows>
            <span class="person">
              <Avatar name={member.name} small />
              <span class="words">
                <b>{member.name}</b>
                {member.isSelf ? <span class="muted"> (you)</span> : null}
                <span class="small muted">{member.email}</span>
              </span>
            </span>
          </Cell>
          <Cell at="figure">{member.role}</Cell>
          <Cell from="tablet">
            <Time at={member.since} now={now} />
          </Cell>
          <Cell from="desktop">{member.isSelf ? "now" : <Time at={member.seenAt} now={now} />}</Cell>
          <Cell end tight at="note">
            {member.role === "owner" ? null : <MemberActions base={base} member={member} />}
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

function MemberActions({ base, member: { id, name, role } }: { base: string; member: MemberLine }) {
  const other = role === "admin" ? "member" : "admin";
  return (
    <RowActions>
      <form method="post" action={`${base}/${id}/role`}>
        <Button variant="quiet" small name="role" value={other} aria-label={`Make ${other}: ${name}`}>
          {`Make ${other}`}
        </Button>
      </form>
      <ButtonLink href={`${base}/${id}/remove`} variant="quiet" small destroys aria-label={`Remove ${name}`}>
        Remove
      </ButtonLink>
    </RowActions>
  );
}

function addressOf(base: string, filter: Record<string, string>): string {
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ""));
  return query.size === 0 ? base : `${base}?${query}`;
}
