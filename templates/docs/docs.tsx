// The documentation: a list of its pages, and each of them with the menu of all.
import type { PublicFrame } from "../frame/bare.tsx";
import { Frame } from "../frame/frame.tsx";
import { Layout, Wordmark } from "../frame/layout.tsx";
import type { FrameData } from "../frame/shell.ts";
import { raw, type Child } from "../jsx/jsx-runtime.ts";
import { PageHead } from "../parts/head.tsx";
import { SideMenu } from "../parts/tabs.tsx";

export type DocsProps = {
  /** Where the documentation is: /docs. */
  base: string;
  pages: { name: string; label: string; about: string }[];
  /** The name of the page; null on the list of all. */
  current: string | null;
} & ({ shell: FrameData; outside: null } | { shell: null; outside: PublicFrame });

type DocsText = { title: string; html: string; contents: { id: string; title: string }[] };

export function DocsIndexPage(props: DocsProps) {
  const { base, pages } = props;
  return (
    <DocsFrame {...props} title="Docs">
      <PageHead title="Docs" about="How to use, run and understand Pricore." />
      <dl class="docs-list">
        {pages.map(({ name, label, about }) => (
          <div>
            <dt>
              <a href={`${base}/${name}`}>{label}</a>
            </dt>
            <dd class="secondary">{about}</dd>
          </div>
        ))}
      </dl>
    </DocsFrame>
  );
}

export function DocsTextPage({ text, ...props }: DocsProps & { text: DocsText }) {
  const { title, html, contents } = text;
  return (
    <DocsFrame {...props} title={title}>
      <PageHead title={title} />
      {contents.length < 2 ? null : (
        <nav class="docs-contents" aria-label="On this page">
          <ul>
            {contents.map((each) => (
              <li>
                <a href={`#${each.id}`}>{each.title}</a>
              </li>
            ))}
          </ul>
        </nav>
      )}
      <article class="readme docs-text" hx-ignore="true">
        {raw(html)}
      </article>
    </DocsFrame>
  );
}

function DocsFrame(props: DocsProps & { title: string; children?: Child }) {
  const { shell, outside, base, pages, current, title, children } = props;
  const items = pages.map(({ name, label }) => ({
    href: `${base}/${name}`,
    text: label,
    current: name === current,
  }));
  const content = (
    <div class="columns has-menu">
      <SideMenu label="Docs" items={items} />
      <div class="stack">{children}</div>
    </div>
  );
  const path = [...(current === null ? [] : [{ label: "Docs", href: base }]), { label: title }];
  if (shell)
    return (
      <Frame shell={shell} title={title} section="docs" path={path}>
        {content}
      </Frame>
    );
  return (
    <OpenFrame outside={outside} title={title} next={current === null ? base : `${base}/${current}`}>
      {content}
    </OpenFrame>
  );
}

/** The frame for visitors who are not signed in. */
function OpenFrame(props: { outside: PublicFrame; title: string; next: string; children?: Child }) {
  const { outside, title, next, children } = props;
  return (
    <Layout title={title} appName={outside.appName} asset={outside.asset}>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header class="steps-bar">
        <Wordmark />
        <span class="host">{new URL(outside.appUrl).host}</span>
        <a class="way-out" href={`/sign-in?next=${encodeURIComponent(next)}`}>
          Sign in
        </a>
      </header>
      <main class="page" id="content" tabindex="-1">
        {children}
      </main>
    </Layout>
  );
}
