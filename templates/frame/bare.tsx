import type { Child } from "../jsx/jsx-runtime.ts";
import { Layout, Wordmark, type Assets } from "./layout.tsx";
import { Icon } from "../parts/icon.tsx";
import type { IconName } from "../parts/icons.ts";

export type PublicFrame = { appName: string; appUrl: string; asset: Assets; version?: string };

/** A page for visitors who are not signed in: at the left the registry, at the right one narrow column. */
export function PublicLayout(props: {
  outside: PublicFrame;
  title: string;
  /** Above the host: "You are signing in to". */
  doing?: string;
  /** Below the host. */
  about?: string;
  /** Where the browser goes by itself. */
  onward?: string;
  children?: Child;
}) {
  const { outside, title, doing, about, onward, children } = props;
  const { appName, appUrl, asset, version } = outside;
  return (
    <Layout title={title} appName={appName} asset={asset} body="bare" onward={onward}>
      <header class="bare-side">
        <div>
          <Wordmark />
        </div>
        <div class="stack is-tight">
          {doing === undefined ? null : <p class="small muted">{doing}</p>}
          <p class="host">{new URL(appUrl).host}</p>
          {about === undefined ? null : <p class="secondary">{about}</p>}
        </div>
        <p class="feet">{version}</p>
      </header>
      <main class="bare-page" id="content">
        <div class="stack">{children}</div>
      </main>
      <div class="visually-hidden" id="announcements" role="status" aria-live="polite" />
    </Layout>
  );
}

/** The title of a bare page and one sentence below it. */
export function PublicHead({ title, children }: { title: Child; children?: Child }) {
  return (
    <header class="stack is-tight">
      <h1>{title}</h1>
      {children === undefined ? null : <p class="prose">{children}</p>}
    </header>
  );
}

/** The two bars above a sign-in in two steps; `now` counts from 0. */
export function FactorSteps({ steps, now }: { steps: string[]; now: number }) {
  return (
    <ol class="factor-steps" aria-label="Steps">
      {steps.map((step, index) => (
        <li
          class={[index < now && "is-done", index === now && "is-now"]}
          aria-current={index === now ? "step" : undefined}
        >
          {index < now ? <Icon name="check" small /> : null}
          {step}
          {index < now ? <span class="visually-hidden">, done</span> : null}
        </li>
      ))}
    </ol>
  );
}

/** Other ways to sign in, as lines with a chevron. */
export function OtherWays(props: { ways: { href: string; icon: IconName; text: string; note?: string }[] }) {
  return (
    <ul class="other-ways">
      {props.ways.map(({ href, icon, text, note }) => (
        <li>
          <a href={href}>
            <Icon name={icon} />
            <span class="words">{text}</span>
            {note === undefined ? null : <span class="small muted">{note}</span>}
            <Icon name="chevron-right" small />
          </a>
        </li>
      ))}
    </ul>
  );
}
