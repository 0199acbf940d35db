// An organization's first repository and first `composer require`.
import type { Outside } from "./bare.tsx";
import { Live } from "./live.tsx";
import { Button } from "./parts/button.tsx";
import { Field } from "./parts/field.tsx";
import { StartProgress, type Organization, type Progress } from "./start-progress.tsx";
import type { Problem } from "./parts/problem.tsx";
import { Steps } from "./steps.tsx";

export type StartForm = { url: string; username: string };

export type StartProps = {
  outside: Outside;
  organization: Organization;
  email: string;
  progress: Progress;
  form: StartForm;
  problem: Problem | null;
};

export function StartPage({ outside, organization, email, progress, form, problem }: StartProps) {
  const { slug, name } = organization;
  const steps = [
    { name: "Account", note: email },
    { name: "Organization", note: [`${name}, `, <code>{`/${slug}`}</code>] },
    {
      name: "First install",
      note:
        progress.repository === null ? "A repository to begin with" : "What Composer needs, and what it does",
    },
  ];
  return (
    <Steps
      outside={outside}
      title="First install"
      steps={steps}
      now={progress.isInstalled ? 3 : 2}
      skip={{ href: `/organizations/${slug}`, words: "Skip, go to the dashboard" }}
    >
      <Live topics={{ organization: slug, requests: true }} />
      {progress.repository === null ? (
        <FirstRepository slug={slug} form={form} problem={problem} />
      ) : (
        <StartProgress {...progress} />
      )}
    </Steps>
  );
}

function FirstRepository({
  slug,
  form,
  problem,
}: {
  slug: string;
  form: StartForm;
  problem: Problem | null;
}) {
  const words = problem === null ? undefined : [problem.message, problem.remedy].filter(Boolean).join(" ");
  const isCredential = problem?.field === "credential";
  return (
    <>
      <h1>Add the first repository</h1>
      <p class="second prose">
        Any git repository with a composer.json: its tags become versions, its branches development versions.
      </p>
      <form class="stack is-close" method="post" action={`/organizations/${slug}/start`}>
        <Field
          name="url"
          label="Repository URL"
          value={form.url}
          placeholder={`https://git.example.com/${slug}/blog.git`}
          mono
          required
          autofocus
          error={isCredential ? undefined : words}
        />
        <details class="more" open={isCredential || form.username !== ""}>
          <summary>It is private</summary>
          <div class="stack is-close">
            <Field
              name="username"
              label="User"
              value={form.username}
              mono
              optional
              autocomplete="off"
              hint="GitHub, GitLab and Gitea take any word here with a token."
            />
            <Field
              name="password"
              type="password"
              label="Token or password"
              autocomplete="off"
              hint="Kept encrypted; it needs to read this repository and nothing else."
              error={isCredential ? words : undefined}
            />
          </div>
        </details>
        <div>
          <Button look="primary" busy="Adding…">
            Add repository
          </Button>
        </div>
      </form>
    </>
  );
}
