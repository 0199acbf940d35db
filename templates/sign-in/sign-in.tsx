// The way in: password, second factor, and showing again who is there before something sensitive.
import { PublicLayout, PublicHead, FactorSteps, OtherWays, type PublicFrame } from "../frame/bare.tsx";
import type { Child } from "../jsx/jsx-runtime.ts";
import { Button } from "../parts/button.tsx";
import { ProviderLinks, type SignInProvider } from "./provider-links.tsx";
import { Checkbox, Field, FieldError, OneTimeCode } from "../parts/field.tsx";
import { Notice } from "../parts/notice.tsx";
import { Elsewhere, errorAt, type Problem } from "../parts/problem.tsx";

export type Ways = {
  outside: PublicFrame;
  /** Where it leads to. */
  next: string;
  problem: Problem | null;
};

type SignInProps = Ways & {
  email: string;
  hasPasskeys: boolean;
  canSignUp: boolean;
  providers: SignInProvider[];
  /** Nobody has an account yet: the first one is made through the setup link. */
  isNew?: boolean;
  /** A form was sent after the session had ended. */
  hasEnded?: boolean;
};

export function SignInPage(props: SignInProps) {
  const { outside, next, email, problem, hasPasskeys, canSignUp, providers, isNew, hasEnded } = props;
  if (isNew) return <NobodyYetPage outside={outside} />;
  return (
    <SignInFrame outside={outside} title="Sign in">
      <PublicHead title="Sign in" />
      {hasEnded ? (
        <Notice tone="waiting" title="You were signed out. Sign in to continue.">
          Nothing was saved. What you typed will be back in the form.
        </Notice>
      ) : null}
      <form class="stack" method="post" action="/sign-in">
        <input type="hidden" name="next" value={next} />
        <Field
          name="email"
          type="email"
          label="Email address"
          value={email}
          autocomplete="username"
          required
          autofocus={email === ""}
        />
        <Field
          name="password"
          type="password"
          label="Password"
          autocomplete="current-password"
          required
          autofocus={email !== ""}
          error={errorAt(problem, "password")}
        />
        <Elsewhere problem={problem} fields={["password"]} />
        <Checkbox name="remember" value="1" label="Stay signed in for 30 days" />
        <Button variant="primary" wide busy="Signing in…">
          Sign in
        </Button>
      </form>
      {hasPasskeys ? (
        <PasskeyForm action="/sign-in/passkey" next={next} text="Sign in with a passkey" />
      ) : null}
      <ProviderLinks providers={providers} next={next} verb="Sign in" />
      <p class="small">
        <a href="/reset-password">Forgot your password?</a>
        {canSignUp ? (
          <>
            {" · "}
            <a href="/sign-up">Create an account</a>
          </>
        ) : null}
      </p>
    </SignInFrame>
  );
}

/** Before the first account: says where the setup link is. */
function NobodyYetPage({ outside }: { outside: PublicFrame }) {
  return (
    <PublicLayout outside={outside} title="Set up">
      <PublicHead title="This registry has no account yet">
        The server prints a setup link when it starts. Open that link to create the first account.
      </PublicHead>
      <p class="secondary">
        {"Find the link in the terminal where the server was started, with "}
        <code>journalctl -u pricore</code>
        {" for a systemd service, or with "}
        <code>docker logs</code>
        {" for a container."}
      </p>
      <p class="small secondary">
        {"A link works for a day. Restart the server for a new one, or create the account with "}
        <code>pricore user create --admin</code>.
      </p>
    </PublicLayout>
  );
}

type SecondFactorProps = Ways & {
  email: string;
  /** `code` of the app, or a `recovery` code. */
  kind: "code" | "recovery";
  /** The provider that the first step was made at; null for a password. */
  via: string | null;
  hasApp: boolean;
  hasPasskeys: boolean;
  recoveryCodes: number;
};

