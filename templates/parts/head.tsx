import type { Child } from "../jsx/jsx-runtime.ts";
import { Icon } from "./icon.tsx";
import type { IconName } from "./icons.ts";
import { vendorAndRest } from "./package-name.tsx";

/**
 * Title at the left, at most two buttons at the right, one line of `Fact`s and `State`s below. `packageName` writes
 * a name like acme/billing in mono.
 */
export function PageHead(props: {
  title?: Child;
  packageName?: string;
  about?: Child;
  facts?: Child;
  actions?: Child;
}) {
  const { title, packageName, about, facts, actions } = props;
  return (
    <header class="page-head">
      <div class="words">
        {packageName === undefined ? <h1>{title}</h1> : <NameTitle name={packageName} />}
        {about === undefined ? null : <p class="prose">{about}</p>}
        {facts === undefined ? null : <Facts>{facts}</Facts>}
      </div>
      {actions === undefined ? null : <div class="actions">{actions}</div>}
    </header>
  );
}

/** A line of facts with 16 px between them. */
export function Facts({ children }: { children?: Child }) {
  return <div class="facts">{children}</div>;
}

/** One fact of the line. */
export function Fact({ icon, mono, children }: { icon?: IconName; mono?: boolean; children?: Child }) {
  return (
    <span class={["fact", mono && "mono"]}>
      {icon ? <Icon name={icon} small /> : null}
      <span>{children}</span>
    </span>
  );
}

/** Title, gray note, a link (or `end`) at the right, a hairline below. */
export function SectionHead(props: {
  title: Child;
  note?: Child;
  link?: { href: string; text: string };
  end?: Child;
  id?: string;
}) {
  const { title, note, link, end, id } = props;
  return (
    <header class="section-head">
      <h2 id={id}>{title}</h2>
      {note === undefined ? null : <span class="note">{note}</span>}
      {link ? (
        <a class="at-end" href={link.href}>
          {link.text}
        </a>
      ) : null}
      {end === undefined ? null : <div class="at-end">{end}</div>}
    </header>
  );
}

/** A section under its head. */
export function Section(props: Parameters<typeof SectionHead>[0] & { children?: Child }) {
  const { children, ...head } = props;
  return (
    <section class="section">
      <SectionHead {...head} />
      {children}
    </section>
  );
}

function NameTitle({ name }: { name: string }) {
  const [vendor, rest] = vendorAndRest(name);
  return (
    <h1 class="mono">
      <span class="vendor">{vendor}</span>
      <span class="rest">{rest}</span>
    </h1>
  );
}
