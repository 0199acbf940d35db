// Replacing the token of a Git host.
import type { ForgeForm } from "./forge-form.tsx";
import { besideIn, Elsewhere, EmailField, NewToken, TokenField } from "./git-host-fields.tsx";
import { gitHostOf } from "./git-hosts.ts";
import type { FrameData } from "../frame/shell.ts";
import { Button, Cancel } from "../parts/button.tsx";
import { Field } from "../parts/field.tsx";
import { PageHead } from "../parts/head.tsx";
import { Notice } from "../parts/notice.tsx";
import { counted } from "../parts/numbers.ts";
import type { Problem } from "../repositories/new.tsx";
import { SettingsFrame } from "../organizations/settings-menu.tsx";

type Place = { shell: FrameData; base: string; problem: Problem | null };

export function ReplaceForgeTokenPage(
  props: Place & {
    id: string;
    form: Pick<ForgeForm, "name" | "email">;
    forge: { provider: string; words: string; host: string; origin: string; account: string };
    /** What the forge said last, when it refused the token. */
    refusal: string | null;
    uses: number;
  },
) {
  const { shell, base, id, form, forge, refusal, uses, problem } = props;
  const beside = besideIn(problem);
  const host = gitHostOf(forge.provider);
  return (
    <SettingsFrame shell={shell} setting="credentials" title="Replace the token">
      <PageHead
        title="Replace the token"
        about={`Of ${forge.account} at ${forge.host}. ${uses > 0 ? `${counted(uses, "repository", "repositories")} will use the new one from the next sync on.` : "No repository uses it yet."}`}
      />
      <Elsewhere problem={problem} />
      {refusal !== null && problem === null ? <Notice tone="failed" title={refusal} /> : null}
      {host === undefined ? null : <NewToken host={host} origin={forge.origin} />}
      <form class="form" method="post" action={`${base}/${id}/edit`}>
        <Field name="name" label="Name" value={form.name} required maxlength={100} error={beside("name")} />
        {forge.provider === "bitbucket" ? <EmailField value={form.email} error={beside("email")} /> : null}
        <TokenField error={beside("token") ?? beside("address")} />
        <div class="actions">
          <Button look="primary" busy="Replacing…">
            Replace token
          </Button>
          <Cancel href={base} />
        </div>
      </form>
    </SettingsFrame>
  );
}
