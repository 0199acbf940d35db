// The server: Composer's reads by the shortest way, everything else by the pages, and the checks before both.
import type { App } from "../app.ts";
import { composerFailure } from "./answers.ts";
import { createTokenAuth } from "./composer/token-auth.ts";
import { directAnswers } from "./direct-answers.ts";
import { listenPlainly, type Answer, type Handlers, type HeldPort } from "./listen.ts";
import { socketPathOf } from "./unix-socket.ts";
import { counted, createCounters, type Counters } from "./operations/counters.ts";
import { isHealthy } from "./operations/health.ts";
import { watchMemory } from "./operations/memory-valve.ts";
import { refuseTakenPort } from "./port.ts";
import { createContext } from "./request/context.ts";
import { createRequestGuard } from "./request/guard.ts";
import { createPageRequests, type PageRequests } from "./request/page-requests.ts";
import { directRoutes, routeOf, type DirectPath } from "./routes.ts";
import { warmUp } from "./warm-up.ts";

export { holdAnyPort } from "./listen.ts";

export type RunningServer = {
  port: number;
  /** What /health would answer, asked of this server and no other one on its port. */
  isHealthy(): Promise<boolean>;
  /** Lets running requests end, then closes what is left. */
  stop(): Promise<void>;
};

const flushEveryMs = 5000;

/** `isBeside`: another server of this installation still has the port, here or in another process, and gives it up. */
export type StartOptions = { held?: HeldPort | null; isBeside?: boolean };

/** Takes over the held port, or listens. Fails as `unavailable` when another program has the port. */
export async function startServer(
  app: App,
  { held = null, isBeside = false }: StartOptions = {},
): Promise<RunningServer> {
  if (!isBeside && !held) refuseTakenPorts(app);
  const guards = { tokenAuth: createTokenAuth(app), guard: createRequestGuard(app) };
  const counters = createCounters();
  const answers = directAnswers(app, guards, counters);
  const warming = warmUp(async () => (await import("./pages.ts")).openPages(app, guards));
  const pageRequests = createPageRequests(app, { guard: guards.guard, pages: warming.pages });
  const handlers: Handlers = {
    routes: countedRoutes(answers, counters),
    fetch: (request, server) => {
      const path = URL.parse(request.url)?.pathname ?? "";
      return counted(counters, routeOf(path).kind, pageAnswer(app, pageRequests, { request, server }));
    },
  };
  const listening = await listen(app, handlers, held);
  warming.begin();
  const unwatch = watchMemory();
  const flushing = setInterval(() => void guards.tokenAuth.flush(), flushEveryMs);
  return {
    port: app.config.port,
    isHealthy: () => isHealthy(app),
    async stop() {
      unwatch();
      clearInterval(flushing);
      await warming.close();
      await listening.stop();
      await guards.tokenAuth.flush();
    },
  };
}

function refuseTakenPorts({ config }: App): void {
  if (socketPathOf(config) !== null) return;
  refuseTakenPort(config);
  if (config.tls.kind === "off" || config.tls.httpPort === null) return;
  refuseTakenPort({ host: config.host, port: config.tls.httpPort });
}

async function listen(
  app: App,
  handlers: Handlers,
  held: HeldPort | null,
): Promise<{ stop(): Promise<void> }> {
  const { config } = app;
  if (config.tls.kind !== "off") {
    const { listenWithTls } = await import("./tls/listening.ts");
    return listenWithTls(app, config.tls, { handlers, held });
  }
  return listenPlainly(config, handlers, held);
}

function countedRoutes(answers: Record<DirectPath, Answer>, counters: Counters): Record<string, Answer> {
  const paths = Object.keys(directRoutes) as DirectPath[];
  return Object.fromEntries(
    paths.map((path) => {
      const { kind } = directRoutes[path];
      const answer = answers[path];
      return [path, (request, server) => counted(counters, kind, answer(request, server))];
    }),
  );
}

type Arrival = { request: Request; server: Bun.Server<undefined> };

async function pageAnswer(app: App, pages: PageRequests, { request, server }: Arrival): Promise<Response> {
  try {
    return await pages.answer(createContext(app, request, server));
  } catch (error) {
    return composerFailure(app, request, error);
  }
}
