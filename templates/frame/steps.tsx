import type { PublicFrame } from "./bare.tsx";
import type { Child } from "../jsx/jsx-runtime.ts";
import { Layout, Wordmark } from "./layout.tsx";
import { Icon } from "../parts/icon.tsx";

/** Setup: the host in the header, the steps at the left, the current step (`now` counts from 0) at the right. */
export function Steps(props: {
  outside: PublicFrame;
  title: string;
  steps: { name: string; note?: Child }[];
  now: number;
  skip?: { href: string; text: string };
  children?: Child;
}) {
  const { outside, title, steps, now, skip, children } = props;
  const { appName, appUrl, asset } = outside;
  return (
    <Layout title={title} appName={appName} asset={asset} body="setup">
      <header class="steps-bar">
        <Wordmark />
        <span class="host">{new URL(appUrl).host}</span>
        {skip ? (
          <a class="way-out" href={skip.href}>
            {skip.text}
          </a>
        ) : null}
      </header>
      <div class="steps-page">
        <nav aria-label="Setup">
          <ol class="steps-list">
            {steps.map(({ name, note }, index) => (
              <li
                class={["step", index < now && "is-done", index === now && "is-now"]}
                aria-current={index === now ? "step" : undefined}
              >
                <span class="mark" aria-hidden="true">
                  {index < now ? <Icon name="check" small /> : index + 1}
                </span>
                <span class="name">
                  {name}
                  {index < now ? <span class="visually-hidden">, done</span> : null}
                </span>
                {note === undefined ? null : <span class="note">{note}</span>}
              </li>
            ))}
          </ol>
        </nav>
        <main class="stack" id="content">
          {children}
        </main>
      </div>
      <div class="visually-hidden" id="announcements" role="status" aria-live="polite" />
    </Layout>
  );
}
