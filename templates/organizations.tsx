import { Frame } from "./frame.tsx";
import type { Shell } from "./shell.ts";
import { Button, ButtonLink } from "./parts/button.tsx";
import { Field, FieldError } from "./parts/field.tsx";
import { PageHead } from "./parts/head.tsx";
import { Empty } from "./parts/notice.tsx";
import { Cell, Row, Table } from "./parts/table.tsx";

type Problem = { field: string | null; message: string; remedy: string | null };

export type OrganizationsProps = {
  shell: Shell;
  memberships: { slug: string; name: string; role: string }[];
};

export function OrganizationsPage({ shell, memberships }: OrganizationsProps) {
  const columns = [{ title: "Name" }, { title: "Address" }, { title: "Your role" }];
  return (
    <Frame shell={shell} title="Organizations" section={null} path={[{ label: "Organizations" }]}>
      <div class="stack">
        <PageHead
          title="Organizations"
          actions={
            <ButtonLink href="/organizations/new" look="primary" icon="plus">
              New organization
            </ButtonLink>
          }
        />
        {memberships.length === 0 ? (
          <Empty title="You are in no organization yet">
            An organization holds repositories, packages and the tokens that read them. Create one, or ask
            somebody for an invitation to {shell.viewer.email}.
          </Empty>
        ) : (
          <Table label="Organizations" columns={columns}>
            {memberships.map(({ slug, name, role }) => (
              <Row>
                <Cell at="name" strong>
                  <a class="row-link" href={`/organizations/${slug}`}>
                    {name}
                  </a>
                </Cell>
                <Cell at="note" mono grows>{`${shell.appUrl}/${slug}`}</Cell>
                <Cell at="figure">{role}</Cell>
              </Row>
            ))}
          </Table>
        )}
      </div>
    </Frame>
  );
}

export type NewOrganizationProps = {
  shell: Shell;
  form: { name: string; slug: string };
  problem: Problem | null;
};

export function NewOrganizationPage({ shell, form, problem }: NewOrganizationProps) {
  const errorAt = (field: string) => (problem?.field === field ? wordsOf(problem) : undefined);
  const path = [{ label: "Organizations", href: "/organizations" }, { label: "New organization" }];
  return (
    <Frame shell={shell} title="New organization" section={null} path={path}>
      <div class="stack">
        <PageHead title="New organization" about="You will be its owner." />
        <form method="post" action="/organizations" class="stack is-close form" data-suggests-address>
          {problem !== null && problem.field === null ? <FieldError>{wordsOf(problem)}</FieldError> : null}
          <Field
            name="name"
            label="Name"
            value={form.name}
            placeholder="Acme Labs"
            error={errorAt("name")}
            required
            autofocus
            maxlength={100}
            autocomplete="organization"
          />
          <Field
            name="slug"
            label="Address"
            value={form.slug}
            placeholder="acme-labs"
            hint={
              <>
                {"Composer reads from "}
                <code>{`${shell.appUrl}/`}</code>
                {" and this. 2 to 39 lower-case letters, digits and single hyphens."}
              </>
            }
            error={errorAt("slug")}
            mono
            required
            autocomplete="off"
          />
          <div class="actions">
            <Button look="primary" busy="Creating…">
              Create organization
            </Button>
            <ButtonLink href="/organizations">Cancel</ButtonLink>
          </div>
        </form>
      </div>
    </Frame>
  );
}

function wordsOf({ message, remedy }: Problem): string {
  return remedy === null ? message : `${message} ${remedy}`;
}
