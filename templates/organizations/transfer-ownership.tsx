import { paths } from "../paths.ts";
import type { FrameData } from "../frame/shell.ts";
import { ButtonLink } from "../parts/button.tsx";
import { Field, Select } from "../parts/field.tsx";
import { Form } from "../parts/form.tsx";
import { PageHead } from "../parts/head.tsx";
import { Empty } from "../parts/notice.tsx";
import { errorAt, type Problem } from "../parts/problem.tsx";
import { SettingsFrame } from "./settings-menu.tsx";

type TransferProps = {
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
        about="Only the new owner can then change its address, delete it or transfer it. You stay as an admin, and the new owner can remove you."
      />
      {others.length === 0 ? (
        <Empty title="No other members yet" actions={<ButtonLink href={`${base}/invite`}>Invite</ButtonLink>}>
          {`Only a member of ${name} can become its owner.`}
        </Empty>
      ) : (
        <Form
          action={`${base}/transfer`}
          problem={problem}
          fields={["user", "confirm"]}
          submit="Transfer ownership"
          busy="Transferring…"
          variant="destructive"
          waits
          cancel={base}
        >
          <Select
            name="user"
            label="New owner"
            value={form.user}
            options={[
              { value: "", text: "Choose a member" },
              ...others.map(({ id, name, email }) => ({ value: id, text: `${name} (${email})` })),
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
        </Form>
      )}
    </SettingsFrame>
  );
}
