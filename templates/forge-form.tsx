// Connecting a forge with a token that somebody made there, and replacing that token.
import type { Shell } from "./shell.ts";
import { Button, Cancel } from "./parts/button.tsx";
import { Checkbox, Field, FieldGroup } from "./parts/field.tsx";
import { PageHead, Section, SectionHead } from "./parts/head.tsx";
import { Notice } from "./parts/notice.tsx";
import { counted } from "./parts/numbers.ts";
import type { Problem } from "./repository-new.tsx";
import { SettingsFrame } from "./settings-menu.tsx";
import { providerIcon, type WayIn } from "./ways-in.tsx";

export type ForgeForm = { provider: string; address: string; name: string; email: string };

type Place = { shell: Shell; base: string; problem: Problem | null };

/** `known` says of each forge what an empty address stands for; null where one must be given. */
export function ConnectForgePage(
  props: Place & {
    form: ForgeForm;
    known: Record<string, string | null>;
    /** Those where people can agree instead of making a token. */
    grants: WayIn[];
  },
) {
  const { shell, base, form, known, grants, problem } = props;
  const beside = besideIn(problem);
  const own = Object.entries(known).flatMap(([kind, host]) => (kind !== "bitbucket" && host) || []);
  return (
    <SettingsFrame shell={shell} setting="credentials" title="Connect a forge">
      <PageHead
        title="Connect a forge"
        about="An account there lets everybody here add its repositories, and keeps them in step. It belongs to the organization: it goes on working when whoever connected it leaves."
      />
      <Elsewhere problem={problem} />
      <Grants {...{ grants, base }} />
      <form class="form" method="post" action={`${base}/connect`}>
        <FieldGroup legend="Forge" error={beside("provider")}>
          {kinds.map(({ kind, label, hint }) => (
            <Checkbox
              radio
              name="provider"
              value={kind}
              label={label}
              hint={hint}
              checked={form.provider === kind}
            />
          ))}
        </FieldGroup>
        <div class="unless-bitbucket">
          <Field
            name="address"
            label="Address"
            value={form.address}
            mono
            optional
            placeholder="https://git.example.com"
            hint={`For a forge of your own. Left out it is ${own.join(" or ")}.`}
            error={beside("address")}
          />
        </div>
        <div class="if-bitbucket">
          <EmailField value={form.email} error={beside("email")} />
        </div>
        <TokenField error={beside("token")} />
        <Field
          name="name"
          label="Name"
          value={form.name}
          optional
          maxlength={100}
          hint="Account and host when left out."
          error={beside("name")}
        />
        <div class="actions">
          <Button look="primary" busy="Asking the forge…">
            Connect
          </Button>
          <Cancel href={base} />
        </div>
      </form>
    </SettingsFrame>
  );
}

/** Above the form: without a token to make and paste. */
function Grants({ grants, base }: { grants: WayIn[]; base: string }) {
  if (grants.length === 0) return <></>;
  return (
    <>
      <Section title="Sign in there">
        <div class="stack is-close">
          <p>
            You let this registry list and read repositories and keep their webhooks. The access renews
            itself, and can be taken back there at any time.
          </p>
          <div class="actions">
            {grants.map(({ name, title }) => (
              <form method="post" action={`${base}/connect/${name}`}>
                <Button icon={providerIcon(name)}>{`Connect ${title}`}</Button>
              </form>
            ))}
          </div>
        </div>
      </Section>
      <SectionHead title="Or paste a token" />
    </>
  );
}

export function ReplaceForgeTokenPage(
  props: Place & {
    id: string;
    form: Pick<ForgeForm, "name" | "email">;
    forge: { provider: string; words: string; host: string; account: string };
    /** What the forge said last, when it refused the token. */
    refusal: string | null;
    uses: number;
  },
) {
  const { shell, base, id, form, forge, refusal, uses, problem } = props;
  const beside = besideIn(problem);
  const hint = kinds.find(({ kind }) => kind === forge.provider)?.hint;
  return (
    <SettingsFrame shell={shell} setting="credentials" title="Replace the token">
      <PageHead
        title="Replace the token"
        about={`Of ${forge.account} at ${forge.host}. ${uses > 0 ? `${counted(uses, "repository", "repositories")} will use the new one from the next sync on.` : "No repository uses it yet."}`}
      />
      <Elsewhere problem={problem} />
      {refusal !== null && problem === null ? <Notice tone="failed" title={refusal} /> : null}
      <form class="form" method="post" action={`${base}/${id}/edit`}>
        <Field name="name" label="Name" value={form.name} required maxlength={100} error={beside("name")} />
        {forge.provider === "bitbucket" ? <EmailField value={form.email} error={beside("email")} /> : null}
        <TokenField hint={hint} error={beside("token") ?? beside("address")} />
        <div class="actions">
          <Button look="primary" busy="Asking the forge…">
            Replace token
          </Button>
          <Cancel href={base} />
        </div>
      </form>
    </SettingsFrame>
  );
}

function TokenField({ error, hint }: { error?: string; hint?: string }) {
  return (
    <Field
      name="token"
      label="Token"
      type="password"
      required
      autocomplete="new-password"
      hint={hint ?? "Stored encrypted, never shown, and sent to that forge alone."}
      error={error}
    />
  );
}

function EmailField({ value, error }: { value: string; error?: string }) {
  return (
    <Field
      name="email"
      label="E-mail of the Atlassian account"
      value={value}
      autocomplete="off"
      hint="Bitbucket wants it beside an API token."
      error={error}
    />
  );
}

function Elsewhere({ problem }: { problem: Problem | null }) {
  if (!problem || ["provider", "address", "email", "token", "name"].includes(problem.field ?? ""))
    return <></>;
  return <Notice tone="failed" title={problem.message} />;
}

function besideIn(problem: Problem | null) {
  return (name: string) => (problem?.field === name ? problem.message : undefined);
}

const kinds = [
  {
    kind: "github",
    label: "GitHub, or GitHub Enterprise",
    hint: "Classic token: the scope repo, and read:org to list organizations. Fine-grained: Contents and Metadata read, Webhooks read and write.",
  },
  {
    kind: "gitlab",
    label: "GitLab",
    hint: "The scope api; or read_api and read_repository, which cannot keep webhooks. A group's token does as well.",
  },
  {
    kind: "bitbucket",
    label: "Bitbucket Cloud",
    hint: "An API token with the scopes read:user, read:workspace and read:repository, and read, write and delete for webhook.",
  },
  {
    kind: "gitea",
    label: "Gitea or Forgejo",
    hint: "read:user, read:organization and read:repository; write:repository to keep webhooks.",
  },
];
