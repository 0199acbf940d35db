// JSX that escapes: every string in a template is text, unless `raw` marks it as markup.
import { createElement, Html } from "@elysiajs/html";

/** Finished markup; only this factory and `raw` create it. */
export class Markup {
  constructor(readonly html: string) {}
  toString(): string {
    return this.html;
  }
}

export type Child = Markup | string | number | boolean | null | undefined | Child[];
export type Props = Record<string, unknown> & { children?: Child };
export type Component = (props: never) => Markup;

// eslint-disable-next-line no-redeclare
export declare namespace JSX {
  type Element = Markup;
  type ElementType = string | Component;
  interface ElementChildrenAttribute {
    children: Child;
  }
  interface IntrinsicElements {
    [name: string]: Props;
  }
}

/** For markup that was sanitized before, such as a rendered README; for nothing else. */
export function raw(html: string): Markup {
  return new Markup(html);
}

export function jsx(type: string | ((props: Props) => Markup), props: Props): Markup {
  if (typeof type === "function") return type(props);
  const { children, ...rest } = props;
  const attributes = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name, attributeOf(value)]),
  );
  // A void element without children stays void: <meta/>.
  const html =
    children === undefined
      ? createElement(type, attributes)
      : createElement(type, attributes, htmlOf(children));
  return new Markup(String(html));
}

export const jsxs = jsx;
export const jsxDEV = jsx;

export function Fragment({ children }: { children?: Child }): Markup {
  return new Markup(htmlOf(children));
}

/** The library escapes the quotes of an attribute but not the ampersand, so `&lt;` would change its meaning. */
function attributeOf(value: unknown): unknown {
  if (typeof value === "string") return Html.escapeHtml(value);
  // An empty class list leaves out the attribute.
  if (Array.isArray(value)) return Html.escapeHtml(value.filter(Boolean).join(" ")) || undefined;
  return value;
}

function htmlOf(child: Child): string {
  if (child === null || child === undefined || typeof child === "boolean") return "";
  if (Array.isArray(child)) return child.map(htmlOf).join("");
  return child instanceof Markup ? child.html : Html.escapeHtml(String(child));
}
