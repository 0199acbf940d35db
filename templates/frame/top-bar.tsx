import { paths } from "../paths.ts";
import type { FrameData } from "./shell.ts";
import { MenuItem } from "../parts/button.tsx";
import { Avatar } from "../parts/feed.tsx";
import { Icon } from "../parts/icon.tsx";
import type { IconName } from "../parts/icons.ts";

/** A part without `href` is where one is. */
export type PathPart = { label: string; href?: string; mono?: boolean };

export function TopBar({ shell, path }: { shell: FrameData; path: PathPart[] }) {
  return (
    <header class="top-bar">
      <Switcher shell={shell} />
      <nav aria-label="Path" class="path-place">
        <ol class="path">
          {path.map(({ label, href, mono }) => (
            <li class={[mono && "mono"]}>
              {href === undefined ? <span aria-current="page">{label}</span> : <a href={href}>{label}</a>}
            </li>
          ))}
        </ol>
      </nav>
      <SearchOpener organization={shell.organization?.slug ?? null} />
      <ViewerMenu shell={shell} />
    </header>
  );
}

function Switcher({ shell: { organization, organizations } }: { shell: FrameData }) {
  const name = organization?.name ?? "Organizations";
  return (
    <details class="menu switcher">
      <summary>
        <span class="monogram" aria-hidden="true">
          {[...name][0]?.toLowerCase()}
        </span>
        <span class="name">{name}</span>
        <Icon name="chevrons-up-down" small />
        <span class="visually-hidden">, switch organization</span>
      </summary>
      <div class="menu-list">
        {organizations.map((each) => (
          <MenuItem href={paths.organization(each.slug)} current={each.slug === organization?.slug}>
            {each.name}
          </MenuItem>
        ))}
        {organizations.length > 0 ? <hr /> : null}
        <MenuItem href="/organizations" icon="building-2">
          All organizations
        </MenuItem>
      </div>
    </details>
  );
}

function SearchOpener({ organization }: { organization: string | null }) {
  const query = organization === null ? "" : `?organization=${organization}`;
  return (
    <a
      class="search-opener"
      href={`/palette${query}`}
      data-dialog="palette"
      aria-keyshortcuts="/ Control+K Meta+K"
    >
      <Icon name="search" />
      <span class="words">Find a package or action</span>
      <span class="key" data-ctrl data-mac="⌘K" aria-hidden="true">
        Ctrl K
      </span>
    </a>
  );
}

const themes: { value: FrameData["viewer"]["theme"]; word: string; icon: IconName }[] = [
  { value: "system", word: "System", icon: "monitor" },
  { value: "light", word: "Light", icon: "sun" },
  { value: "dark", word: "Dark", icon: "moon" },
];

function ViewerMenu({ shell: { viewer, docs } }: { shell: FrameData }) {
  return (
    <details class="menu at-end of-viewer">
      <summary title={viewer.name}>
        <Avatar name={viewer.name} />
        <span class="visually-hidden">{`Account of ${viewer.name}`}</span>
      </summary>
      <div class="menu-list">
        <p class="menu-note">
          {viewer.name}
          <br />
          {viewer.email}
        </p>
        <MenuItem href="/account" icon="user">
          Account
        </MenuItem>
        {viewer.jobs === undefined ? null : (
          <MenuItem href={viewer.jobs} icon="list-checks">
            Jobs
          </MenuItem>
        )}
        {viewer.operations === undefined ? null : (
          <MenuItem href={viewer.operations.href} icon="server">
            Operations
          </MenuItem>
        )}
        {viewer.isAdmin ? (
          <MenuItem href="/outbox" icon="mail">
            Outbox
          </MenuItem>
        ) : null}
        <MenuItem href={docs} icon="book-open">
          Docs
        </MenuItem>
        <button
          type="button"
          class="menu-item"
          data-dialog="shortcuts"
          data-scripted
          hidden
          aria-keyshortcuts="?"
        >
          <Icon name="keyboard" />
          <span>Keyboard shortcuts</span>
        </button>
        <hr />
        <form method="post" action="/account/theme" hx-post="/account/theme" hx-swap="none">
          {themes.map(({ value, word, icon }) => (
            <button
              class="menu-item"
              name="theme"
              value={value}
              aria-pressed={viewer.theme === value ? "true" : "false"}
            >
              <Icon name={icon} />
              <span>
                <span class="visually-hidden">Theme: </span>
                {word}
              </span>
            </button>
          ))}
        </form>
        <hr />
        <form method="post" action="/sign-out">
          <button class="menu-item">
            <Icon name="log-out" />
            <span>Sign out</span>
          </button>
        </form>
      </div>
    </details>
  );
}
