import type { Child } from "../jsx/jsx-runtime.ts";

export type Assets = (path: string) => string;
export type Theme = "system" | "light" | "dark";

/** The caret, without a request of its own. */
const favicon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b6275"/><path d="M8 20.5 16 11l8 9.5" fill="none" stroke="#fff" stroke-width="5.5"/></svg>',
)}`;

/** Nothing inline, requests to this server only; Back asks the server again. */
const htmxConfig = JSON.stringify({
  mode: "same-origin",
  history: "reload",
  includeIndicatorCSS: false,
  // What a user has opened stays open when its page updates.
  morphIgnore: ["data-htmx-powered", "open"],
});

/**
 * The one HTML document. Browser title: page, organization, app. `body` is the class of the body, `onward` where the
 * browser goes at once; pages use Frame, Bare or Steps.
 */
export function Layout(props: {
  title: string;
  appName: string;
  asset: Assets;
  theme?: Theme;
  organization?: string;
  body?: string;
  onward?: string;
  children?: Child;
}) {
  const { title, appName, asset, theme = "system", organization, body, onward, children } = props;
  const names = [title, organization, appName].filter(
    (name, index, all) => name && all.indexOf(name) === index,
  );
  return (
    <html lang="en" data-theme={theme === "system" ? undefined : theme}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="htmx-config" content={htmxConfig} />
        {onward === undefined ? null : <meta http-equiv="refresh" content={`0; url=${onward}`} />}
        <title>{names.join(" · ")}</title>
        <link rel="icon" href={favicon} />
        <link rel="preload" href={asset("geist.woff2")} as="font" type="font/woff2" crossorigin="anonymous" />
        <link rel="stylesheet" href={asset("app.css")} />
        <script src={asset("app.js")} defer />
      </head>
      <body class={body}>{children}</body>
    </html>
  );
}

/** The caret and the name. */
export function Wordmark({ href = "/" }: { href?: string }) {
  return (
    <a class="wordmark" href={href} aria-label="Pricore, home">
      <svg viewBox="0 0 10 12" width="10" height="12" aria-hidden="true">
        <path d="M1.8 6.6 5 2.6l3.2 4" fill="none" stroke="currentColor" stroke-width="2.2" />
      </svg>
      <span class="letters">pricore</span>
    </a>
  );
}
