// The form for a repository during setup: its URL, and its credential if it is private.
import { paths } from "../paths.ts";
import { Button } from "../parts/button.tsx";
import { Field } from "../parts/field.tsx";
import { problemText, type Problem } from "../parts/problem.tsx";

export type StartForm = { url: string; username: string };
export type Attempt = { form: StartForm; problem: Problem };

/** What is typed into it stays while the page around it follows along. */
export function RepositoryForm(props: {
  id: string;
  slug: string;
  form: StartForm;
  problem: Problem | null;
  placeholder?: string | undefined;
  submit: string;
  isFirst?: boolean;
}) {
  const { id, slug, form, problem, submit, isFirst = false } = props;
  const text = problem === null ? undefined : problemText(problem);
  const isCredential = problem?.field === "credential";
  return (
    <form id={id} hx-preserve="true" class="stack is-close" method="post" action={paths.start(slug)}>
      <Field
        name="url"
        label="Repository URL"
        value={form.url}
        placeholder={props.placeholder ?? `https://git.example.com/${slug}/blog.git`}
        mono
        required
        autofocus={isFirst}
        error={isCredential ? undefined : text}
      />
      <details class="more" open={isCredential || form.username !== ""}>
        <summary>This repository is private</summary>
        <div class="stack is-close">
          <Field
            name="username"
            label="User"
            value={form.username}
            mono
            optional
            autocomplete="off"
            hint="Many hosts ignore the user name and check only the token."
          />
          <Field
            name="password"
            type="password"
            label="Token or password"
            autocomplete="off"
            hint="Stored encrypted and only ever sent to this host. It needs read access only."
            error={isCredential ? text : undefined}
          />
        </div>
      </details>
      <div>
        <Button variant="primary" busy="Adding…">
          {submit}
        </Button>
      </div>
    </form>
  );
}
