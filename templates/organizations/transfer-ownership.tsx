import { paths } from "../paths.ts";
import type { FrameData } from "../frame/shell.ts";
import { Button, ButtonLink, Cancel } from "../parts/button.tsx";
import { Field, Select } from "../parts/field.tsx";
import { PageHead } from "../parts/head.tsx";
import { Empty } from "../parts/notice.tsx";
import { Elsewhere, errorAt, type Problem } from "../parts/problem.tsx";
import { SettingsFrame } from "./settings-menu.tsx";

export type TransferProps = {
  shell: FrameData;
  slug: string;
  /** Who may become the owner. */
  others: { id: string; name: string; email: string }[];
  form: { user: string; confirm: string };
  problem: Problem | null;
};

export function TransferOwnershipPage({ shell, slug, others, form, problem }: TransferProps) {
  const base = paths.members(slug);
  const name = shell.organization?.name ?? slug;
  return (
    <SettingsFrame shell={shell} setting="members" title="Transfer ownership">
      <PageHead
        title={`Transfer ${name}?`}
        about="The new owner alone can then change its address, delete it, or transfer it. You stay as an admin, and the new owner can remove you."
      />
      {others.length === 0 ? (
        <Empty
          title="There is nobody else yet"
          actions={<ButtonLink href={`${base}/invite`}>Invite</ButtonLink>}
        >
          {`Only a member of ${name} can become its owner.`}
        </Empty>
      ) : (
        <form class="stack is-close form" method="post" action={`${base}/transfer`}>
          <Select
            name="user"
            label="New owner"
            value={form.user}
            options={[
              { value: "", words: "Choose a member" },
              ...others.map(({ id, name, email }) => ({ value: id, words: `${name} (${email})` })),
            ]}
            error={errorAt(problem, "user")}
          />
          <Field
            name="confirm"
            label={["Type ", <code>{slug}</code>, " to confirm"]}
            value={form.confirm}
            mono
            required
            autocomplete="off"
            expects={slug}
            error={errorAt(problem, "confirm")}
          />
          <Elsewhere problem={problem} fields={["user", "confirm"]} />
          <div class="actions">
            <Button destroys data-waits="" busy="Transferring…">
              Transfer ownership
            </Button>
            <Cancel href={base} />
          </div>
        </form>
      )}
    </SettingsFrame>
  );
}
