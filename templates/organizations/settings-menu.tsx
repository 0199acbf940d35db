import { paths } from "../paths.ts";
import { Frame } from "../frame/frame.tsx";
import type { FrameData } from "../frame/shell.ts";
import type { Child } from "../jsx/jsx-runtime.ts";
import { SideMenu } from "../parts/tabs.tsx";

export type Setting = "general" | "members" | "tokens" | "ssh-keys" | "credentials" | "danger-zone";

/** A page of an organization's settings, with their menu beside it. */
export function SettingsFrame(props: {
  shell: FrameData;
  setting: Setting;
  title?: string;
  children?: Child;
}) {
  const { shell, setting, children } = props;
  const { slug = "", role = "member" } = shell.organization ?? {};
  const settings = paths.settings(slug);
  const shown = entries.filter(({ owner }) => !owner || role === "owner");
  const own = entries.find((entry) => entry.setting === setting)?.words ?? "";
  const title = props.title ?? own;
  const path = [
    { label: "Settings", href: settings },
    ...(title === own ? [] : [{ label: own, href: `${settings}/${setting}` }]),
    { label: title },
  ];
  return (
    <Frame shell={shell} title={title} section="settings" path={path}>
      <div class="columns has-menu">
        <SideMenu
          label="Settings"
          items={shown.map(({ setting: each, words }) => ({
            href: each === "general" ? settings : `${settings}/${each}`,
            words,
            current: each === setting,
          }))}
        />
        <div class="stack">{children}</div>
      </div>
    </Frame>
  );
}

const entries: { setting: Setting; words: string; owner?: true }[] = [
  { setting: "general", words: "General" },
  { setting: "members", words: "Members" },
  { setting: "tokens", words: "Tokens" },
  { setting: "ssh-keys", words: "SSH keys" },
  { setting: "credentials", words: "Credentials" },
  { setting: "danger-zone", words: "Danger zone", owner: true },
];
