// Sample pages made of every part in every state, answered on the loopback with the headers of real pages.
import { html } from "../../src/http/answers.ts";
import { readPublicFiles } from "../../src/http/assets.ts";
import type { Markup } from "../../templates/jsx/jsx-runtime.ts";
import type { Assets } from "../../templates/frame/layout.tsx";
import { ErrorPage } from "../../templates/frame/error.tsx";
import { PaletteResults, Matched } from "../../templates/palette/palette.tsx";
import { Jobs } from "./samples/jobs.tsx";
import { SecondFactor, Setup, SignIn } from "./samples/outside.tsx";
import { Overview } from "./samples/overview.tsx";
import { Package } from "./samples/package.tsx";
import { Packages } from "./samples/packages.tsx";
import { Repository } from "./samples/repository.tsx";
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
  error: ({ asset }) => (
    <ErrorPage appName="Pricore" title="Page not found" message="No such file." asset={asset} status={404} />
  ),
};

export type Gallery = {
  url: string;
  posted: string[];
  /** Ends the streams of events and refuses new ones until `heal`. */
  cut(): void;
  heal(): void;
  stop(): Promise<void>;
};

type Live = { isCut: boolean; ends: Set<() => void> };

export function startGallery(): Gallery {
  const files = readPublicFiles();
  const posted: string[] = [];
  const live: Live = { isCut: false, ends: new Set() };
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      if (request.method === "POST") {
        posted.push(`${pathname} ${await request.text()}`);
        return new Response(null, { status: 204 });
      }
      if (pathname === "/live") return events(live);
      // The counts of the rail do not change here.
      if (pathname.endsWith("/rail")) return new Response(null, { status: 204 });
      if (pathname === "/palette") return html(found(searchParams.get("q") ?? "").html);
      const page = samples[pathname.slice(1)];
      if (page) return html(page({ asset: files.address }).html);
      return (await files.answer(pathname, request)) ?? new Response("No such page.", { status: 404 });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    posted,
    cut() {
      live.isCut = true;
      for (const end of live.ends) end();
    },
    heal: () => void (live.isCut = false),
    stop: () => server.stop(true),
  };
}

function found(wanted: string): Markup {
  const packages = ["acme/billing", "acme/billing-contracts", "acme/mailer"].filter((name) =>
    name.includes(wanted),
  );
  return (
    <PaletteResults
      query={wanted}
      groups={[
        {
          label: "Packages",
          found: packages.map((name) => ({
            href: `/package?${name}`,
            icon: "package",
            name: (
              <code>
                <Matched text={name} query={wanted} />
              </code>
            ),
            note: "v3.4.2 · checked 1 min ago",
          })),
        },
      ]}
    />
  );
}

/** An event every 50 ms. */
function events(live: Live): Response {
  if (live.isCut) return new Response("Not now.", { status: 503 });
  const event = new TextEncoder().encode('event: sync\ndata: {"repository":"billing"}\n\n');
  let isGone = false;
  let end = () => {};
  const body = new ReadableStream({
    start(controller) {
      const timer = setInterval(() => controller.enqueue(event), 50);
      live.ends.add(
        (end = () => {
          live.ends.delete(end);
          clearInterval(timer);
          if (!isGone) controller.close();
        }),
      );
    },
    cancel() {
      isGone = true;
      end();
    },
  });
  return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
}
