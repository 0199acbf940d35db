// The first steps: the account, the organization, the first install.
import type { PublicFrame } from "../frame/bare.tsx";
import { Button } from "../parts/button.tsx";
import { Notice } from "../parts/notice.tsx";
import type { Problem } from "../parts/problem.tsx";
import { OrganizationFields, type OrganizationForm } from "../organizations/fields.tsx";
import { UserFields, type UserForm } from "../accounts/user-fields.tsx";
import { Steps } from "../frame/steps.tsx";

type SetupAccountProps = {
  outside: PublicFrame;
  secret: string;
  /** Organizations that commands created and nobody owns: this account will. */
  adopted: string[];
  form: UserForm;
  problem: Problem | null;
};

const names = ["Account", "Organization", "First install"];
const stepsWith = (...notes: string[]) => names.map((name, index) => ({ name, note: notes[index] }));

export function SetupAccountPage({ outside, secret, adopted, form, problem }: SetupAccountProps) {
  return (
    <Steps outside={outside} title="Set up" steps={stepsWith("Yours, to administer this server")} now={0}>
      <h1>Create your administrator account</h1>
      <p class="secondary prose">
        {
          "It manages this server, invites people and can read the outgoing mail. The link you opened works once."
        }
      </p>
      {adopted.length === 0 ? null : (
        <Notice
          tone="plain"
          title={`You will own ${adopted.length === 1 ? "an organization" : "organizations"}`}
        >
          {`${adopted.join(", ")}: created by a command, without an owner so far.`}
        </Notice>
      )}
      <form class="stack is-narrow" method="post" action={`/setup/${secret}`}>
        <UserFields form={form} problem={problem} />
        <div>
          <Button variant="primary" busy="Creating…">
            Create account
          </Button>
        </div>
      </form>
    </Steps>
  );
}

type SetupOrganizationProps = {
  outside: PublicFrame;
  email: string;
  form: OrganizationForm;
  problem: Problem | null;
};

export function SetupOrganizationPage({ outside, email, form, problem }: SetupOrganizationProps) {
  return (
    <Steps
      outside={outside}
      title="Set up"
      steps={stepsWith(email, "Who owns the packages")}
      now={1}
      skip={{ href: "/organizations", text: "Skip, go to the dashboard" }}
    >
      <h1>Name your organization</h1>
      <p class="secondary prose">
        Packages, tokens and members belong to an organization. Composer uses its address.
      </p>
      <form class="stack is-narrow" method="post" action="/setup" data-suggests-address>
        <OrganizationFields appUrl={outside.appUrl} form={form} problem={problem} />
        <div>
          <Button variant="primary" busy="Creating…">
            Create organization
          </Button>
        </div>
      </form>
    </Steps>
  );
}
