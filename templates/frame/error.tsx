import type { Child } from "../jsx/jsx-runtime.ts";
import { Frame } from "./frame.tsx";
import { Layout, Wordmark, type Assets } from "./layout.tsx";
import { Actions, ButtonLink } from "../parts/button.tsx";
import type { FrameData } from "./shell.ts";

type Mistake = {
  title: string;
  message: Child;
  status?: number;
  /** The way on; the dashboard when left out. */
  actions?: Child;
};

/** An error as a page of its own, for visitors who are not signed in. */
export function ErrorPage({ appName, asset, ...mistake }: Mistake & { appName: string; asset: Assets }) {
  return (
    <Layout title={mistake.title} appName={appName} asset={asset}>
      <header class="steps-bar">
        <Wordmark />
      </header>
      <main class="mistake-page" id="content">
        <MistakePart {...mistake} />
      </main>
    </Layout>
  );
}

/** The same for users who are signed in, with rail and search. */
export function FramedError({ shell, ...mistake }: Mistake & { shell: FrameData }) {
  return (
    <Frame shell={shell} title={mistake.title} section={null} path={[{ label: mistake.title }]}>
      <MistakePart {...mistake} />
    </Frame>
  );
}

/** What is the case, then one or two ways on. */
export function MistakePart({ title, message, status, actions }: Mistake) {
  return (
    <div class="mistake">
      {status === undefined ? null : <p class="code">{status}</p>}
      <h1>{title}</h1>
      <p class="prose">{message}</p>
      {actions ?? (
        <Actions>
          <ButtonLink href="/">Go to the dashboard</ButtonLink>
        </Actions>
      )}
    </div>
  );
}
