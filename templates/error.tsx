import type { Child } from "./jsx/jsx-runtime.ts";
import { Layout, Wordmark, type Assets } from "./layout.tsx";

export type ErrorProps = {
  appName: string;
  title: string;
  message: Child;
  asset: Assets;
  /** Shown large: 404. */
  status?: number;
  /** The way on; the start page when left out. */
  actions?: Child;
};

/** `{ appName; title; message; asset; status?; actions? }`: an error as a page of its own, for whoever is asking. */
export function ErrorPage({ appName, asset, ...mistake }: ErrorProps) {
  return (
    <Layout title={mistake.title} appName={appName} asset={asset}>
      <header class="steps-bar">
        <Wordmark />
      </header>
      <main class="steps-page" id="content">
        <Mistake {...mistake} />
      </main>
    </Layout>
  );
}

/** `{ title; message; status?; actions? }`: an error inside a frame: what is the case, then one or two ways on. */
export function Mistake({ title, message, status, actions }: Omit<ErrorProps, "appName" | "asset">) {
  return (
    <div class="mistake">
      {status === undefined ? <span /> : <p class="code">{status}</p>}
      <div class="words">
        <h1>{title}</h1>
        <p>{message}</p>
        {actions ?? (
          <p>
            <a class="button" href="/">
              Go to the start page
            </a>
          </p>
        )}
      </div>
    </div>
  );
}
