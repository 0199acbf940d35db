import { paths } from "../paths.ts";
import { Frame } from "../frame/frame.tsx";
import type { FrameData } from "../frame/shell.ts";
import type { Child } from "../jsx/jsx-runtime.ts";
import { SideMenu } from "../parts/tabs.tsx";

type AccountPage = keyof typeof labels;

/** A page about the signed-in user, beside the menu of the account. */
export function AccountFrame(props: {
  shell: FrameData;
  page: AccountPage;
  title?: string;
  children?: Child;
}) {
  const { shell, page, children } = props;
  const title = props.title ?? labels[page];
  const path = [
    { label: "Account", href: "/account" },
    ...(title === labels[page] ? [] : [{ label: labels[page], href: addressOf(page) }]),
    { label: title },
  ];
  const pages = Object.keys(labels) as AccountPage[];
  return (
    <Frame shell={shell} title={title} section="account" path={path}>
      <div class="columns has-menu">
        <SideMenu
          label="Account"
          items={pages.map((each) => ({ href: addressOf(each), text: labels[each], current: each === page }))}
        />
        <div class="stack">{children}</div>
      </div>
    </Frame>
  );
}

const labels = {
  profile: "Profile",
  password: "Password",
  security: "Security",
  connections: "Connected accounts",
  sessions: "Sessions",
  tokens: "Tokens",
  organizations: "Organizations",
  appearance: "Appearance",
};

function addressOf(page: AccountPage): string {
  return page === "profile" ? "/account" : paths.account(page);
}
