import { paths } from "../paths.ts";
import { Frame } from "../frame/frame.tsx";
import type { FrameData } from "../frame/shell.ts";
import type { Child } from "../jsx/jsx-runtime.ts";
import { SideMenu } from "../parts/tabs.tsx";

type Setting = "general" | "members" | "tokens" | "ssh-keys" | "credentials" | "danger-zone";

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
  const visible = entries.filter(({ owner }) => !owner || role === "owner");
  const own = entries.find((entry) => entry.setting === setting)?.text ?? "";
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
          items={visible.map(({ setting: each, text }) => ({
            href: each === "general" ? settings : `${settings}/${each}`,
            text,
            current: each === setting,
          }))}
        />
        <div class="stack">{children}</div>
      </div>
    </Frame>
  );
}

const entries: { setting: Setting; text: string; owner?: true }[] = [
  { setting: "general", text: "General" },
  { setting: "members", text: "Members" },
  { setting: "tokens", text: "Tokens" },
  { setting: "ssh-keys", text: "SSH keys" },
  { setting: "credentials", text: "Credentials" },
  { setting: "danger-zone", text: "Danger zone", owner: true },
];
