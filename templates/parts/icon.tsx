import { sprite, type IconName } from "./icons.ts";

/** Decorative, hidden from screen readers. 16 px, 14 when small. */
export function Icon(props: { name: IconName; small?: boolean; turns?: boolean; class?: string }) {
  const { name, small, turns, class: more } = props;
  return (
    <svg class={["icon", small && "is-small", turns && "turns", more]} aria-hidden="true">
      <use href={`${sprite}#${name}`} />
    </svg>
  );
}
