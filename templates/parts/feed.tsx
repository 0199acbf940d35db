import type { Child } from "../jsx/jsx-runtime.ts";
import { Icon } from "./icon.tsx";
import type { IconName } from "./icons.ts";
import { Moment, Time } from "./time.tsx";

export type Entry = {
  /** Somebody's name, or the icon of what the server did. */
  by: { person: string } | { icon: IconName; failed?: boolean };
  /** One sentence; what it is about in <b> or <code>. */
  what: Child;
  at: number;
  id?: string;
  /** The entries that it stands for, shown on request. */
  parts?: { what: Child; at: number }[];
};

/** Who did what, newest first; `dated` with day and hour. */
export function Feed(props: { entries: Entry[]; now: number; id?: string; dated?: boolean }) {
  const { entries, now, id, dated } = props;
  return (
    <ul class="feed" id={id}>
      {entries.map(({ by, what, at, id, parts = [] }) => (
        <li id={id}>
          {"person" in by ? (
            <Avatar name={by.person} small />
          ) : (
            <Icon name={by.icon} class={by.failed ? "is-failed" : undefined} />
          )}
          <div class="what">
            {what}
            {parts.length > 1 ? <Parts parts={parts} now={now} /> : null}
          </div>
          {dated ? <Moment at={at} now={now} /> : <Time at={at} now={now} short />}
        </li>
      ))}
    </ul>
  );
}

function Parts({ parts, now }: { parts: { what: Child; at: number }[]; now: number }) {
  return (
    <details class="parts">
      <summary>{`Show all ${parts.length}`}</summary>
      <ul>
        {parts.map(({ what, at }) => (
          <li>
            <code>{what}</code>
            <Moment at={at} now={now} seconds />
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Initials of a user: two, or one when small. Decoration beside the name. */
export function Avatar({ name, small }: { name: string; small?: boolean }) {
  return (
    <span class={["avatar", small && "is-small"]} aria-hidden="true">
      {initials(name, small ? 1 : 2)}
    </span>
  );
}

/** "Ann Smith" → "AS", "ann" → "AN". */
export function initials(name: string, length: 1 | 2): string {
  const names = name.trim().split(/\s+/);
  const [first = "", last = ""] = names.length > 1 ? [names[0], names.at(-1)] : [names[0]];
  const letters = last ? [...first].slice(0, 1).concat([...last].slice(0, 1)) : [...first];
  return letters.slice(0, length).join("").toUpperCase();
}
