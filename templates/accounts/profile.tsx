// The person who is signed in: name, address, password, and the end of the account.
import { paths } from "../paths.ts";
import { AccountFrame } from "./menu.tsx";
import type { FrameData } from "../frame/shell.ts";
import { Button, ButtonLink } from "../parts/button.tsx";
import { Field } from "../parts/field.tsx";
import { Form } from "../parts/form.tsx";
import { PageHead, Section } from "../parts/head.tsx";
import { Notice } from "../parts/notice.tsx";
import { errorAt, type Problem } from "../parts/problem.tsx";
import { State } from "../parts/state.tsx";
import { NewPasswordField } from "./user-fields.tsx";

type ProfileProps = {
  shell: FrameData;
  name: string;
  /** What was typed into the form of the address. */
  newEmail: string;
  /** `trusted`: of the first account, which was not verified. */
  verified: "yes" | "no" | "trusted";
  sendsMail: boolean;
  problem: Problem | null;
};

export function ProfilePage({ shell, name, newEmail, verified, sendsMail, problem }: ProfileProps) {
  const { email } = shell.viewer;
  return (
    <AccountFrame shell={shell} page="profile">
      <PageHead
        title="Profile"
        facts={
          <>
            <span>{email}</span>
            {verified === "yes" ? <State kind="success" word="Verified" strong={false} /> : null}
            {verified === "no" ? <State kind="waiting" word="Not verified" /> : null}
          </>
        }
      />
      {verified === "no" ? <Verification email={email} sendsMail={sendsMail} /> : null}
      <Section title="Name">
        <Form action="/account" submit="Save name" busy="Saving…">
          <Field
            name="name"
            label="Your name"
            value={name}
            autocomplete="name"
            required
            maxlength={100}
            hint="Shown to other members of your organizations."
            error={errorAt(problem, "name")}
          />
        </Form>
      </Section>
      <Section title="Email address">
        <Form
          action="/account/email"
          problem={problem}
          fields={["name", "email"]}
          submit="Change address"
          busy="Changing…"
          variant="plain"
        >
          <Field
            name="email"
            type="email"
            label="New address"
            value={newEmail}
            autocomplete="email"
            required
            hint={
              sendsMail
                ? `You sign in with ${email} until you open the link that we send to the new address.`
                : `No mail server is set up. You sign in with ${email} until you open a link that an administrator can give you.`
            }
            error={errorAt(problem, "email")}
          />
        </Form>
      </Section>
      <Deletion />
    </AccountFrame>
  );
}

function Verification({ email, sendsMail }: { email: string; sendsMail: boolean }) {
  return (
    <Notice tone="waiting" title={`${email} is not verified yet`}>
      <form class="stack is-tight" method="post" action="/account/verification">
        <p>
          {sendsMail
            ? "Open the link that we sent there. It works for a day."
            : "No mail server is set up. Ask an administrator for the link."}
        </p>
        <div>
          <Button small busy={sendsMail ? "Sending…" : "Creating…"}>
            {sendsMail ? "Resend" : "Create a new link"}
          </Button>
        </div>
      </form>
    </Notice>
  );
}

function Deletion() {
  return (
    <Section title="Delete account">
      <div class="stack is-close">
        <p class="prose">
          Your sessions and personal tokens stop working right away. Your past actions stay in the audit log
          with your name.
        </p>
        <div>
          <ButtonLink href="/account/delete" destroys>
            Delete account
          </ButtonLink>
        </div>
      </div>
    </Section>
  );
}

type PasswordProps = { shell: FrameData; hasPassword: boolean; problem: Problem | null };

export function PasswordPage({ shell, hasPassword, problem }: PasswordProps) {
  if (!hasPassword) return <FirstPasswordPage shell={shell} problem={problem} />;
  return (
    <AccountFrame shell={shell} page="password">
      <PageHead title="Password" about="Changing it signs out all other browsers." />
      <Form
        action="/account/password"
        problem={problem}
        fields={["current", "password"]}
        submit="Change password"
        busy="Changing…"
        more={<a href="/reset-password">Forgot your password?</a>}
      >
        <Field
          name="current"
          type="password"
          label="Current password"
          autocomplete="current-password"
          required
          error={errorAt(problem, "current")}
        />
        <NewPasswordField problem={problem} label="New password" />
      </Form>
    </AccountFrame>
  );
}

function FirstPasswordPage({ shell, problem }: Omit<PasswordProps, "hasPassword">) {
  return (
    <AccountFrame shell={shell} page="password">
      <PageHead title="Password" about="You have no password yet. Set one as another way to sign in." />
      <Form
        action="/account/password"
        problem={problem}
        fields={["password"]}
        submit="Set password"
        busy="Saving…"
      >
        <NewPasswordField problem={problem} label="New password" />
      </Form>
    </AccountFrame>
  );
}

type DeleteAccountProps = {
  shell: FrameData;
  /** Organizations that stand in the way. */
  owned: { slug: string; name: string }[];
  hasPassword: boolean;
  problem: Problem | null;
};

export function DeleteAccountPage({ shell, owned, hasPassword, problem }: DeleteAccountProps) {
  return (
    <AccountFrame shell={shell} page="profile" title="Delete account">
      <PageHead title="Delete your account?" />
      {owned.length > 0 ? (
        <Notice
          tone="waiting"
          title={owned.length === 1 ? "You own an organization" : `You own ${owned.length} organizations`}
          links={owned.map(({ slug, name }) => ({
            href: `${paths.members(slug)}/transfer`,
            text: `Transfer ${name}`,
          }))}
        >
          Transfer or delete what you own first, then come back.
        </Notice>
      ) : (
        <Form
          action="/account/delete"
          problem={problem}
          fields={["password"]}
          submit="Delete account"
          busy="Deleting…"
          variant="destructive"
          cancel="/account"
        >
          <p class="prose">
            {[
              "The account ",
              <b>{shell.viewer.email}</b>,
              " will be deleted and cannot be restored. Your sessions and personal tokens stop working right away, including wherever Composer uses them.",
            ]}
          </p>
          {hasPassword ? (
            <Field
              name="password"
              type="password"
              label="Your password, to confirm"
              autocomplete="current-password"
              required
              autofocus
              error={errorAt(problem, "password")}
            />
          ) : null}
        </Form>
      )}
    </AccountFrame>
  );
}
