import { Frame, type Shell } from "./frame.tsx";

type Problem = { field: string | null; message: string };

export type OrganizationsProps = {
  shell: Shell;
  memberships: { slug: string; name: string; role: string }[];
};

export function OrganizationsPage({ shell, memberships }: OrganizationsProps) {
  return (
    <Frame shell={shell} title="Organizations" section={null} path={[{ label: "Organizations" }]}>
      <h1>Organizations</h1>
      <ul>
        {memberships.map(({ slug, name, role }) => (
          <li>
            <a href={`/organizations/${slug}`}>{name}</a> {role}
          </li>
        ))}
      </ul>
      <a href="/organizations/new">New organization</a>
    </Frame>
  );
}

export type NewOrganizationProps = {
  shell: Shell;
  form: { name: string; slug: string };
  problem: Problem | null;
};

export function NewOrganizationPage({ shell, form, problem }: NewOrganizationProps) {
  return (
    <Frame shell={shell} title="New organization" section={null} path={[{ label: "New organization" }]}>
      <h1>New organization</h1>
      <form method="post" action="/organizations">
        <label>
          Name <input name="name" value={form.name} required />
        </label>
        <label>
          Address <input name="slug" value={form.slug} required />
        </label>
        {problem === null ? null : <p role="alert">{problem.message}</p>}
        <button type="submit">Create organization</button>
      </form>
    </Frame>
  );
}

export function OverviewPage({ shell }: { shell: Shell }) {
  const name = shell.organization?.name ?? "";
  return (
    <Frame shell={shell} title={name} section="overview" path={[{ label: "Overview" }]}>
      <h1>{name}</h1>
    </Frame>
  );
}
