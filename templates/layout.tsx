import type { Child } from "./jsx/jsx-runtime.ts";

export type Assets = (path: string) => string;

/** The frame of every page. `asset` gives the content-hashed address of a file in `public/`. */
export function Layout(props: { title: string; appName: string; asset: Assets; children?: Child }) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${props.title} · ${props.appName}`}</title>
        <link rel="icon" href={props.asset("favicon.svg")} type="image/svg+xml" />
        <link rel="stylesheet" href={props.asset("pricore.css")} />
      </head>
      <body>
        <main class="page">
          <p class="wordmark">
            <svg viewBox="0 0 10 12" width="10" height="12" aria-hidden="true">
              <path d="M1.8 6.6 5 2.6l3.2 4" fill="none" stroke="currentColor" stroke-width="2.2" />
            </svg>
            pricore
          </p>
          {props.children}
        </main>
      </body>
    </html>
  );
}
