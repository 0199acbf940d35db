import type { Child } from "../jsx/jsx-runtime.ts";
import { Icon } from "./icon.tsx";
import type { IconName } from "./icons.ts";

type ButtonStyle = {
  /** Secondary (outline) when left out; one primary in view at most. `wanted` is quiet, in the accent color. */
  variant?: "primary" | "quiet" | "wanted";
  /** 26 px instead of 32. */
  small?: boolean;
  /** As wide as its place, 40 px: sign-in. */
  wide?: boolean;
  /** Red: filled where the act itself is, an outline where it only leads there, and in rows under the pointer. */
  destroys?: boolean;
  icon?: IconName;
};

type Attributes = { [name: `hx-${string}` | `data-${string}` | `aria-${string}`]: string | undefined };

/**
 * `busy` is the word while its form or itself is asking ("Adding…"); the width stays. With `label` and no children
 * it is an icon alone.
 */
export function Button(
  props: ButtonStyle &
    Attributes & {
      type?: "submit" | "button";
      name?: string;
      value?: string;
      disabled?: boolean;
      busy?: string;
      form?: string;
      label?: string;
      autofocus?: boolean;
      children?: Child;
    },
) {
  const { variant, small, wide, destroys, icon, type = "submit", busy, label, children, ...rest } = props;
  const classes = classesOf({ variant, small, wide, destroys }, children === undefined, busy !== undefined);
  const content = [icon ? <Icon name={icon} small={small} /> : null, children];
  return (
    <button type={type} class={classes} aria-label={label} title={label} {...rest}>
      {busy === undefined ? (
        content
      ) : (
        <>
          <span class="idle">{content}</span>
          <span class="while">{busy}</span>
        </>
      )}
    </button>
  );
}

/** A link that looks like a button. `dialog` is the id of the dialog that it opens when scripts run. */
export function ButtonLink(
  props: ButtonStyle & Attributes & { href: string; label?: string; dialog?: string; children?: Child },
) {
  const { variant, small, wide, destroys, icon, href, label, dialog, children, ...rest } = props;
  const classes = classesOf({ variant, small, wide, destroys }, children === undefined, false);
  return (
    <a href={href} class={classes} aria-label={label} title={label} data-dialog={dialog} {...rest}>
      {icon ? <Icon name={icon} small={small} /> : null}
      {children}
    </a>
  );
}

/** Buttons in a row. */
export function Actions({ children }: { children?: Child }) {
  return <div class="actions">{children}</div>;
}

/** The way back, after the act on every page and in every dialog. */
export function Cancel({ href }: { href: string }) {
  return (
    <ButtonLink href={href} variant="quiet" data-close="">
      Cancel
    </ButtonLink>
  );
}

/** The "…" button with a menu of `MenuItem`s. */
export function MoreMenu({ label, children }: { label: string; children?: Child }) {
  return (
    <details class="menu at-end">
      <summary class="button is-icon" aria-label={label} title={label}>
        <Icon name="ellipsis" />
      </summary>
      <div class="menu-list">{children}</div>
    </details>
  );
}

/** An entry of a menu. */
export function MenuItem(
  props: Attributes & {
    href: string;
    icon?: IconName;
    current?: boolean;
    destroys?: boolean;
    dialog?: string;
    children?: Child;
  },
) {
  const { href, icon, current, destroys, dialog, children, ...rest } = props;
  return (
    <a
      href={href}
      class={["menu-item", destroys && "destroys"]}
      aria-current={current ? "true" : undefined}
      data-dialog={dialog}
      {...rest}
    >
      {icon ? <Icon name={icon} /> : null}
      <span>{children}</span>
    </a>
  );
}

function classesOf(
  { variant, small, wide, destroys }: ButtonStyle,
  isIconAlone: boolean,
  works: boolean,
): unknown {
  return [
    "button",
    variant && `is-${variant}`,
    small && "is-small",
    wide && "is-wide",
    destroys && "destroys",
    isIconAlone && "is-icon",
    works && "works",
  ];
}
