// The organizations of the person who is signed in, and leaving one.
import { paths } from "../paths.ts";
import { AccountFrame } from "./menu.tsx";
import type { FrameData } from "../frame/shell.ts";
import { Button, ButtonLink, Cancel } from "../parts/button.tsx";
import { DialogBody } from "../parts/dialog.tsx";
import { FieldError } from "../parts/field.tsx";
import { PageHead } from "../parts/head.tsx";
import { Empty } from "../parts/notice.tsx";
import { Cell, Row, RowActions, Table, type Column } from "../parts/table.tsx";

type OwnOrganization = { slug: string; name: string; role: string };

const columns: Column[] = [
  { title: "Organization" },
  { title: "Address", from: "tablet" },
  { title: "Your role" },
  { title: "Actions", hiddenTitle: true },
];

export function OwnOrganizationsPage(props: { shell: FrameData; organizations: OwnOrganization[] }) {
  const { shell, organizations } = props;
  return (
    <AccountFrame shell={shell} page="organizations">
      <PageHead
        title="Organizations"
        about="Your personal tokens can read packages from all of them."
        actions={
          <ButtonLink href="/organizations/new" icon="plus">
            New organization
          </ButtonLink>
        }
      />
      {organizations.length === 0 ? (
        <Empty title="No organizations yet">Create an organization, or accept an invitation to one.</Empty>
      ) : (
        <Table label="Organizations" columns={columns} rows={44}>
          {organizations.map(({ slug, name, role }) => (
            <Row>
              <Cell at="name" grows strong>
                <a href={paths.organization(slug)}>{name}</a>
              </Cell>
              <Cell from="tablet" mono>
                {slug}
              </Cell>
              <Cell at="state">{role}</Cell>
              <Cell end tight at="note">
                <RowActions>
                  {role === "owner" ? (
                    <ButtonLink
                      href={`${paths.members(slug)}/transfer`}
                      variant="quiet"
                      small
                      aria-label={`Transfer ${name}`}
                    >
                      Transfer
                    </ButtonLink>
                  ) : (
                    <ButtonLink
                      href={`${paths.ownOrganization(slug)}/leave`}
                      variant="quiet"
                      small
                      destroys
                      aria-label={`Leave ${name}`}
                    >
                      Leave
                    </ButtonLink>
                  )}
                </RowActions>
              </Cell>
            </Row>
          ))}
        </Table>
      )}
    </AccountFrame>
  );
}

export function LeavePage(props: {
  shell: FrameData;
  organization: OwnOrganization;
  problem: string | null;
}) {
  const { shell, organization, problem } = props;
  const { slug, name } = organization;
  return (
    <AccountFrame shell={shell} page="organizations" title="Leave">
      <DialogBody
        page
        title={`Leave ${name}?`}
        about="You lose access to its packages right away, and your personal tokens stop working there. Only an admin can invite you again."
      >
        <form method="post" action={`${paths.ownOrganization(slug)}/leave`}>
          {problem === null ? null : <FieldError>{problem}</FieldError>}
          <div class="actions">
            <Button destroys busy="Leaving…">
              {`Leave ${name}`}
            </Button>
            <Cancel href="/account/organizations" />
          </div>
        </form>
      </DialogBody>
    </AccountFrame>
  );
}
