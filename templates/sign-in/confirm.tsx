// Showing again who is there, before something sensitive.
import { paths } from "../paths.ts";
import { Frame } from "../frame/frame.tsx";
import type { FrameData } from "../frame/shell.ts";
import { Button, Cancel } from "../parts/button.tsx";
import { Field, OneTimeCode } from "../parts/field.tsx";
import { Elsewhere, errorAt } from "../parts/problem.tsx";
import { PageHead } from "../parts/head.tsx";
import { PasskeyForm, type Ways } from "./sign-in.tsx";
import { providerIcon, type SignInProvider } from "./provider-links.tsx";

type ConfirmProps = Omit<Ways, "outside"> & {
  shell: FrameData;
  hasPassword: boolean;
  hasApp: boolean;
  hasPasskeys: boolean;
  /** The connected providers, for accounts without a password. */
  providers: SignInProvider[];
};

export function ConfirmPage({ shell, next, problem, ...has }: ConfirmProps) {
  const asksForCode = !has.hasPassword && has.hasApp;
  return (
    <Frame
      shell={shell}
      title="Confirm it's you"
      section={next.startsWith("/account") ? "account" : null}
      path={[{ label: "Confirm it's you" }]}
    >
      <div hidden data-keeps-text="" />
      <PageHead
        title="Confirm it's you"
        about="We ask again for sensitive changes, at most every ten minutes."
      />
      <div class="stack is-narrow">
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
            <Button variant="primary" wide>
              Continue
            </Button>
          </form>
        ) : (
          <Elsewhere problem={problem} fields={[]} />
        )}
        {has.hasPasskeys ? (
          <PasskeyForm
            action="/confirm/passkey"
            next={next}
            text="Use a passkey"
            isMain={!has.hasPassword && !asksForCode}
          />
        ) : null}
        {has.providers.map(({ name, title }, at) => (
          <form method="post" action={`/auth/${name}/confirm`}>
            <input type="hidden" name="next" value={next} />
            <Button
              wide
              icon={providerIcon(name)}
              variant={at === 0 && !asksForCode && !has.hasPasskeys ? "primary" : undefined}
            >
              {`Confirm with ${title}`}
            </Button>
          </form>
        ))}
        {has.hasPassword || has.hasApp || has.hasPasskeys || has.providers.length > 0 ? null : (
          <p>
            This account has no password and no passkey yet. Sign out, and use "Forgot your password?" to set
            one.
          </p>
        )}
        <div>
          <Cancel href={awayFrom(next, shell)} />
        </div>
      </div>
    </Frame>
  );
}

/** The page itself may be what asks. */
function awayFrom(next: string, { organization }: FrameData): string {
  if (next.startsWith("/account")) return "/account";
  return organization ? paths.organization(organization.slug) : "/";
}
