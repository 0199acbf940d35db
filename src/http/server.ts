// Listens: the reads of Composer by the shortest way, everything else by the map, and the checks before both.
import type { App } from "../app.ts";
import { dataVersion } from "../store/engine/data-version.ts";
import type { Access } from "./access.ts";
import { composerFailure, refusedAnswer } from "./answers.ts";
import { bodyCapBytes, createRequestGuard, webhookBytes, type RouteLimits } from "./request/guard.ts";
import { createTokenAuth } from "./composer/token-auth.ts";
import { readDist, readPackage, readRoot, type Read } from "./composer/reads.ts";
import { rememberAddress } from "./request/client.ts";
import { clientAddress } from "./request/client-address.ts";
import { createDocumentCache, documentAnswer } from "./composer/document-cache.ts";
import { documentLoader } from "./composer/load-document.ts";
import { createHealth } from "./operations/health.ts";
import { counted, createCounters, kindOf, kindOfRoute, type Counters } from "./operations/counters.ts";
import { createKnownAnswers } from "./composer/known-answers.ts";
import { watchMemory } from "./operations/memory-valve.ts";
import { createMetrics } from "./operations/metrics.ts";
import { listenFailure, refuseTakenPort } from "./port.ts";
import { publishRequest } from "./composer/request-events.ts";
import type { Guards } from "./pages.ts";
import { createPageRequests, type Pages } from "./request/page-requests.ts";
import { createWebhooks } from "./webhooks/routes.ts";
import { thenMaybe } from "./composer/maybe-async.ts";

export type RunningServer = {
  port: number;
  /** Lets running requests end, then closes what is left. */
  stop(): Promise<void>;
};

const documentCacheBytes = 64 * 1024 * 1024;
const flushEveryMs = 5000;
/** So that the first person does not wait for them either. */
const pagesAfterMs = 250;
const drainMs = 20_000;

type Answer = (request: Bun.BunRequest, server: Bun.Server<undefined>) => Response | Promise<Response>;
type Direct = { access: Access; methods: string[]; answer: Answer };

/** Fails as `unavailable` when the port is taken. */
export async function startServer(app: App): Promise<RunningServer> {
  const gate = createTokenAuth(app);
  const admission = createRequestGuard(app);
  // Composer's reads do without them, so the first of them is answered before a single page is loaded.
  let opened: Promise<Pages> | null = null;
  const pages = () =>
    (opened ??= import("./pages.ts").then(({ openPages }) => openPages(app, { gate, admission })));
  const pageRequests = createPageRequests(app, { admission, pages });
  const counters = createCounters();
  const direct = Object.entries(directRoutes(app, { gate, admission }, counters));
  const answer = async (request: Request, server: Bun.Server<undefined>): Promise<Response> => {
    try {
      rememberAddress(request, addressOf(app, request, server));
      return await pageRequests.answer(request, () => server.timeout(request, 0));
    } catch (error) {
      return composerFailure(app, request, error);
    }
  };
  const server = listen(app, {
    routes: Object.fromEntries(
      direct.map(([path, { answer }]) => {
        const kind = kindOfRoute[path] ?? "page";
        return [path, (request, server) => counted(counters, kind, answer(request, server))];
      }),
    ),
    fetch: (request, server) => {
      const path = URL.parse(request.url)?.pathname ?? "";
      return counted(counters, kindOf(path), answer(request, server));
    },
  });
  const unwatch = watchMemory();
  const timer = setInterval(() => void gate.flush(), flushEveryMs);
  const warming = setTimeout(() => void pages().catch(() => {}), pagesAfterMs);
  return {
    port: server.port ?? app.config.port,
    async stop() {
      unwatch();
      clearInterval(timer);
      clearTimeout(warming);
      (await opened?.catch(() => null))?.close();
      const stopped = server.stop(false);
      // Idle connections would keep it open; what runs may end.
      const deadline = performance.now() + drainMs;
      while (server.pendingRequests > 0 && performance.now() < deadline) {
        server.closeIdleConnections();
        await Bun.sleep(20);
      }
      void server.stop(true);
      await stopped;
      await gate.flush();
    },
  };
}

