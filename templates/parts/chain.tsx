import type { Child } from "../jsx/jsx-runtime.ts";
import { Icon } from "./icon.tsx";
import type { IconName } from "./icons.ts";

export type Link = {
  name: string;
  note?: Child;
  /** `aside`: it is not known, and was not needed. */
  is: "done" | "failed" | "now" | "left" | "aside";
  /** What can be done about it, where the chain is upright. */
  act?: Child;
};

const marks: Record<Link["is"], { icon: IconName; word: string }> = {
  done: { icon: "circle-check", word: "done" },
  failed: { icon: "circle-x", word: "failed" },
  now: { icon: "circle-dot-dashed", word: "now" },
  left: { icon: "circle-dashed", word: "not reached" },
  aside: { icon: "circle-minus", word: "not needed" },
};

/**
 * Steps joined by a line up to the first failure, and one sentence that says what to do. Upright there is room for
 * many steps, and for what can be done about each.
 */
export function Chain(props: { label: string; links: Link[]; advice?: Child; upright?: boolean }) {
  const { label, links, advice, upright } = props;
  return (
    <div>
      <ol class={["chain", upright && "is-upright"]} aria-label={label}>
        {links.map(({ name, note, is, act }) => (
          <li class={`is-${is}`} aria-current={is === "now" ? "step" : undefined}>
            <Icon name={marks[is].icon} />
            <p class="name">
              {name}
              <span class="visually-hidden">{`, ${marks[is].word}`}</span>
            </p>
            <p class="note">{note ?? (is === "left" ? "not reached" : null)}</p>
            {act === undefined ? null : <div class="act">{act}</div>}
          </li>
        ))}
      </ol>
      {advice === undefined ? null : <p class="advice">{advice}</p>}
    </div>
  );
}
