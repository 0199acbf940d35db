// The form that adds repositories, and what became of several at once.
import { Frame } from "./frame.tsx";
import type { Shell } from "./shell.ts";
import { Button, ButtonLink, Cancel } from "./parts/button.tsx";
import { CommandBlock } from "./parts/command.tsx";
import { Checkbox, Field, FieldGroup, Select } from "./parts/field.tsx";
import { PageHead } from "./parts/head.tsx";
import { Notice } from "./parts/notice.tsx";
import { State } from "./parts/state.tsx";
import { Cell, Row, Table } from "./parts/table.tsx";

export type Problem = { field: string | null; message: string };

/** `credential` is `none`, `stored`, `basic` or `new-ssh-key`. */
export type AccessForm = { credential: string; stored: string; username: string };
export type StoredChoice = { id: string; words: string };

export type NewRepositoryProps = {
  shell: Shell;
  base: string;
  form: AccessForm & { url: string; name: string };
  stored: StoredChoice[];
  problem: Problem | null;
};

export function NewRepositoryPage({ shell, base, form, stored, problem }: NewRepositoryProps) {
  const beside = (name: string) => (problem?.field === name ? problem.message : undefined);
  const path = [{ label: "Repositories", href: base }, { label: "Add" }];
  const isElsewhere = problem && !["url", "name", ...accessFields].includes(problem.field ?? "");
  return (
    <Frame shell={shell} title="Add repository" section="repositories" path={path}>
      <PageHead
        title="Add repository"
        about="Its tags and branches become package versions. Pricore checks for new ones every few minutes."
        actions={<ButtonLink href={`${base}/new/from-forge`}>Choose from a forge</ButtonLink>}
      />
      {isElsewhere ? <Notice tone="failed" title={problem.message} /> : null}
      <form class="form stack" method="post" action={base}>
        <Field
          name="url"
          label="Address"
          value={form.url}
          rows={3}
          mono
          required
          autofocus
          placeholder="https://git.example.com/acme/blog.git"
          hint="https://…, ssh://… or git@host:path. Several lines are several repositories."
          error={beside("url")}
        />
        <Field
          name="name"
          label="Name"
          value={form.name}
          optional
          maxlength={100}
          hint="The last part of the address when left out. Only for a single repository."
          error={beside("name")}
        />
        <AccessFields form={form} stored={stored} problem={problem} />
        <div class="actions">
          <Button look="primary" busy="Adding…">
            Add repository
          </Button>
          <Cancel href={base} />
        </div>
      </form>
    </Frame>
  );
}

const accessFields = ["credential", "stored", "username", "password"];

/** How the repository is opened; only the fields of what is chosen are shown. */
export function AccessFields(props: {
  form: AccessForm;
  stored: StoredChoice[];
  problem: Problem | null;
  /** There is one already, which may stay. */
  keeps?: string;
}) {
  const { form, stored, problem, keeps } = props;
  const beside = (name: string) => (problem?.field === name ? problem.message : undefined);
  const choice = (value: string, label: string, hint?: string) => (
    <Checkbox
      radio
      name="credential"
      value={value}
      label={label}
      hint={hint}
      checked={form.credential === value}
    />
  );
  return (
    <FieldGroup legend="Access" error={beside("credential")}>
      {keeps === undefined ? null : choice("keep", `Keep ${keeps}`)}
      {choice("none", "Public, no credentials")}
      {choice("basic", "User and token", "Stored encrypted and only ever sent to this host.")}
      <div class="chosen-basic stack is-close">
        <Field
          name="username"
          label="User"
          value={form.username}
          autocomplete="off"
          error={beside("username")}
        />
        <Field
          name="password"
          label="Token or password"
          type="password"
          autocomplete="new-password"
          error={beside("password")}
        />
      </div>
      {choice(
        "new-ssh-key",
        "A new SSH key",
        "For an address like git@host:path. We'll show you the public key to add as a deploy key.",
      )}
      {stored.length === 0 ? null : (
        <>
          {choice("stored", "Use a saved credential")}
          <div class="chosen-stored">
            <Select
              name="stored"
              label="Credential or SSH key"
              value={form.stored}
              options={stored.map(({ id, words }) => ({ value: id, words }))}
            />
          </div>
        </>
      )}
    </FieldGroup>
  );
}

export type AddedLine = {
  url: string;
  /** The page of the repository, when there is one now. */
  href: string | null;
  message: string | null;
  publicKey: string | null;
  /** It was mirrored before. */
  isKnown?: boolean;
};

export function AddedRepositoriesPage(props: { shell: Shell; base: string; lines: AddedLine[] }) {
  const { shell, base, lines } = props;
  const path = [{ label: "Repositories", href: base }, { label: "Add" }];
  const added = lines.filter(({ href, isKnown }) => href !== null && !isKnown).length;
  const keys = lines.filter(({ publicKey }) => publicKey !== null);
  return (
    <Frame shell={shell} title="Add repositories" section="repositories" path={path}>
      <PageHead
        title={`${added} of ${lines.length} repositories added`}
        actions={
          <ButtonLink href={base} look="primary">
            See the repositories
          </ButtonLink>
        }
      />
      <Table label="What became of each address" columns={[{ title: "Address" }, { title: "Outcome" }]}>
        {lines.map(({ url, href, message, publicKey, isKnown }) => (
          <Row>
            <Cell at="name" breaks mono>
              {href === null ? url : <a href={href}>{url}</a>}
            </Cell>
            <Cell at="state" breaks>
              {href === null ? (
                <State kind="failed" wraps>
                  {message}
                </State>
              ) : isKnown ? (
                <State kind="skipped" word="mirrored already" />
              ) : publicKey === null ? (
                <State kind="syncing" word="added, syncing" />
              ) : (
                <State kind="waiting" word="added, waits for its deploy key" />
              )}
            </Cell>
          </Row>
        ))}
      </Table>
      {keys.map(({ url, publicKey }) => (
        <section class="section">
          <p class="quiet">
            Deploy key for <code>{url}</code>:
          </p>
          <CommandBlock plain command={[publicKey ?? ""]} said="Public key copied" />
        </section>
      ))}
    </Frame>
  );
}
