import { paths } from "../paths.ts";
import type { FrameData } from "../frame/shell.ts";
import { ButtonLink } from "../parts/button.tsx";
import { Removal } from "../parts/dialog.tsx";
import { PageHead, Section } from "../parts/head.tsx";
import { counted } from "../parts/numbers.ts";
import { SettingsFrame } from "./settings-menu.tsx";

export type LossProps = {
  shell: FrameData;
  slug: string;
  loss: {
    packages: number;
    versions: number;
    repositories: number;
    members: number;
    tokens: number;
    downloads: number;
  };
};

export function DangerZonePage({ shell, slug, loss }: LossProps) {
  const zone = paths.dangerZone(slug);
  return (
    <SettingsFrame shell={shell} setting="danger-zone">
      <PageHead title="Danger zone" about="These actions cannot be undone." />
      <Section title="Delete the organization">
        <div class="stack is-close">
          <p class="prose">{lossInWords(loss)}</p>
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
        loss={lossInWords(loss)}
        expects={slug}
        action={`${zone}/delete`}
        verb="Delete organization"
        cancel={zone}
        error={problem?.message}
      />
    </SettingsFrame>
  );
}

function lossInWords({
  packages,
  versions,
  repositories,
  members,
  tokens,
  downloads,
}: LossProps["loss"]): string {
  const lost = [
    `${counted(packages, "package")} with ${counted(versions, "version")} and their archives`,
    `${counted(repositories, "repository", "repositories")}`,
    `${counted(tokens, "token")}`,
  ];
  const used =
    downloads === 0
      ? "Nothing was downloaded in the last 30 days."
      : `${counted(downloads, "download")} in the last 30 days: those projects will fail at their next install.`;
  const people = members > 1 ? ` ${counted(members, "person", "people")} lose access.` : "";
  return `${lost[0]}, ${lost[1]} and ${lost[2]} are deleted at once and for good. ${used}${people}`;
}