/** What Bun's own router answers: the reads of Composer, the pushes of forges, and whether this process is well. */
export function directRoutes(
  app: App,
  { gate, admission }: Guards,
  counters: Counters = createCounters(),
): Record<string, Direct> {
  const load = documentLoader(app.db, app.bodies);
  const known = createKnownAnswers();
  const documents = createDocumentCache(app.db, {
    load,
    maxBytes: documentCacheBytes,
    onForget: known.forget,
  });
  const withToken =
    (give: (read: Read) => Response | Promise<Response>): Answer =>
    (request, server) => {
      const fail = (error: unknown) => composerFailure(app, request, error);
      try {
        const version = dataVersion(app.db);
        const again = app.events.watchesRequests ? null : known.find(request, version);
        if (again) return again;
        rememberAddress(request, addressOf(app, request, server));
        const refused =
          admission.refuseHost(request) ??
          admission.refuseCredentialInAddress(request) ??
          admission.refuseBody(request, noBody);
        if (refused) return refused;
        const params = request.params as Record<string, string>;
        const slug = params["organization"] ?? "";
        const answer = thenMaybe(gate.read(slug, request, version), (reader) => {
          const given =
            "refused" in reader
              ? refusedAnswer(app, reader)
              : give({
                  ...{ app, documents, request, reader, params, version },
                  answer(document) {
                    known.keep(request, { reader, document, version });
                    return documentAnswer(document, request);
                  },
                });
          return app.events.watchesRequests ? publishRequest(app, { request, slug, reader }, given) : given;
        });
        const watched = thenMaybe(answer, (given) => admission.watch(request, given));
        return watched instanceof Promise ? watched.catch(fail) : watched;
      } catch (error) {
        return fail(error);
      }
    };
  const health = createHealth(app);
  const receive = createWebhooks(app, admission);
  const cache = () => {
    const figures = documents.figures();
    return { ...figures, hits: figures.hits + known.given() };
  };
  const metrics = createMetrics(app, { counters, cache });
  const ofToken = { access: "token", methods: read } as const;
  return {
    "/:organization/packages.json": { ...ofToken, answer: withToken(readRoot) },
    "/:organization/p2/:vendor/:file": { ...ofToken, answer: withToken(readPackage) },
    "/:organization/dists/:vendor/:name/*": { ...ofToken, answer: withToken(readDist) },
    // A forge has no token of ours: the signature over the body is its credential.
    "/webhooks/:provider/:repository": {
      access: "signature",
      methods: ["POST"],
      answer: (request, server) => {
        rememberAddress(request, addressOf(app, request, server));
        const refused =
          admission.refuseHost(request) ??
          admission.refuseCredentialInAddress(request, inHeader) ??
          admission.refuseBody(request, { methods: ["POST"], bodyBytes: webhookBytes });
        return refused ?? receive(request);
      },
    },
    // Whoever watches this process may know it by another name: no host is asked of it.
    "/health": {
      access: "anyone",
      methods: read,
      answer: (request) => admission.refuseBody(request, noBody) ?? health(request),
    },
    "/metrics": {
      access: "loopback",
      methods: read,
      answer: (request, server) => {
        const refused = admission.refuseBody(request, noBody);
        if (refused) return refused;
        const peer = server.requestIP(request)?.address ?? "";
        return metrics(request, peer).catch((error: unknown) => composerFailure(app, request, error));
      },
    },
  };
}

const read = ["GET"];
const noBody: RouteLimits = { methods: read, bodyBytes: 0 };
const inHeader = "Send the secret of a webhook as the header X-Webhook-Token, or sign the body with it.";

function addressOf(app: App, request: Request, server: Bun.Server<undefined>): string {
  const peer = server.requestIP(request)?.address ?? "";
  return clientAddress(peer, request.headers.get("x-forwarded-for"), app.config.trustedProxies);
}

type Handlers = {
  routes: Record<string, Answer>;
  fetch: (request: Request, server: Bun.Server<undefined>) => Response | Promise<Response>;
};

function listen(app: App, { routes, fetch }: Handlers) {
  const { host, port } = app.config;
  refuseTakenPort({ host, port });
  try {
    const limits = { maxRequestBodySize: bodyCapBytes, idleTimeout: 30 };
    const options = { development: false, reusePort: false, ...limits };
    return Bun.serve({ hostname: host, port, routes, fetch, ...options });
  } catch (error) {
    throw listenFailure({ host, port }, error);
  }
}
