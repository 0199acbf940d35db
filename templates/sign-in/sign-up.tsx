// Making an account, and showing that an address is one's own.
import { PublicLayout, PublicHead, type PublicFrame } from "../frame/bare.tsx";
import { Button, ButtonLink } from "../parts/button.tsx";
import type { Problem } from "../parts/problem.tsx";
import { MailPage } from "./password-reset.tsx";
import { UserFields, type UserForm } from "../accounts/user-fields.tsx";
import { ProviderLinks, type SignInProvider } from "./provider-links.tsx";

type Outer = { outside: PublicFrame };

type SignUpProps = Outer & {
  form: UserForm;
  problem: Problem | null;
  providers: SignInProvider[];
  sendsMail: boolean;
};

export function SignUpPage({ outside, form, problem, providers, sendsMail }: SignUpProps) {
  return (
    <PublicLayout outside={outside} title="Sign up" doing="You are signing up to">
      <PublicHead title="Create an account">
        {sendsMail
          ? "We'll email you a link to finish."
          : "No mail server is set up. Ask an administrator to send you the link to finish."}
      </PublicHead>
      <form class="stack is-close" method="post" action="/sign-up">
        <UserFields form={form} problem={problem} />
        <Button variant="primary" wide busy="Creating…">
          Create account
        </Button>
      </form>
      <ProviderLinks providers={providers} next="/" verb="Sign up" />
      <p>
        {"Already have an account? "}
        <a href="/sign-in">Sign in</a>
      </p>
    </PublicLayout>
  );
}

/** The same for an address that has an account. */
export function SignUpSentPage({ outside, email, sendsMail }: Outer & { email: string; sendsMail: boolean }) {
  const text = sendsMail
    ? ["We sent the next step to ", <b>{email}</b>, ". The link works for a day."]
    : ["The next step is a link for ", <b>{email}</b>, ". It works for a day."];
  return <MailPage outside={outside} sendsMail={sendsMail} text={text} />;
}

/** A button and no more: mail programs open links to look at them, and must not use them up. */
export function VerifyEmailPage(props: Outer & { secret: string; email: string; begins: boolean }) {
  const { outside, secret, email, begins } = props;
  return (
    <PublicLayout outside={outside} title="Confirm your address">
      <PublicHead title="Is this your address?">
        <b>{email}</b>
      </PublicHead>
      <form method="post" action={`/verify-email/${secret}`}>
        <Button variant="primary" wide busy="Confirming…" autofocus>
          {begins ? "Confirm and get started" : "Confirm address"}
        </Button>
      </form>
    </PublicLayout>
  );
}

export function EmailVerifiedPage({ outside, email }: Outer & { email: string }) {
  return (
    <PublicLayout outside={outside} title="Address confirmed">
      <PublicHead title="Your address is confirmed">
        {[<b>{email}</b>, " is the address of your account."]}
      </PublicHead>
      <ButtonLink href="/account" variant="primary" wide>
        Go to your account
      </ButtonLink>
    </PublicLayout>
  );
}

/** For the owner of the address before it was changed. */
export function RestoreEmailPage({ outside, secret, email }: Outer & { secret: string; email: string }) {
  return (
    <PublicLayout outside={outside} title="Restore your address" doing="You have an account at">
      <PublicHead title="Restore your address?">
        {[
          "Your email address will be changed back to ",
          <b>{email}</b>,
          ". All browsers will be signed out.",
        ]}
      </PublicHead>
      <p class="secondary">
        You'll choose a new password next. Passkeys, apps, connected accounts and personal tokens added since
        the change, or in the three days before it, stop working.
      </p>
      <form method="post" action={`/verify-email/undo/${secret}`}>
        <Button variant="primary" wide busy="Restoring…" autofocus>
          Restore my address
        </Button>
      </form>
    </PublicLayout>
  );
}
