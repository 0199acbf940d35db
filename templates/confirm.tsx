// Showing again who is there, before something sensitive.
import { Bare, BareHead } from "./bare.tsx";
import { Button } from "./parts/button.tsx";
import { Field, OneTimeCode } from "./parts/field.tsx";
import { Elsewhere, errorAt } from "./parts/problem.tsx";
import { PasskeyForm, type Ways } from "./sign-in.tsx";
import { providerIcon, type WayIn } from "./ways-in.tsx";

export type ConfirmProps = Ways & {
  email: string;
  hasPassword: boolean;
  hasApp: boolean;
  hasPasskeys: boolean;
  /** Those that open the account, for whoever has no password. */
  providers: WayIn[];
};

export function ConfirmPage({ outside, next, email, problem, ...has }: ConfirmProps) {
  const asksForCode = !has.hasPassword && has.hasApp;
  return (
    <Bare outside={outside} title="Confirm that it is you" doing="You are signed in to">
      <BareHead title="Confirm that it is you">
        {"What comes next is sensitive. You are signed in as "}
        <strong>{email}</strong>
        {"; this is asked once in ten minutes."}
      </BareHead>
      {has.hasPassword || asksForCode ? (
        <form class="stack" method="post" action="/confirm">
          <input type="hidden" name="next" value={next} />
          {asksForCode ? (
            <OneTimeCode name="code" error={errorAt(problem, "code")} />
          ) : (
            <Field
              name="password"
              type="password"
              label="Password"
              autocomplete="current-password"
              required
              autofocus
              error={errorAt(problem, "password")}
            />
          )}
          <Elsewhere problem={problem} fields={["password", "code"]} />
          <Button look="primary" wide>
            Go on
          </Button>
        </form>
      ) : (
        <Elsewhere problem={problem} fields={[]} />
      )}
      {has.hasPasskeys ? (
        <PasskeyForm
          action="/confirm/passkey"
          next={next}
          words="Use a passkey"
          isMain={!has.hasPassword && !asksForCode}
        />
      ) : null}
      {has.providers.map(({ name, title }, at) => (
        <form method="post" action={`/auth/${name}/confirm`}>
          <input type="hidden" name="next" value={next} />
          <Button
            wide
            icon={providerIcon(name)}
            look={at === 0 && !asksForCode && !has.hasPasskeys ? "primary" : undefined}
          >
            {`Confirm with ${title}`}
          </Button>
        </form>
      ))}
      {has.hasPassword || has.hasApp || has.hasPasskeys || has.providers.length > 0 ? null : (
        <p>
          This account has no password and no passkey yet. Sign out, and use "Forgot your password?" to set
          one; it is mailed to your address.
        </p>
      )}
      <p class="small">
        <a href="/">Cancel</a>
      </p>
    </Bare>
  );
}
