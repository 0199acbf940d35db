// Creating, replacing and removing credentials.
import type { CredentialPlace } from "./credentials.tsx";
import { Button, Cancel } from "../parts/button.tsx";
import { DialogBody } from "../parts/dialog.tsx";
import { Field } from "../parts/field.tsx";
import { Form } from "../parts/form.tsx";
import { PageHead } from "../parts/head.tsx";
import { Elsewhere, errorAt, type Problem } from "../parts/problem.tsx";
import { removalText, usesText } from "./text.ts";
import { SettingsFrame } from "../organizations/settings-menu.tsx";

export type CredentialForm = { name: string; username: string; host: string };

/** A new one, or with `replaces` another token in the place of the one that is there. */
export function CredentialFormPage(
  props: CredentialPlace & {
    form: CredentialForm;
    replaces: { id: string; uses: number } | null;
    problem: Problem | null;
  },
) {
  const { shell, setting, base, form, replaces, problem } = props;
  const isKey = setting === "ssh-keys";
  const title = isKey ? "New SSH key" : replaces ? "Replace the token" : "New credential";
  return (
    <SettingsFrame shell={shell} setting={setting} title={title}>
      <PageHead
        title={title}
        about={
          isKey
            ? "The server creates an Ed25519 key. We'll show you the public key to add as a deploy key or to a bot account."
            : replaces && replaces.uses > 0
              ? usesText(replaces.uses)
              : undefined
        }
      />
      <Form
        action={replaces ? `${base}/${replaces.id}/edit` : base}
        problem={problem}
        fields={["name", "username", "password", "host"]}
        submit={isKey ? "Create SSH key" : replaces ? "Replace token" : "Add credential"}
        busy="Saving…"
        cancel={base}
      >
        <Field
          name="name"
          label="Name"
          value={form.name}
          required
          autofocus={replaces === null}
          maxlength={100}
          placeholder="platform-bot"
          error={errorAt(problem, "name")}
        />
        {isKey ? null : (
          <>
            {replaces ? null : (
              <Field
                name="host"
                label="Host"
                value={form.host}
                mono
                required
                placeholder="git.example.com"
                hint="The token is only ever sent to this host."
                error={errorAt(problem, "host")}
              />
            )}
            <Field
              name="username"
              label="User"
              value={form.username}
              required
              autocomplete="off"
              hint="Many hosts ignore the user name and check only the token."
              error={errorAt(problem, "username")}
            />
            <Field
              name="password"
              label="Token or password"
              type="password"
              required
              autocomplete="new-password"
              error={errorAt(problem, "password")}
            />
          </>
        )}
      </Form>
    </SettingsFrame>
  );
}

export function RemoveCredentialPage(
  props: CredentialPlace & { id: string; name: string; uses: number; problem: Problem | null },
) {
  const { shell, setting, base, id, name, uses, problem } = props;
  return (
    <SettingsFrame shell={shell} setting={setting} title="Remove">
      <div class="form">
        <DialogBody page title={`Remove ${name}?`} about={removalText(uses)}>
          <Elsewhere problem={problem} fields={[]} />
          <form class="actions" method="post" action={`${base}/${id}/remove`}>
            {uses > 0 ? null : (
              <Button destroys>{setting === "ssh-keys" ? "Remove SSH key" : "Remove credential"}</Button>
            )}
            <Cancel href={base} />
          </form>
        </DialogBody>
      </div>
    </SettingsFrame>
  );
}
