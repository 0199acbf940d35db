import type { Child } from "../jsx/jsx-runtime.ts";
import { PublicLayout, PublicHead, type PublicFrame } from "../frame/bare.tsx";
import { Button, ButtonLink } from "../parts/button.tsx";
import { Field } from "../parts/field.tsx";
import { Elsewhere, errorAt, type Problem } from "../parts/problem.tsx";
import { NewPasswordField } from "../accounts/user-fields.tsx";

type Outer = { outside: PublicFrame };

type AskResetProps = Outer & { email: string; problem: Problem | null; sendsMail: boolean };

export function AskResetPage({ outside, email, problem, sendsMail }: AskResetProps) {
  return (
    <PublicLayout outside={outside} title="Choose a new password" doing="You have an account at">
      <PublicHead title="Forgot your password?">
        {sendsMail
          ? "We'll email you a link to choose a new one."
          : "No mail server is set up. Request a link here, then ask an administrator to send it to you."}
      </PublicHead>
      <form class="stack is-close" method="post" action="/reset-password">
        <Field
          name="email"
          type="email"
          label="Email address"
          value={email}
          autocomplete="username"
          required
          autofocus
          error={errorAt(problem, "email")}
        />
        <Elsewhere problem={problem} fields={["email"]} />
        <Button variant="primary" wide busy="Sending…">
          {sendsMail ? "Send the link" : "Create a link"}
        </Button>
      </form>
      <p>
        <a href="/sign-in">Back to sign-in</a>
      </p>
    </PublicLayout>
  );
}

/** The same page for an address without an account. */
export function ResetSentPage({ outside, email, sendsMail }: Outer & { email: string; sendsMail: boolean }) {
  const text = sendsMail
    ? ["If there is an account for ", <b>{email}</b>, ", we sent a link to it. It works for half an hour."]
    : [
        "If there is an account for ",
        <b>{email}</b>,
        ", an administrator can now see its link and send it to you.",
      ];
  return <MailPage outside={outside} sendsMail={sendsMail} text={text} />;
}

/** What happens next is in a mail, or with an administrator where none is sent. */
export function MailPage({ outside, sendsMail, text }: Outer & { sendsMail: boolean; text: Child }) {
  const title = sendsMail ? "Check your email" : "Ask an administrator for the link";
  return (
    <PublicLayout outside={outside} title={title}>
      <PublicHead title={title}>{text}</PublicHead>
      <p class="secondary">
        {sendsMail
          ? "Nothing there? Check your spam folder, or ask an administrator of this registry whether it was sent."
          : "No mail server is set up, so nothing was sent. Administrators find the link in the outbox."}
      </p>
      <p>
        <a href="/sign-in">Back to sign-in</a>
      </p>
    </PublicLayout>
  );
}

export function NewPasswordPage(props: Outer & { secret: string; email: string; problem: Problem | null }) {
  const { outside, secret, email, problem } = props;
  return (
    <PublicLayout outside={outside} title="Choose a new password" doing="You have an account at">
      <PublicHead title="Choose a new password">{["For ", <b>{email}</b>, "."]}</PublicHead>
      <form class="stack is-close" method="post" action={`/reset-password/${secret}`}>
        <input type="hidden" value={email} autocomplete="username" />
        <NewPasswordField problem={problem} label="New password" autofocus />
        <Elsewhere problem={problem} fields={["password"]} />
        <Button variant="primary" wide busy="Changing…">
          Change password
        </Button>
      </form>
      <p class="small secondary">All browsers signed in to this account will be signed out.</p>
    </PublicLayout>
  );
}

export function PasswordChangedPage({ outside }: Outer) {
  return (
    <PublicLayout outside={outside} title="Password changed">
      <PublicHead title="Your password is changed">
        Sign in with it. All other sessions have ended.
      </PublicHead>
      <ButtonLink href="/sign-in" variant="primary" wide>
        Sign in
      </ButtonLink>
    </PublicLayout>
  );
}
