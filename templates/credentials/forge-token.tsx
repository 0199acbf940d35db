// Replacing the token of a Git host.
import type { ForgeForm } from "./forge-form.tsx";
import { EmailField, hostFields, NewToken, TokenField } from "./git-host-fields.tsx";
import { gitHostOf } from "./git-hosts.ts";
import type { FrameData } from "../frame/shell.ts";
import { Field } from "../parts/field.tsx";
import { Form } from "../parts/form.tsx";
import { PageHead } from "../parts/head.tsx";
import { Notice } from "../parts/notice.tsx";
import { Elsewhere, errorAt, type Problem } from "../parts/problem.tsx";
import { usesText } from "./text.ts";
import { SettingsFrame } from "../organizations/settings-menu.tsx";

type Place = { shell: FrameData; base: string; problem: Problem | null };

export function ReplaceForgeTokenPage(
  props: Place & {
    id: string;
    form: Pick<ForgeForm, "name" | "email">;
    forge: { provider: string; text: string; host: string; origin: string; account: string };
    /** The message of the Git host when it rejected the token. */
    refusal: string | null;
    uses: number;
  },
) {
  const { shell, base, id, form, forge, refusal, uses, problem } = props;
  const host = gitHostOf(forge.provider);
  return (
    <SettingsFrame shell={shell} setting="credentials" title="Replace the token">
      <PageHead
        title="Replace the token"
        about={`For ${forge.account} on ${forge.host}. ${usesText(uses)}`}
      />
      <Elsewhere problem={problem} fields={hostFields} />
      {refusal !== null && problem === null ? <Notice tone="failed" title={refusal} /> : null}
      {host === undefined ? null : <NewToken host={host} origin={forge.origin} />}
      <Form action={`${base}/${id}/edit`} submit="Replace token" busy="Replacing…" cancel={base}>
        <Field
          name="name"
          label="Name"
          value={form.name}
          required
          maxlength={100}
          error={errorAt(problem, "name")}
        />
        {forge.provider === "bitbucket" ? (
          <EmailField value={form.email} error={errorAt(problem, "email")} />
        ) : null}
        <TokenField error={errorAt(problem, "token") ?? errorAt(problem, "address")} />
      </Form>
    </SettingsFrame>
  );
}
