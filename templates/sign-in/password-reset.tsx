import type { Child } from "../jsx/jsx-runtime.ts";
import { Bare, BareHead, type Outside } from "../frame/bare.tsx";
import { Button, ButtonLink } from "../parts/button.tsx";
import { Field } from "../parts/field.tsx";
import { Elsewhere, errorAt, type Problem } from "../parts/problem.tsx";
import { NewPasswordField } from "../accounts/person-fields.tsx";

type Outer = { outside: Outside };

export type AskResetProps = Outer & { email: string; problem: Problem | null; sendsMail: boolean };

export function AskResetPage({ outside, email, problem, sendsMail }: AskResetProps) {
  return (
    <Bare outside={outside} title="Choose a new password" doing="You have an account at">
      <BareHead title="Forgot your password?">
        {sendsMail
          ? "We'll email you a link to choose a new one."
          : "This registry sends no mail yet. Ask for a link here, and an administrator can pass it on to you."}
      </BareHead>
      <form class="stack is-close" method="post" action="/reset-password">
        <Field
          name="email"
          type="email"
          label="E-mail address"
          value={email}
          autocomplete="username"
          required
          autofocus
          error={errorAt(problem, "email")}
        />
        <Elsewhere problem={problem} fields={["email"]} />
        <Button look="primary" wide busy="Sending…">
          {sendsMail ? "Send the link" : "Create a link"}
        </Button>
      </form>
      <p>
        <a href="/sign-in">Back to sign-in</a>
      </p>
    </Bare>
  );
}

/** The same for an address that nobody has. */
export function ResetSentPage({ outside, email, sendsMail }: Outer & { email: string; sendsMail: boolean }) {
  const words = sendsMail
    ? ["If there is an account for ", <b>{email}</b>, ", we sent a link to it. It works for half an hour."]
    : ["If there is an account for ", <b>{email}</b>, ", its link waits for an administrator."];
  return <MailPage outside={outside} sendsMail={sendsMail} words={words} />;
}

/** What happens next is in a mail, or with an administrator where none is sent. */
export function MailPage({ outside, sendsMail, words }: Outer & { sendsMail: boolean; words: Child }) {
  const title = sendsMail ? "Check your email" : "Ask an administrator for the link";
  return (
    <Bare outside={outside} title={title}>
      <BareHead title={title}>{words}</BareHead>
      <p class="secondary">
        {sendsMail
          ? "Nothing there? Check your spam folder, or ask an administrator of this registry whether it was sent."
          : "This registry sends no mail yet. Ask an administrator for the link."}
      </p>
      <p>
        <a href="/sign-in">Back to sign-in</a>
      </p>
    </Bare>
  );
}

export function NewPasswordPage(props: Outer & { secret: string; email: string; problem: Problem | null }) {
  const { outside, secret, email, problem } = props;
  return (
    <Bare outside={outside} title="Choose a new password" doing="You have an account at">
      <BareHead title="Choose a new password">{["For ", <b>{email}</b>, "."]}</BareHead>
      <form class="stack is-close" method="post" action={`/reset-password/${secret}`}>
        <input type="hidden" value={email} autocomplete="username" />
        <NewPasswordField problem={problem} label="New password" autofocus />
        <Elsewhere problem={problem} fields={["password"]} />
        <Button look="primary" wide busy="Changing…">
          Change password
        </Button>
      </form>
      <p class="small secondary">All browsers that use this account will be signed out.</p>
    </Bare>
  );
}

export function PasswordChangedPage({ outside }: Outer) {
  return (
    <Bare outside={outside} title="Password changed">
      <BareHead title="Your password is changed">Sign in with it. All other sessions have ended.</BareHead>
      <ButtonLink href="/sign-in" look="primary" wide>
        Sign in
      </ButtonLink>
    </Bare>
  );
}
