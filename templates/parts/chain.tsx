import type { Child } from "../jsx/jsx-runtime.ts";
import { Icon } from "./icon.tsx";
import type { IconName } from "./icons.ts";

export type Link = { name: string; note?: Child; is: "done" | "failed" | "now" | "left" };

const marks: Record<Link["is"], { icon: IconName; word: string }> = {
  done: { icon: "circle-check", word: "done" },
  failed: { icon: "circle-x", word: "failed" },
  now: { icon: "circle-dot-dashed", word: "now" },
  left: { icon: "circle-dashed", word: "not reached" },
};

/** `{ label; links: { name; note?; is }[]; advice? }`: steps joined by a line up to the first failure, and one sentence
 * that says what to do. */
export function Chain({ label, links, advice }: { label: string; links: Link[]; advice?: Child }) {
  return (
    <div>
      <ol class="chain" aria-label={label}>
        {links.map(({ name, note, is }) => (
          <li class={`is-${is}`} aria-current={is === "now" ? "step" : undefined}>
            <Icon name={marks[is].icon} />
            <p class="name">
              {name}
              <span class="spoken">{`, ${marks[is].word}`}</span>
            </p>
            <p class="note">{note ?? (is === "left" ? "not reached" : null)}</p>
          </li>
        ))}
      </ol>
      {advice === undefined ? null : <p class="advice">{advice}</p>}
    </div>
  );
}
