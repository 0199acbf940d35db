// The map: every route in order, the checks that stand before all of them, and what becomes of errors.
import { Elysia } from "elysia";
import { HomePage } from "../../templates/home.tsx";
import type { App } from "../app.ts";
import { invalid, notFound, unavailable, Failure, messageOf } from "../errors.ts";
import { dataVersion } from "../store/data-version.ts";
import { listOrganizations } from "../store/organizations.ts";
import { composerFailure, html, json, pageFailure, unauthenticatedAnswer } from "./answers.ts";
import { bodyCapBytes, createAdmission, refuseCredentialInAddress, withKnownBody } from "./admission.ts";
import { readPublicFiles } from "./assets.ts";
import { createTokenGate } from "./auth.ts";
import { readDist, readPackage, readRoot, type Read } from "./composer-reads.ts";
import { composerRoutes } from "./composer.ts";
import { createDocumentCache } from "./document-cache.ts";
import { createHealth } from "./operations.ts";
import { whenKnown } from "./when-known.ts";

export type RunningServer = {
  port: number;
  /** Lets running requests end, then closes what is left. */
  stop(): Promise<void>;
};

const documentCacheBytes = 64 * 1024 * 1024;
const flushEveryMs = 5000;
const drainMs = 20_000;

type ReadAnswer = (read: Read) => Response | Promise<Response>;

/** The reads of Composer, by Bun's own router. */
export const reads: Record<string, ReadAnswer> = {
  "/:organization/packages.json": readRoot,
  "/:organization/p2/:vendor/:file": readPackage,
  "/:organization/dists/:vendor/:name/:version/:file": readDist,
};

/** Fails as `unavailable` when the port is taken. */
export async function startServer(app: App): Promise<RunningServer> {
  const gate = createTokenGate(app);
  const documents = createDocumentCache(app.db, documentCacheBytes);
  const pages = createPages(app, gate);
  const refuse = createAdmission(app.config.appUrl);

  const answerRead = (read: ReadAnswer) => (request: Bun.BunRequest) => {
    const fail = (error: unknown) => composerFailure(app, request, error);
    try {
      const refused = refuse(request) ?? refuseCredentialInAddress(request);
      if (refused) return refused;
      if (!isRead(request)) return wrongMethod(["GET"]);
      const version = dataVersion(app.db);
      const params = request.params as Record<string, string>;
      const answer = whenKnown(gate.read(params["organization"] ?? "", request, version), (reader) =>
        "refused" in reader
          ? unauthenticatedAnswer(reader.refused)
          : read({ app, documents, request, reader, params, version }),
      );
      return answer instanceof Promise ? answer.catch(fail) : answer;
    } catch (error) {
      return fail(error);
    }
  };

  const health = createHealth(app);
  const routes = Object.fromEntries(Object.entries(reads).map(([path, read]) => [path, answerRead(read)]));
  const server = listen(app, {
    // Whoever watches this process may know it by another name: no host is asked of /health.
    routes: { ...routes, "/health": (request) => (isRead(request) ? health() : wrongMethod(["GET"])) },
    fetch: async (request) => {
      try {
        const known = refuse(request) ?? (await withKnownBody(request));
        return known instanceof Response ? known : await pages.fetch(known);
      } catch (error) {
        return composerFailure(app, request, error);
      }
    },
  });
  const timer = setInterval(() => void gate.flush(), flushEveryMs);
  return {
    port: server.port ?? app.config.port,
    async stop() {
      clearInterval(timer);
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

export function createPages(app: App, gate: ReturnType<typeof createTokenGate>) {
  const files = readPublicFiles();
  const pages = new Elysia({ aot: true })
    .onError(({ error, code, request, path }) => {
      const allowed = code === "NOT_FOUND" ? methodsOf(pages, path) : [];
      if (allowed.length > 0) return wrongMethod(allowed);
      const failure = failureOf(error, code);
      const accepts = request.headers.get("accept") ?? "";
      if (accepts.includes("text/html"))
        return pageFailure(app, request, { error: failure, asset: files.address });
      return composerFailure(app, request, failure);
    })
    .get("/assets/*", ({ path }) => {
      const answer = files.answer(path);
      if (!answer) throw notFound("There is no such file.");
      return answer;
    })
    .get("/", async () => {
      const { appName, appUrl } = app.config;
      const isEmpty = (await listOrganizations(app.db)).length === 0;
      return html(HomePage({ appName, appUrl, isEmpty, asset: files.address }).html);
    })
    .use(composerRoutes(app, gate));
  return pages;
}

/** The methods that a path is answered to, whatever was asked. */
function methodsOf({ router, routes }: Pick<Elysia, "router" | "routes">, path: string): string[] {
  const isRoute = (asked: string) =>
    routes.some((route) => route.path === path && route.method === asked) || router.http.find(asked, path);
  return [...new Set(routes.map(({ method }) => method))].filter(isRoute);
}

type Handlers = {
  routes: Record<string, (request: Bun.BunRequest) => Response | Promise<Response>>;
  fetch: (request: Request) => Response | Promise<Response>;
};

function listen(app: App, { routes, fetch }: Handlers) {
  const { host, port } = app.config;
  try {
    const limits = { maxRequestBodySize: bodyCapBytes, idleTimeout: 30 };
    return Bun.serve({ hostname: host, port, routes, fetch, development: false, ...limits });
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === "EADDRINUSE")
      throw unavailable(`Port ${port} on ${host} is in use by another program.`, {
        code: "port_in_use",
        remedy: "Stop that program, or set PORT (--port) to a free one.",
      });
    throw unavailable(`${host}:${port} cannot be listened on: ${messageOf(error)}.`, {
      code: "cannot_listen",
      remedy: "Check HOST and PORT.",
    });
  }
}

function isRead({ method }: Request): boolean {
  return method === "GET" || method === "HEAD";
}

/** What is answered to GET is answered to HEAD too. */
function wrongMethod(methods: string[]): Response {
  const allow = methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])).join(", ");
  return json({ message: `Only ${allow} is answered here.` }, { status: 405, headers: { Allow: allow } });
}

function failureOf(error: unknown, code: string | number): unknown {
  if (error instanceof Failure) return error;
  if (code === "NOT_FOUND") return notFound("There is nothing at this address.");
  if (code === "VALIDATION" || code === "PARSE")
    return invalid("The request is not of the form that is expected here.", { code: "request_invalid" });
  return error;
}
