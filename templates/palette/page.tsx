import { Frame } from "../frame/frame.tsx";
import type { FrameData } from "../frame/shell.ts";
import { PaletteResults, type Group } from "./palette.tsx";
import { Button } from "../parts/button.tsx";
import { Field } from "../parts/field.tsx";
import { PageHead } from "../parts/head.tsx";

/** The palette as a page of its own, for browsers without scripts. */
export function PalettePage({ shell, groups, query }: { shell: FrameData; groups: Group[]; query: string }) {
  const organization = shell.organization?.slug;
  return (
    <Frame shell={shell} title="Find" section={null} path={[{ label: "Find" }]}>
      <PageHead title="Find a package or action" />
      <form class="stack is-close" action="/palette">
        {organization === undefined ? null : <input type="hidden" name="organization" value={organization} />}
        <Field name="q" type="search" label="Name" value={query} button={<Button>Find</Button>} />
      </form>
      <div class="palette-list" role="listbox" aria-label="Results" tabindex="0">
        <PaletteResults groups={groups} query={query} />
      </div>
    </Frame>
  );
}
