import { Bare, BareHead, type Outside } from "./bare.tsx";
import { Button, ButtonLink } from "./parts/button.tsx";
import { Field } from "./parts/field.tsx";
import { Elsewhere, errorAt, type Problem } from "./parts/problem.tsx";
import { NewPasswordField } from "./person-fields.tsx";

type Outer = { outside: Outside };

export function AskResetPage({
  outside,
  email,
  problem,
}: Outer & { email: string; problem: Problem | null }) {
  return (
    <Bare outside={outside} title="Choose a new password" doing="You have an account at">
      <BareHead title="Forgot your password?">
        A link to choose a new one goes to the address of your account.
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
          Send the link
        </Button>
      </form>
      <p>
        <a href="/sign-in">Back to sign-in</a>
      </p>
    </Bare>
  );
}

/** The same for an address that nobody has. */
export function ResetSentPage({ outside, email }: Outer & { email: string }) {
  return (
    <Bare outside={outside} title="Look into your mail">
      <BareHead title="Look into your mail">
        {[
          "If there is an account for ",
          <b>{email}</b>,
          ", a link is on its way. It works for half an hour.",
        ]}
      </BareHead>
      <p class="second">
        {
          "Nothing there? Look into the spam folder, or ask an administrator of this registry: they see in the outbox whether it was sent."
        }
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
      <p class="small second">All browsers that are signed in with this account are signed out.</p>
    </Bare>
  );
}

export function PasswordChangedPage({ outside }: Outer) {
  return (
    <Bare outside={outside} title="Password changed">
      <BareHead title="Your password is changed">Sign in with it. Every other session has ended.</BareHead>
      <ButtonLink href="/sign-in" look="primary" wide>
        Sign in
      </ButtonLink>
    </Bare>
  );
}
