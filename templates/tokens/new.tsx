import { Field, Select } from "../parts/field.tsx";
import { Form } from "../parts/form.tsx";
import { PageHead } from "../parts/head.tsx";
import { errorAt, type Problem } from "../parts/problem.tsx";
import { TokenFrame, tokensPath, type TokenPlace } from "./tokens.tsx";

export type TokenForm = { name: string; expires: string; date: string; packages: string };

type NewTokenProps = TokenPlace & {
  form: TokenForm;
  problem: Problem | null;
};

export function NewTokenPage({ shell, slug, form, problem }: NewTokenProps) {
  const base = tokensPath(slug);
  return (
    <TokenFrame shell={shell} slug={slug} title="New token">
      <PageHead title="New token" about="You'll see the token only once." />
      <Form
        action={base}
        problem={problem}
        fields={["name", "expires", "date", "packages"]}
        submit="Create token"
        busy="Creating…"
        cancel={base}
      >
        <Field
          name="name"
          label="Name"
          value={form.name}
          placeholder="ci-github-actions"
          hint="What is it for? Visible to everyone who can see this list."
          error={errorAt(problem, "name")}
          mono
          required
          autofocus
          maxlength={100}
          autocomplete="off"
        />
        <Select
          name="expires"
          label="Expires"
          value={form.expires}
          options={expiries}
          error={errorAt(problem, "expires")}
        />
        <div class="only-on-date">
          <Field
            name="date"
            type="date"
            label="Expiry date"
            value={form.date}
            hint="The token works until the end of that day, UTC."
            error={errorAt(problem, "date")}
          />
        </div>
        <Field
          name="packages"
          label="May read"
          optional
          rows={3}
          mono
          value={form.packages}
          placeholder="acme/*"
          hint="Packages or patterns like acme/blog or acme/*, one per line. Leave empty for all packages."
          error={errorAt(problem, "packages")}
        />
      </Form>
    </TokenFrame>
  );
}

const expiries = [
  { value: "30", text: "In 30 days" },
  { value: "90", text: "In 90 days" },
  { value: "365", text: "In a year" },
  { value: "date", text: "On a date" },
  { value: "never", text: "Never" },
];
