// The first steps: the account, the organization, the first install.
import type { Outside } from "./bare.tsx";
import { Button } from "./parts/button.tsx";
import { Field, FieldError } from "./parts/field.tsx";
import { Steps } from "./steps.tsx";

export type Problem = { field: string | null; message: string; remedy: string | null };

export type SetupAccountProps = {
  outside: Outside;
  secret: string;
  form: { name: string; email: string };
  problem: Problem | null;
};

const names = ["Account", "Organization", "First install"];
const stepsWith = (...notes: string[]) => names.map((name, index) => ({ name, note: notes[index] }));

export function SetupAccountPage({ outside, secret, form, problem }: SetupAccountProps) {
  const { appName } = outside;
  return (
    <Steps outside={outside} title="Set up" steps={stepsWith("Yours, to administer this server")} now={0}>
      <h1>Make the first account</h1>
      <p class="second prose">
        {`This account administers ${appName} on this server: it invites people and sees what was mailed. The link you opened works once.`}
      </p>
      <form class="stack is-narrow" method="post" action={`/setup/${secret}`}>
        <Field
          name="name"
          label="Your name"
          value={form.name}
          autocomplete="name"
          required
          autofocus
          error={errorOf(problem, "name")}
        />
        <Field
          name="email"
          type="email"
          label="E-mail address"
          value={form.email}
          autocomplete="username"
          required
          hint="You sign in with it."
          error={errorOf(problem, "email")}
        />
        <Field
          name="password"
          type="password"
          label="Password"
          autocomplete="new-password"
          minlength={12}
          required
          hint="At least 12 characters; a sentence is easier to remember than a riddle."
          error={errorOf(problem, "password")}
        />
        <Elsewhere problem={problem} />
        <div>
          <Button look="primary" busy="Creating…">
            Create account
          </Button>
        </div>
      </form>
    </Steps>
  );
}

export type SetupOrganizationProps = {
  outside: Outside;
  email: string;
  form: { name: string; slug: string };
  problem: Problem | null;
};

export function SetupOrganizationPage({ outside, email, form, problem }: SetupOrganizationProps) {
  return (
    <Steps
      outside={outside}
      title="Set up"
      steps={stepsWith(email, "Who owns the packages")}
      now={1}
      skip={{ href: "/organizations", words: "Skip, go to the dashboard" }}
    >
      <h1>Name your organization</h1>
      <p class="second prose">
        Packages, tokens and members belong to an organization. Its address is the one that Composer reads.
      </p>
      <form class="stack is-narrow" method="post" action="/setup">
        <Field
          name="name"
          label="Name"
          value={form.name}
          placeholder="Acme"
          required
          autofocus
          error={errorOf(problem, "name")}
        />
        <Field
          name="slug"
          label="Address"
          value={form.slug}
          placeholder="acme"
          mono
          required
          hint={`Composer reads ${outside.appUrl}/ADDRESS. Lower-case letters, digits and single hyphens.`}
          error={errorOf(problem, "slug")}
        />
        <Elsewhere problem={problem} />
        <div>
          <Button look="primary" busy="Creating…">
            Create organization
          </Button>
        </div>
      </form>
    </Steps>
  );
}

export function errorOf(problem: Problem | null, field: string): string | undefined {
  return problem?.field === field ? problem.message : undefined;
}

/** What is wrong and stands beside no field of the form. */
function Elsewhere({ problem }: { problem: Problem | null }) {
  const isBesideAField =
    problem !== null && ["name", "email", "password", "slug"].includes(problem.field ?? "");
  if (problem === null || isBesideAField) return <></>;
  return <FieldError>{[problem.message, problem.remedy].filter(Boolean).join(" ")}</FieldError>;
}
