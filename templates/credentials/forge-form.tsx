// Connecting a Git host step by step: which one, where it is, and a token made there.
import { EmailField, hostFields, NewToken, TokenField } from "./git-host-fields.tsx";
import { gitHostOf, gitHosts, type GitHost } from "./git-hosts.ts";
import type { FrameData } from "../frame/shell.ts";
import { Button, ButtonLink } from "../parts/button.tsx";
import { Field } from "../parts/field.tsx";
import { Form } from "../parts/form.tsx";
import { PageHead, Section } from "../parts/head.tsx";
import { Icon } from "../parts/icon.tsx";
import { Elsewhere, errorAt, type Problem } from "../parts/problem.tsx";
import { SettingsFrame } from "../organizations/settings-menu.tsx";
import { providerIcon, type SignInProvider } from "../sign-in/provider-links.tsx";
import { paths } from "../paths.ts";

export type ForgeForm = { provider: string; address: string; name: string; email: string };

type Place = { shell: FrameData; base: string; problem: Problem | null };

type ConnectProps = Place & {
  form: ForgeForm;
  /** The address of the host that issues the token; null until it is known. */
  origin: string | null;
  /** The host has an address of its own, not the usual one. */
  isOwn: boolean;
  /** Those where people can agree instead of making a token. */
  grants: SignInProvider[];
};

export function ConnectForgePage(props: ConnectProps) {
  const { shell, base, form, origin, problem } = props;
  const host = gitHostOf(form.provider);
  const title = host ? `Connect ${host.title}` : "Connect a Git host";
  return (
    <SettingsFrame shell={shell} setting="credentials" title={title}>
      <PageHead
        title={title}
        about={[
          "Your team can then add its repositories and keep them in sync. The account belongs to the organization and keeps working when the person who connected it leaves. ",
          <a href={paths.docs("git-hosts#connect-an-account")}>More in the docs</a>,
        ]}
        actions={host ? <ButtonLink href={`${base}/connect`}>Another Git host</ButtonLink> : undefined}
      />
      <Elsewhere problem={problem} fields={hostFields} />
      {host === undefined ? (
        <HostChoice base={base} />
      ) : origin === null ? (
        <HostAddress {...props} host={host} />
      ) : (
        <HostToken {...props} host={host} origin={origin} />
      )}
    </SettingsFrame>
  );
}

function HostChoice({ base }: { base: string }) {
  return (
    <ul class="host-choice" aria-label="Git hosts">
      {gitHosts.map(({ kind, title, about, icon }) => (
        <li>
          <a href={`${base}/connect?forge=${kind}`}>
            <Icon name={icon} />
            <span>
              <b>{title}</b>
              <span class="muted small">{about}</span>
            </span>
            <Icon name="chevron-right" small />
          </a>
        </li>
      ))}
    </ul>
  );
}

/** The token is created on the host, so the form asks for its address first. */
function HostAddress({ base, form, host, problem }: ConnectProps & { host: GitHost }) {
  return (
    <Form action={`${base}/connect`} method="get" submit="Continue" cancel={`${base}/connect`}>
      <input type="hidden" name="forge" value={host.kind} />
      <Field
        name="address"
        label="Address"
        value={form.address}
        mono
        required
        autofocus
        placeholder="https://git.example.com"
        hint={`The address of your ${host.title}, without a path.`}
        error={errorAt(problem, "address")}
      />
    </Form>
  );
}

function HostToken(props: ConnectProps & { host: GitHost; origin: string }) {
  const { base, form, host, origin, isOwn, grants, problem } = props;
  const name = new URL(origin).host;
  return (
    <>
      <p class="facts">
        <span>
          {"Host: "}
          <code>{host.kind === "bitbucket" ? "bitbucket.org" : name}</code>
        </span>
        {host.mayBeOwn ? <a href={`${base}/connect?forge=${host.kind}&own=1`}>Use another address</a> : null}
      </p>
      <Grants grants={isOwn ? [] : grants.filter((each) => each.name === host.kind)} base={base} />
      <Section title="1. Create a token">
        <NewToken host={host} origin={origin} />
      </Section>
      <Section title="2. Paste it here">
        <Form action={`${base}/connect`} submit="Connect" busy="Connecting…" cancel={base}>
          <input type="hidden" name="provider" value={host.kind} />
          {isOwn || errorAt(problem, "address") !== undefined ? (
            <Field
              name="address"
              label="Address"
              value={form.address}
              mono
              required={isOwn}
              error={errorAt(problem, "address")}
            />
          ) : null}
          {host.kind === "bitbucket" ? (
            <EmailField value={form.email} error={errorAt(problem, "email")} />
          ) : null}
          <TokenField error={errorAt(problem, "token")} />
          <Field
            name="name"
            label="Name"
            value={form.name}
            optional
            maxlength={100}
            hint="Defaults to account and host."
            error={errorAt(problem, "name")}
          />
        </Form>
      </Section>
    </>
  );
}

/** Above the form: without a token to make and paste. */
function Grants({ grants, base }: { grants: SignInProvider[]; base: string }) {
  if (grants.length === 0) return <></>;
  return (
    <Section title="Sign in">
      <div class="stack is-close">
        <p>
          Pricore can then list and read repositories and manage their webhooks. Access renews automatically
          and can be revoked on the Git host at any time. Or use a token below.
        </p>
        <div class="actions">
          {grants.map(({ name, title }) => (
            <form method="post" action={`${base}/connect/${name}`}>
              <Button variant="primary" icon={providerIcon(name)}>{`Connect ${title}`}</Button>
            </form>
          ))}
        </div>
      </div>
    </Section>
  );
}
