// The person who is signed in: name, address, password, and the end of the account.
import { paths } from "../paths.ts";
import { AccountFrame } from "./menu.tsx";
import type { FrameData } from "../frame/shell.ts";
import { Button, ButtonLink, Cancel } from "../parts/button.tsx";
import { Field } from "../parts/field.tsx";
import { PageHead, Section } from "../parts/head.tsx";
import { Notice } from "../parts/notice.tsx";
import { Elsewhere, errorAt, type Problem } from "../parts/problem.tsx";
import { State } from "../parts/state.tsx";
import { NewPasswordField } from "./user-fields.tsx";

export type ProfileProps = {
  shell: FrameData;
  name: string;
  /** What was typed into the form of the address. */
  newEmail: string;
  /** `trusted`: the first account's, which nobody has proven. */
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
      {verified !== "no" ? null : (
        <Notice tone="waiting" title={`${email} is not verified yet`}>
          <form class="stack is-tight" method="post" action="/account/verification">
            <p>
              {sendsMail
                ? "Open the link that we sent there. It works for a day."
                : "This registry sends no mail yet. Ask an administrator for the link."}
            </p>
            <div>
              <Button small busy={sendsMail ? "Sending…" : "Creating…"}>
                {sendsMail ? "Send it again" : "Create a new link"}
              </Button>
            </div>
          </form>
        </Notice>
      )}
      <Section title="Name">
        <form class="stack is-close form" method="post" action="/account">
          <Field
            name="name"
            label="Your name"
            value={name}
            autocomplete="name"
            required
            maxlength={100}
            hint="Others in your organizations see it beside what you do."
            error={errorAt(problem, "name")}
          />
          <div class="actions">
            <Button look="primary" busy="Saving…">
              Save name
            </Button>
          </div>
        </form>
      </Section>
      <Section title="E-mail address">
        <form class="stack is-close form" method="post" action="/account/email">
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
                : `This registry sends no mail yet. You sign in with ${email} until you open the link that an administrator can give you.`
            }
            error={errorAt(problem, "email")}
          />
          <Elsewhere problem={problem} fields={["name", "email"]} />
          <div class="actions">
            <Button busy="Changing…">Change address</Button>
          </div>
        </form>
      </Section>
      <Section title="Delete account">
        <div class="stack is-close">
          <p class="prose">
            Your sessions and personal tokens end at once. What you did stays in the activity, with your name.
          </p>
          <div>
            <ButtonLink href="/account/delete" destroys>
              Delete account
            </ButtonLink>
          </div>
        </div>
      </Section>
    </AccountFrame>
  );
}

export type PasswordProps = { shell: FrameData; hasPassword: boolean; problem: Problem | null };

export function PasswordPage({ shell, hasPassword, problem }: PasswordProps) {
  if (!hasPassword) return <FirstPasswordPage shell={shell} problem={problem} />;
  return (
    <AccountFrame shell={shell} page="password">
      <PageHead title="Password" about="Changing it signs out all other browsers." />
      <form class="stack is-close form" method="post" action="/account/password">
        <Field
          name="current"
          type="password"
          label="Current password"
          autocomplete="current-password"
          required
          error={errorAt(problem, "current")}
        />
        <NewPasswordField problem={problem} label="New password" />
        <Elsewhere problem={problem} fields={["current", "password"]} />
        <div class="actions">
          <Button look="primary" busy="Changing…">
            Change password
          </Button>
          <a href="/reset-password">Forgot it?</a>
        </div>
      </form>
    </AccountFrame>
  );
}

function FirstPasswordPage({ shell, problem }: Omit<PasswordProps, "hasPassword">) {
  return (
    <AccountFrame shell={shell} page="password">
      <PageHead title="Password" about="You have none yet. A password is a second way to sign in." />
      <form class="stack is-close form" method="post" action="/account/password">
        <NewPasswordField problem={problem} label="New password" />
        <Elsewhere problem={problem} fields={["password"]} />
        <div class="actions">
          <Button look="primary" busy="Saving…">
            Set password
          </Button>
        </div>
      </form>
    </AccountFrame>
  );
}

export type DeleteAccountProps = {
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
            words: `Transfer ${name}`,
          }))}
        >
          Nobody else could manage what you own. Transfer or delete it first, then come back.
        </Notice>
      ) : (
        <form class="stack is-close form" method="post" action="/account/delete">
          <p class="prose">
            {[
              "The account of ",
              <b>{shell.viewer.email}</b>,
              " ends now, and cannot be brought back. Your sessions and personal tokens open nothing from the next request on; Composer is refused wherever one is used.",
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
          <Elsewhere problem={problem} fields={["password"]} />
          <div class="actions">
            <Button destroys busy="Deleting…">
              Delete account
            </Button>
            <Cancel href="/account" />
          </div>
        </form>
      )}
    </AccountFrame>
  );
}
