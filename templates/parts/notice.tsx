import type { Child } from "../jsx/jsx-runtime.ts";
import { Icon } from "./icon.tsx";
import type { IconName } from "./icons.ts";

/**
 * What happened, what still works, what happens next, then links. At most one per page, below its head. `small` and
 * plain for "Live updates paused".
 */
export function Notice(props: {
  tone: "failed" | "waiting" | "fresh" | "plain";
  title: Child;
  icon?: IconName;
  links?: { href: string; text: string }[];
  small?: boolean;
  id?: string;
  children?: Child;
}) {
  const { tone, title, icon = icons[tone], links = [], small, id, children } = props;
  return (
    <section id={id} class={["notice", `is-${tone}`, small && "is-small"]}>
      <Icon name={icon} />
      <div class="words">
        <h2>{title}</h2>
        {children === undefined ? null : <div>{children}</div>}
        {links.length > 0 ? (
          <p class="links">
            {links.map(({ href, text }) => (
              <a href={href}>{text}</a>
            ))}
          </p>
        ) : null}
      </div>
    </section>
  );
}

const icons: Record<"failed" | "waiting" | "fresh" | "plain", IconName> = {
  failed: "circle-x",
  waiting: "clock",
  fresh: "circle-check",
  plain: "info",
};

/** A sunken box for a tool inside the page ("Why is my version not here?"). */
export function Well({ title, end, children }: { title?: Child; end?: Child; children?: Child }) {
  return (
    <section class="well">
      {title === undefined ? null : (
        <header>
          <h2>{title}</h2>
          {end}
        </header>
      )}
      {children}
    </section>
  );
}

/** A frame around what is happening now. */
export function Panel({ id, children }: { id?: string; children?: Child }) {
  return (
    <section class="panel" id={id}>
      {children}
    </section>
  );
}

/** An empty list: what will appear here, what makes it appear, and the control for that. */
export function Empty({ title, actions, children }: { title: Child; actions?: Child; children?: Child }) {
  return (
    <div class="empty">
      <div>
        <h2>{title}</h2>
        <p>{children}</p>
      </div>
      {actions === undefined ? null : <div>{actions}</div>}
    </div>
  );
}

/** A success message, shown for 5 s: the frame's `toast` prop, or swapped into `#toasts`. */
export function Toast({ id, children }: { id?: string; children?: Child }) {
  return (
    <div class="toast" id={id}>
      <Icon name="circle-check" />
      <div class="words">{children}</div>
      <button type="button" class="button is-quiet is-small is-icon" data-dismiss aria-label="Dismiss">
        <Icon name="x" small />
      </button>
    </div>
  );
}
