import { paths } from "../paths.ts";
import { Frame } from "../frame/frame.tsx";
import type { FrameData } from "../frame/shell.ts";
import { OrganizationFields, type OrganizationForm } from "./fields.tsx";
import type { Problem } from "../parts/problem.tsx";
import { ButtonLink } from "../parts/button.tsx";
import { Form } from "../parts/form.tsx";
import { PageHead } from "../parts/head.tsx";
import { Empty } from "../parts/notice.tsx";
import { Cell, Row, Table } from "../parts/table.tsx";

type OrganizationsProps = {
  shell: FrameData;
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
            <ButtonLink href="/organizations/new" variant="primary" icon="plus">
              New organization
            </ButtonLink>
          }
        />
        {memberships.length === 0 ? (
          <Empty title="You are not in an organization yet">
            An organization holds repositories, packages and the tokens that read them. Create one, or ask
            someone to invite {shell.viewer.email}.
          </Empty>
        ) : (
          <Table label="Organizations" columns={columns}>
            {memberships.map(({ slug, name, role }) => (
              <Row>
                <Cell at="name" strong>
                  <a class="row-link" href={paths.organization(slug)}>
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

type NewOrganizationProps = {
  shell: FrameData;
  form: OrganizationForm;
  problem: Problem | null;
};

export function NewOrganizationPage({ shell, form, problem }: NewOrganizationProps) {
  const path = [{ label: "Organizations", href: "/organizations" }, { label: "New organization" }];
  return (
    <Frame shell={shell} title="New organization" section={null} path={path}>
      <div class="stack">
        <PageHead title="New organization" about="You will be its owner." />
        <Form
          action="/organizations"
          data-suggests-address
          submit="Create organization"
          busy="Creating…"
          cancel="/organizations"
        >
          <OrganizationFields appUrl={shell.appUrl} form={form} problem={problem} />
        </Form>
      </div>
    </Frame>
  );
}
