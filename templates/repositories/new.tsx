// The form that adds repositories.
import { Frame } from "../frame/frame.tsx";
import type { FrameData } from "../frame/shell.ts";
import { ButtonLink } from "../parts/button.tsx";
import { Checkbox, Field, FieldGroup, Select } from "../parts/field.tsx";
import { Form } from "../parts/form.tsx";
import { PageHead } from "../parts/head.tsx";
import { errorAt, type Problem } from "../parts/problem.tsx";

/** `credential` is `none`, `stored`, `basic` or `new-ssh-key`. */
export type AccessForm = { credential: string; stored: string; username: string };
export type StoredChoice = { id: string; text: string };

export type NewRepositoryProps = {
  shell: FrameData;
  base: string;
  form: AccessForm & { url: string; name: string };
  stored: StoredChoice[];
  problem: Problem | null;
};

export function NewRepositoryPage({ shell, base, form, stored, problem }: NewRepositoryProps) {
  const path = [{ label: "Repositories", href: base }, { label: "Add" }];
  return (
    <Frame shell={shell} title="Add repository" section="repositories" path={path}>
      <PageHead
        title="Add repository"
        about="Its tags and branches become package versions. Pricore checks for new ones every few minutes."
        actions={<ButtonLink href={`${base}/new/from-forge`}>Choose from a Git host</ButtonLink>}
      />
      <AddForm base={base} form={form} stored={stored} problem={problem} />
    </Frame>
  );
}

/** With `again` it brings back the lines that were refused. */
export function AddForm(props: Omit<NewRepositoryProps, "shell"> & { again?: boolean }) {
  const { base, form, stored, problem, again = false } = props;
  const lines = form.url.split("\n").length;
  return (
    <Form
      action={base}
      problem={problem}
      fields={["url", "name", ...accessFields]}
      submit={again ? "Try again" : "Add repository"}
      busy="Adding…"
      variant={again ? "plain" : "primary"}
      cancel={again ? undefined : base}
    >
      <Field
        name="url"
        label="URL"
        value={form.url}
        rows={again ? Math.min(10, Math.max(2, lines)) : 3}
        mono
        required
        autofocus={!again}
        placeholder="https://git.example.com/acme/blog.git"
        hint="https://…, ssh://… or git@host:path. One per line adds several at once."
        error={errorAt(problem, "url")}
      />
      {again && lines > 1 ? null : (
        <Field
          name="name"
          label="Name"
          value={form.name}
          optional
          maxlength={100}
          hint="Defaults to the last part of the URL. Only for a single repository."
          error={errorAt(problem, "name")}
        />
      )}
      <AccessFields form={form} stored={stored} problem={problem} />
    </Form>
  );
}

const accessFields = ["credential", "stored", "username", "password"];

/** How the repository is opened; only the fields of what is chosen are shown. */
export function AccessFields(props: {
  form: AccessForm;
  stored: StoredChoice[];
  problem: Problem | null;
  /** There is one already, which may stay. */
  keeps?: string;
}) {
  const { form, stored, problem, keeps } = props;
  const choice = (value: string, label: string, hint?: string) => (
    <Checkbox
      radio
      name="credential"
      value={value}
      label={label}
      hint={hint}
      checked={form.credential === value}
    />
  );
  return (
    <FieldGroup legend="Access" error={errorAt(problem, "credential")}>
      {keeps === undefined ? null : choice("keep", `Keep ${keeps}`)}
      {choice("none", "Public, no credentials")}
      {choice("basic", "User and token", "Stored encrypted and only ever sent to this host.")}
      <div class="chosen-basic stack is-close">
        <Field
          name="username"
          label="User"
          value={form.username}
          autocomplete="off"
          error={errorAt(problem, "username")}
        />
        <Field
          name="password"
          label="Token or password"
          type="password"
          autocomplete="new-password"
          error={errorAt(problem, "password")}
        />
      </div>
      {choice(
        "new-ssh-key",
        "A new SSH key",
        "For a URL like git@host:path. We'll show you the public key to add as a deploy key.",
      )}
      {stored.length === 0 ? null : (
        <>
          {choice("stored", "Use a saved credential")}
          <div class="chosen-stored">
            <Select
              name="stored"
              label="Credential or SSH key"
              value={form.stored}
              options={stored.map(({ id, text }) => ({ value: id, text }))}
            />
          </div>
        </>
      )}
    </FieldGroup>
  );
}
