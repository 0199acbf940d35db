import { paths } from "../paths.ts";
import type { Loss } from "../../src/registry/organizations/delete.ts";
import type { FrameData } from "../frame/shell.ts";
import { ButtonLink } from "../parts/button.tsx";
import { Removal } from "../parts/dialog.tsx";
import { PageHead, Section } from "../parts/head.tsx";
import { deletionText } from "./text.ts";
import { SettingsFrame } from "./settings-menu.tsx";

type LossProps = {
  shell: FrameData;
  slug: string;
  loss: Loss;
};

export function DangerZonePage({ shell, slug, loss }: LossProps) {
  const zone = paths.dangerZone(slug);
  return (
    <SettingsFrame shell={shell} setting="danger-zone">
      <PageHead title="Danger zone" about="These actions cannot be undone." />
      <Section title="Delete the organization">
        <div class="stack is-close">
          <p class="prose">{deletionText(loss)}</p>
          <div class="actions">
            <ButtonLink href={`${zone}/delete`} destroys icon="trash-2">
              Delete organization
            </ButtonLink>
          </div>
        </div>
      </Section>
    </SettingsFrame>
  );
}

export function DeleteOrganizationPage(props: LossProps & { problem: { message: string } | null }) {
  const { shell, slug, loss, problem } = props;
  const zone = paths.dangerZone(slug);
  return (
    <SettingsFrame shell={shell} setting="danger-zone" title="Delete organization">
      <Removal
        page
        title={`Delete ${shell.organization?.name ?? slug}?`}
        loss={deletionText(loss)}
        expects={slug}
        action={`${zone}/delete`}
        verb="Delete organization"
        cancel={zone}
        error={problem?.message}
      />
    </SettingsFrame>
  );
}
