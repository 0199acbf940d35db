// What a form asks of a new organization.
import { Field } from "../parts/field.tsx";
import { Elsewhere, errorAt, type Problem } from "../parts/problem.tsx";

export type OrganizationForm = { name: string; slug: string };

/** Name and address; in a form with `data-suggests-address` the address follows the name. */
export function OrganizationFields(props: {
  appUrl: string;
  form: OrganizationForm;
  problem: Problem | null;
}) {
  const { appUrl, form, problem } = props;
  return (
    <>
      <Field
        name="name"
        label="Name"
        value={form.name}
        placeholder="Acme Labs"
        error={errorAt(problem, "name")}
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
            {"Your registry will be at "}
            <code>
              {`${appUrl}/`}
              <b>{form.slug || "acme"}</b>
            </code>
            {". Use 2 to 39 lowercase letters, digits and single hyphens."}
          </>
        }
        error={errorAt(problem, "slug")}
        mono
        required
        autocomplete="off"
      />
      <Elsewhere problem={problem} fields={["name", "slug"]} />
    </>
  );
}
