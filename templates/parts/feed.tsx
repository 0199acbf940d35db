import type { Child } from "../jsx/jsx-runtime.ts";
import { Icon } from "./icon.tsx";
import type { IconName } from "./icons.ts";
import { Time } from "./time.tsx";

export type Entry = {
  /** Somebody's name, or the icon of what the server did. */
  by: { person: string } | { icon: IconName; failed?: boolean };
  /** One sentence; what it is about in <b> or <code>. */
  what: Child;
  at: number;
  id?: string;
};

/** `{ entries: { by; what; at }[]; now; id? }`: who did what, newest first. */
export function Feed({ entries, now, id }: { entries: Entry[]; now: number; id?: string }) {
  return (
    <ul class="feed" id={id}>
      {entries.map(({ by, what, at, id }) => (
        <li id={id}>
          {"person" in by ? (
            <Avatar name={by.person} small />
          ) : (
            <Icon name={by.icon} class={by.failed ? "is-failed" : undefined} />
          )}
          <span class="what">{what}</span>
          <Time at={at} now={now} short />
        </li>
      ))}
    </ul>
  );
}

/** `{ name; small? }`: initials of a person: two, or one when small. Decoration beside the name. */
export function Avatar({ name, small }: { name: string; small?: boolean }) {
  return (
    <span class={["avatar", small && "is-small"]} aria-hidden="true">
      {initials(name, small ? 1 : 2)}
    </span>
  );
}

/** "Ann Smith" → "AS", "ann" → "AN". */
export function initials(name: string, length: 1 | 2): string {
  const words = name.trim().split(/\s+/);
  const [first = "", last = ""] = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  const letters = last ? [...first].slice(0, 1).concat([...last].slice(0, 1)) : [...first];
  return letters.slice(0, length).join("").toUpperCase();
}
