import { AccountFrame } from "./menu.tsx";
import type { FrameData } from "../frame/shell.ts";
import { Button } from "../parts/button.tsx";
import { Checkbox, FieldGroup } from "../parts/field.tsx";
import { PageHead } from "../parts/head.tsx";

const themes = [
  {
    value: "system",
    label: "System",
    hint: "Follows the setting of your device.",
  },
  { value: "light", label: "Light", hint: undefined },
  { value: "dark", label: "Dark", hint: undefined },
] as const;

export function AppearancePage({ shell }: { shell: FrameData }) {
  return (
    <AccountFrame shell={shell} page="appearance">
      <PageHead title="Appearance" about="Saved with your account, so it is the same in every browser." />
      <form class="stack is-narrow" method="post" action="/account/theme">
        <FieldGroup legend="Theme">
          {themes.map(({ value, label, hint }) => (
            <Checkbox
              radio
              name="theme"
              value={value}
              label={label}
              hint={hint}
              checked={shell.viewer.theme === value}
            />
          ))}
        </FieldGroup>
        <div>
          <Button variant="primary" busy="Saving…">
            Save appearance
          </Button>
        </div>
      </form>
    </AccountFrame>
  );
}
