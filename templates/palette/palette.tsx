import type { Child } from "../jsx/jsx-runtime.ts";
import { Icon } from "../parts/icon.tsx";
import type { IconName } from "../parts/icons.ts";
import { CloseKey } from "./shortcuts.tsx";

export type Group = { label: string; found: Found[] };
export type Found = { href: string; icon: IconName; name: Child; note?: Child };

/** The palette of the frame, empty until it asks `GET /palette?q=…&organization=…`, which answers `PaletteResults`. */
export function PaletteDialog({ organization }: { organization: string | null }) {
  return (
    <dialog id="palette" aria-label="Find a package or action">
      <form
        action="/palette"
        hx-get="/palette"
        hx-trigger="input delay:120ms, palette"
        hx-target="#palette-results"
        hx-sync="this:replace"
      >
        {organization === null ? null : <input type="hidden" name="organization" value={organization} />}
        <div class="ask">
          <Icon name="search" />
          <input
            name="q"
            role="combobox"
            aria-label="Find a package or action"
            aria-expanded="true"
            aria-controls="palette-results"
            aria-autocomplete="list"
            autocomplete="off"
            spellcheck="false"
            placeholder="Find a package or action"
            autofocus
          />
          <CloseKey />
        </div>
      </form>
      <div class="palette-list" id="palette-results" role="listbox" aria-label="Results" />
      <p class="palette-keys" aria-hidden="true">
        <span>
          <kbd class="key">↑</kbd> <kbd class="key">↓</kbd> move
        </span>
        <span>
          <kbd class="key">↵</kbd> open
        </span>
        <span>
          <kbd class="key" data-ctrl data-mac="⌘">
            Ctrl
          </kbd>{" "}
          <kbd class="key">↵</kbd> open in a new tab
        </span>
        <span>
          <kbd class="key">&gt;</kbd> actions only
        </span>
      </p>
    </dialog>
  );
}

/** What `GET /palette` answers to htmx. Groups without an entry are left out; `name` is made with `Matched`. */
export function PaletteResults({ groups, query }: { groups: Group[]; query: string }) {
  const filled = groups.filter(({ found }) => found.length > 0);
  if (filled.length === 0)
    return (
      <p class="palette-item" role="option" aria-disabled="true" aria-selected="false">
        <Icon name="search" />
        <span class="name">
          No results for <code>{query}</code>.
        </span>
      </p>
    );
  let at = 0;
  return (
    <>
      {filled.map(({ label, found }) => (
        <div class="palette-group" role="group" aria-label={label}>
          <p class="name" aria-hidden="true">
            {label}
          </p>
          {found.map(({ href, icon, name, note }) => (
            <a
              class="palette-item"
              role="option"
              id={`palette-${at++}`}
              href={href}
              tabindex="-1"
              aria-selected={at === 1 ? "true" : "false"}
            >
              <Icon name={icon} />
              <span class="name">{name}</span>
              {note === undefined ? null : <span class="note">{note}</span>}
            </a>
          ))}
        </div>
      ))}
    </>
  );
}

/** A text whose first match of the query is marked. */
export function Matched({ text, query }: { text: string; query: string }) {
  const at = query === "" ? -1 : text.toLowerCase().indexOf(query.toLowerCase());
  if (at < 0) return <>{text}</>;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + query.length)}</mark>
      {text.slice(at + query.length)}
    </>
  );
}
