import { count as formatted } from "./numbers.ts";

type Tab = { href: string; text: string; count?: number; current?: boolean };

/** Views of one subject, as links. */
export function Tabs({ label, tabs }: { label: string; tabs: Tab[] }) {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(({ href, text, count, current }) => (
        <a href={href} aria-current={current ? "page" : undefined}>
          {text}
          {count === undefined ? null : <span class="count">{` ${formatted(count)}`}</span>}
        </a>
      ))}
    </nav>
  );
}

/** The menu at the left of the settings and the account; use inside `<div class="columns has-menu">`. */
export function SideMenu({ label, items }: { label: string; items: Tab[] }) {
  return (
    <nav aria-label={label}>
      <ul class="side-menu">
        {items.map(({ href, text, count, current }) => (
          <li>
            <a href={href} aria-current={current ? "page" : undefined}>
              {text}
              {count === undefined ? null : <span class="count">{formatted(count)}</span>}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
