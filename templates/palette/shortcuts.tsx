import type { Child } from "../jsx/jsx-runtime.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Icon } from "../parts/icon.tsx";

/** What the keyboard does beside Tab and Enter; `?` opens it. */
export function ShortcutsDialog() {
  return (
    <Dialog id="shortcuts" label="Keyboard shortcuts">
      <div class="dialog">
        <header class="dialog-head">
          <h2>Keyboard shortcuts</h2>
          <CloseKey />
        </header>
        <dl class="shortcuts">
          <Shortcut text="Find a package or action">
            <Key>/</Key> or <Control />
            <Key>K</Key>
          </Shortcut>
          <Shortcut text="Find actions only">
            <Key>/</Key>
            <Key>&gt;</Key>
          </Shortcut>
          <Shortcut text="Move through the results">
            <Key>↑</Key>
            <Key>↓</Key>
          </Shortcut>
          <Shortcut text="Open it, or open it in a new tab">
            <Key>↵</Key> or <Control />
            <Key>↵</Key>
          </Shortcut>
          <Shortcut text="Close a dialog or a menu">
            <Key>Esc</Key>
          </Shortcut>
          <Shortcut text="Show these shortcuts">
            <Key>?</Key>
          </Shortcut>
        </dl>
      </div>
    </Dialog>
  );
}

/** Closes its dialog. It names the key where there are keys, and is a cross for fingers. */
export function CloseKey() {
  return (
    <button type="button" class="close-key" data-close>
      <span class="key">esc</span>
      <span class="visually-hidden"> Close</span>
      <Icon name="x" />
    </button>
  );
}

function Shortcut({ text, children }: { text: string; children?: Child }) {
  return (
    <div>
      <dt>{text}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Key({ children }: { children?: Child }) {
  return <kbd class="key">{children}</kbd>;
}

function Control() {
  return (
    <kbd class="key" data-ctrl data-mac="⌘">
      Ctrl
    </kbd>
  );
}