export function SecondFactorPage(props: SecondFactorProps) {
  const { outside, next, email, kind, via, problem, hasApp, hasPasskeys, recoveryCodes } = props;
  const withNext = (path: string) => (next === "/" ? path : `${path}?next=${encodeURIComponent(next)}`);
  const title =
    kind === "recovery"
      ? "Enter a recovery code"
      : hasApp
        ? "Enter the code from your app"
        : "Use your passkey";
  return (
    <SignInFrame outside={outside} title="Second factor">
      <FactorSteps steps={[via ?? "Password", "Second factor"]} now={1} />
      <PublicHead title={title}>
        {"Signing in as "}
        <strong>{email}</strong>
        {". "}
        <a href={withNext("/sign-in")}>Not you?</a>
      </PublicHead>
      {kind === "recovery" ? (
        <RecoveryForm next={next} problem={problem} />
      ) : hasApp ? (
        <form class="stack" method="post" action="/sign-in/code">
          <input type="hidden" name="next" value={next} />
          <OneTimeCode name="code" error={errorAt(problem, "code")} />
          <Elsewhere problem={problem} fields={["code"]} />
          <Button variant="primary" wide busy="Signing in…">
            Sign in
          </Button>
        </form>
      ) : (
        <Elsewhere problem={problem} fields={[]} />
      )}
      {hasPasskeys && kind === "code" ? (
        <PasskeyForm action="/sign-in/second-passkey" next={next} text="Use a passkey" isMain={!hasApp} />
      ) : null}
      <OtherWays
        ways={[
          kind === "recovery"
            ? {
                href: withNext("/sign-in/code"),
                icon: "fingerprint",
                text: hasApp ? "Use the code from your app" : "Use a passkey",
              }
            : {
                href: withNext("/sign-in/recovery"),
                icon: "life-buoy",
                text: "Use a recovery code",
                note: `${recoveryCodes} left`,
              },
        ]}
      />
      <p class="small muted">
        {"Lost access to all of them? An administrator can run "}
        <code>pricore user disable-2fa</code>
        {"."}
      </p>
    </SignInFrame>
  );
}

function RecoveryForm({ next, problem }: { next: string; problem: Problem | null }) {
  return (
    <form class="stack" method="post" action="/sign-in/recovery">
      <input type="hidden" name="next" value={next} />
      <Field
        name="code"
        label="Recovery code"
        placeholder="abcd-efgh-jkmn-pqrs"
        mono
        required
        autofocus
        autocomplete="off"
        hint="One of the ten codes that you saved. Each works once."
        error={errorAt(problem, "code")}
      />
      <Elsewhere problem={problem} fields={["code"]} />
      <Button variant="primary" wide busy="Signing in…">
        Sign in
      </Button>
    </form>
  );
}

/** Shown by public/js/passkeys.js where the browser supports passkeys. */
export function PasskeyForm(props: { action: string; next: string; text: string; isMain?: boolean }) {
  const { action, next, text, isMain } = props;
  return (
    <form
      class="stack is-tight"
      method="post"
      action={action}
      data-passkey="get"
      data-challenge={`${action}/challenge`}
      hidden
    >
      <input type="hidden" name="next" value={next} />
      <input type="hidden" name="answer" value="" />
      <Button icon="fingerprint" wide variant={isMain ? "primary" : undefined}>
        {text}
      </Button>
      <PasskeyProblem />
    </form>
  );
}

export function PasskeyProblem() {
  return (
    <div data-passkey-problem hidden role="alert">
      <FieldError>That did not work. Try again.</FieldError>
    </div>
  );
}

/** What was typed into the form that led here is kept (public/js/kept-text.js). */
function SignInFrame(props: { outside: PublicFrame; title: string; children?: Child }) {
  return (
    <PublicLayout outside={props.outside} title={props.title} doing="You are signing in to">
      <div hidden data-keeps-text="" />
      {props.children}
    </PublicLayout>
  );
}
