// Sample pages made of every part in every state, answered on the loopback with the headers of real pages.
import { html } from "../../src/http/answers.ts";
import { readPublicFiles } from "../../src/http/assets.ts";
import type { Markup } from "../../templates/jsx/jsx-runtime.ts";
import type { Assets } from "../../templates/layout.tsx";
import { ErrorPage } from "../../templates/error.tsx";
import { HomePage } from "../../templates/home.tsx";
import { PaletteResults, Matched } from "../../templates/palette.tsx";
import { Jobs } from "./samples/jobs.tsx";
import { SecondFactor, Setup, SignIn } from "./samples/outside.tsx";
import { Overview } from "./samples/overview.tsx";
import { Package } from "./samples/package.tsx";
import { Packages } from "./samples/packages.tsx";
import { Repository } from "./samples/repository.tsx";
import { appUrl } from "./samples/shell.ts";
import { States } from "./samples/states.tsx";
import { Tokens } from "./samples/tokens.tsx";

export const samples: Record<string, (props: { asset: Assets }) => Markup> = {
  overview: Overview,
  packages: Packages,
  package: Package,
  repository: Repository,
  tokens: Tokens,
  jobs: Jobs,
  states: States,
  "sign-in": SignIn,
  "second-factor": SecondFactor,
  setup: Setup,
  home: ({ asset }) => <HomePage appName="Pricore" appUrl={appUrl} isEmpty={false} asset={asset} />,
  error: ({ asset }) => (
    <ErrorPage
      appName="Pricore"
      title="There is nothing here"
      message="No such file."
      asset={asset}
      status={404}
    />
  ),
};

export type Gallery = { url: string; posted: string[]; stop(): Promise<void> };

export function startGallery(): Gallery {
  const files = readPublicFiles();
  const posted: string[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      if (request.method === "POST") {
        posted.push(`${pathname} ${await request.text()}`);
        return new Response(null, { status: 204 });
      }
      if (pathname === "/live") return events();
      if (pathname === "/palette") return html(found(searchParams.get("q") ?? "").html);
      const page = samples[pathname.slice(1)];
      if (page) return html(page({ asset: files.address }).html);
      return files.answer(pathname) ?? new Response("There is nothing here.", { status: 404 });
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, posted, stop: () => server.stop(true) };
}

function found(asked: string): Markup {
  const packages = ["acme/billing", "acme/billing-contracts", "acme/mailer"].filter((name) =>
    name.includes(asked),
  );
  return (
    <PaletteResults
      asked={asked}
      groups={[
        {
          label: "Packages",
          found: packages.map((name) => ({
            href: `/package?${name}`,
            icon: "package",
            name: (
              <code>
                <Matched text={name} asked={asked} />
              </code>
            ),
            note: "v3.4.2 · proven fresh 1 min ago",
          })),
        },
      ]}
    />
  );
}

/** An event every 50 ms. */
function events(): Response {
  const event = new TextEncoder().encode('event: sync\ndata: {"repository":"billing"}\n\n');
  let timer: Timer;
  const body = new ReadableStream({
    start(controller) {
      timer = setInterval(() => controller.enqueue(event), 50);
    },
    cancel: () => clearInterval(timer),
  });
  return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
}
