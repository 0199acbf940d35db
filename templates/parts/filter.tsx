import type { Child } from "../jsx/jsx-runtime.ts";
import { Icon } from "./icon.tsx";
import { MenuItem } from "./button.tsx";

/** Off, an outline that opens a menu of links; on ("Type: library"), a link to the page without it (`clear`). */
export function FilterChip(props: {
  label: string;
  value?: string;
  clear?: string;
  options?: { href: string; text: string; count?: number }[];
}) {
  const { label, value, clear, options = [] } = props;
  if (value !== undefined && clear !== undefined)
    return (
      <a class="chip is-on" href={clear}>
        <span class="words">{`${label}: ${value}`}</span>
        <Icon name="x" small />
        <span class="visually-hidden">remove this filter</span>
      </a>
    );
  return (
    <details class="menu">
      <summary class="chip">
        {label}
        <Icon name="chevron-down" small />
      </summary>
      <div class="menu-list">
        {options.map(({ href, text, count }) => (
          <MenuItem href={href}>
            {text}
            {count === undefined ? null : <span class="muted">{` ${count}`}</span>}
          </MenuItem>
        ))}
      </div>
    </details>
  );
}

/** A chip that opens a small form. */
export function FilterPanel({ label, children }: { label: string; children?: Child }) {
  return (
    <details class="menu">
      <summary class="chip">
        {label}
        <Icon name="chevron-down" small />
      </summary>
      <div class="menu-list is-form">{children}</div>
    </details>
  );
}

/**
 * A search field and chips in a row; a GET form, so that what was searched is in the URL. `keep` are the other
 * parameters of the address. With `target` (a CSS selector) htmx swaps that part while one types, or, when asking is
 * `dear`, once it is sent.
 */
export function Filters(props: {
  action: string;
  name?: string;
  value?: string;
  placeholder: string;
  label: string;
  keep?: Record<string, string>;
  target?: string;
  dear?: boolean;
  tally?: { visible: number; total: number; clear: string };
  children?: Child;
}) {
  const { action, name = "q", value, placeholder, label, keep = {}, target, dear, tally, children } = props;
  const live = target
    ? {
        "hx-get": action,
        "hx-trigger": dear ? "submit" : "input delay:200ms, submit",
        "hx-target": target,
        "hx-select": target,
        // The field itself may be in that part: it keeps the focus and what is being typed.
        "hx-swap": "outerMorph",
        "hx-replace-url": "true",
      }
    : {};
  return (
    <div class="filters">
      <form class="search-field" action={action} role="search" {...live}>
        <Icon name="search" />
        <input
          class="input"
          type="search"
          name={name}
          value={value}
          placeholder={placeholder}
          aria-label={label}
          autocomplete="off"
        />
        {Object.entries(keep).map(([key, kept]) => (
          <input type="hidden" name={key} value={kept} />
        ))}
      </form>
      {children}
      {tally ? (
        <p class="tally">
          <span class="num">{`${tally.visible} of ${tally.total}`}</span>
          <a href={tally.clear}>Clear</a>
        </p>
      ) : null}
    </div>
  );
}

/** A few exclusive choices as links (1 h, 24 h, 7 d). */
export function Choices(props: {
  label: string;
  framed?: boolean;
  options: { href: string; text: string; count?: number; current?: boolean }[];
}) {
  return (
    <nav class={["choices", props.framed && "is-framed"]} aria-label={props.label}>
      {props.options.map(({ href, text, count, current }) => (
        <a href={href} aria-current={current ? "true" : undefined}>
          {text}
          {count === undefined ? null : <span class="count">{` ${count}`}</span>}
        </a>
      ))}
    </nav>
  );
}
