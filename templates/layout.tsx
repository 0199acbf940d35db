import type { Child } from "./jsx/jsx-runtime.ts";

export type Assets = (path: string) => string;
export type Theme = "system" | "light" | "dark";

const styles = ["tokens.css", "base.css", "frame.css", "forms.css", "tables.css", "states.css", "charts.css"];
const scripts = [
  "htmx.js",
  "hx-sse.js",
  "copy.js",
  "dialogs.js",
  "palette.js",
  "page.js",
  "address.js",
  "passkeys.js",
];

/** Nothing inline, requests to this server only; Back asks the server again. */
const htmxConfig = JSON.stringify({
  mode: "same-origin",
  history: "reload",
  includeIndicatorCSS: false,
  extensions: "sse",
  // What somebody has opened stays open when its page follows along.
  morphIgnore: ["data-htmx-powered", "open"],
});

/** `{ title; appName; asset; theme?; organization?; body?; onward?; children }`: the one HTML document. Browser title: page,
 * organization, app. `body` is the class of the body, `onward` where the browser goes at once; pages use Frame, Bare or Steps. */
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
        <link rel="icon" href={asset("favicon.svg")} type="image/svg+xml" />
        {styles.map((name) => (
          <link rel="stylesheet" href={asset(name)} />
        ))}
        {scripts.map((name) => (
          <script src={asset(name)} defer />
        ))}
      </head>
      <body class={body}>{children}</body>
    </html>
  );
}

/** `{ href }`: the caret and the name. */
export function Wordmark({ href = "/" }: { href?: string }) {
  return (
    <a class="wordmark" href={href} aria-label="pricore, start page">
      <svg viewBox="0 0 10 12" width="10" height="12" aria-hidden="true">
        <path d="M1.8 6.6 5 2.6l3.2 4" fill="none" stroke="currentColor" stroke-width="2.2" />
      </svg>
      <span class="letters">pricore</span>
    </a>
  );
}
