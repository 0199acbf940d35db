// An organization's first repository and first `composer require`.
import { paths } from "../paths.ts";
import type { PublicFrame } from "../frame/bare.tsx";
import { RepositoryForm, type StartForm } from "./first-repository.tsx";
import { Live } from "../frame/live.tsx";
import { StartProgress, type Organization, type Progress } from "./start-progress.tsx";
import type { Problem } from "../parts/problem.tsx";
import { Steps } from "../frame/steps.tsx";

export type { StartForm } from "./first-repository.tsx";

type StartProps = {
  outside: PublicFrame;
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
      note: nextStep(progress),
    },
  ];
  return (
    <Steps
      outside={outside}
      title="First install"
      steps={steps}
      now={progress.isInstalled ? 3 : 2}
      {...(progress.isInstalled
        ? {}
        : { skip: { href: paths.organization(slug), text: "Skip, go to the dashboard" } })}
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

function nextStep({ repository }: Progress): string {
  if (repository === null) return "Add a repository";
  if (repository.packages.length > 0) return "Install it with Composer";
  return repository.state === "failed" ? "Correct the repository" : "Wait for the first versions";
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
  return (
    <>
      <h1>Add the first repository</h1>
      <p class="secondary prose">
        Any Git repository with a composer.json. Tags become versions, branches become development versions.
      </p>
      <RepositoryForm id="add" slug={slug} form={form} problem={problem} submit="Add repository" isFirst />
    </>
  );
}
