// The map: every route in order, the checks that stand before all of them, and what becomes of errors.
import { Elysia } from "elysia";
import type { App } from "../app.ts";
import { invalid, notFound, unavailable, Failure, messageOf } from "../errors.ts";
import { dataVersion } from "../store/data-version.ts";
import { accessFor, type Access } from "./access.ts";
import { composerFailure, json, pageFailure, refusedAnswer } from "./answers.ts";
import { bodyCapBytes, createAdmission, type Admission } from "./admission.ts";
import { readPublicFiles } from "./assets.ts";
import { createTokenGate, type TokenGate } from "./auth.ts";
import { readDist, readPackage, readRoot, type Read } from "./composer-reads.ts";
import { keepAddress, keepPatience } from "./browser.ts";
import { createInstallWatch } from "./install-watch.ts";
import { clientAddress } from "./client-address.ts";
import { composerRoutes } from "./composer.ts";
import { createDocumentCache } from "./document-cache.ts";
import { createLive, liveRoutes, type Live } from "./live.ts";
import { createHealth } from "./operations.ts";
import { passkeyPages } from "./pages/account/passkeys.tsx";
import { accountSecurityPages } from "./pages/account/security.tsx";
import { sessionPages } from "./pages/account/sessions.tsx";
import { confirmPages } from "./pages/confirm.tsx";
import { activityPages } from "./pages/activity.tsx";
import { dangerZonePages } from "./pages/danger-zone.tsx";
import { accountPages } from "./pages/account.tsx";
import { invitationPages } from "./pages/invitations.tsx";
import { memberPages } from "./pages/members.tsx";
import { outboxPages } from "./pages/outbox.tsx";
import { ownOrganizationPages } from "./pages/own-organizations.tsx";
import { passwordResetPages } from "./pages/password-reset.tsx";
import { signUpPages } from "./pages/sign-up.tsx";
import { credentialPages } from "./pages/credentials.tsx";
import { organizationPages } from "./pages/organizations.tsx";
import { overviewPages } from "./pages/overview.tsx";
import { palettePages } from "./pages/palette.tsx";
import { setupPages } from "./pages/setup.tsx";
import { securityPages } from "./pages/security.tsx";
import { settingsPages } from "./pages/settings.tsx";
import { repositoryActs } from "./pages/repository-acts.tsx";
import { repositoryPage } from "./pages/repository.tsx";
import { repositoryPages } from "./pages/repositories.tsx";
import { deletionPages } from "./pages/packages/deletions.tsx";
import { packageListPages } from "./pages/packages/list.tsx";
import { packagePages } from "./pages/packages/package.tsx";
import { versionPages } from "./pages/packages/versions.tsx";
import { secondFactorPages } from "./pages/second-factor.tsx";
import { startPages } from "./pages/start.tsx";
import { signInPages } from "./pages/sign-in.tsx";
import { tokenPages } from "./pages/tokens.tsx";
import { toldToWatchers } from "./watched-requests.ts";
import { whenKnown } from "./when-known.ts";

export type RunningServer = {
  port: number;
  /** Lets running requests end, then closes what is left. */
  stop(): Promise<void>;
};

const documentCacheBytes = 64 * 1024 * 1024;
const flushEveryMs = 5000;
const drainMs = 20_000;

type Answer = (request: Bun.BunRequest) => Response | Promise<Response>;

/** Fails as `unavailable` when the port is taken. */
export async function startServer(app: App): Promise<RunningServer> {
  const gate = createTokenGate(app);
  const admission = createAdmission(app);
  const live = createLive(app);
  const pages = createPages(app, { gate, admission, live });
  const direct = Object.entries(directRoutes(app, { gate, admission }));
  const server = listen(app, {
    routes: Object.fromEntries(direct.map(([path, { answer }]) => [path, answer])),
    fetch: async (request, server) => {
      try {
        const peer = server.requestIP(request)?.address ?? "";
        const forwarded = request.headers.get("x-forwarded-for");
        const address = clientAddress(peer, forwarded, app.config.trustedProxies);
        keepAddress(request, address);
        const known = admission.refuse(request) ?? (await admission.withKnownBody(request));
        if (known instanceof Request) {
          keepAddress(known, address);
          keepPatience(known, () => server.timeout(request, 0));
        }
        return known instanceof Response ? known : admission.watch(known, await pages.fetch(known));
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
      live.close();
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

export type Doors = { gate: TokenGate; admission: Admission };

/** What Bun's own router answers, to GET and HEAD: the reads of Composer, and whether this process is well. */
export function directRoutes(
  app: App,
  { gate, admission }: Doors,
): Record<string, { access: Access; answer: Answer }> {
  const documents = createDocumentCache(app.db, documentCacheBytes);
  const withToken =
    (read: (read: Read) => Response | Promise<Response>): Answer =>
    (request) => {
      const fail = (error: unknown) => composerFailure(app, request, error);
      try {
        const refused = admission.refuse(request) ?? admission.refuseCredentialInAddress(request);
        if (refused) return refused;
        if (!isRead(request)) return wrongMethod(["GET"]);
        const version = dataVersion(app.db);
        const params = request.params as Record<string, string>;
        const slug = params["organization"] ?? "";
        const answer = whenKnown(gate.read(slug, request, version), (reader) => {
          const given =
            "refused" in reader
              ? refusedAnswer(app, reader)
              : read({ app, documents, request, reader, params, version });
          return app.events.watchesRequests ? toldToWatchers(app, { request, slug, reader }, given) : given;
        });
        const watched = whenKnown(answer, (given) => admission.watch(request, given));
        return watched instanceof Promise ? watched.catch(fail) : watched;
      } catch (error) {
        return fail(error);
      }
    };
  const health = createHealth(app);
  return {
    "/:organization/packages.json": { access: "token", answer: withToken(readRoot) },
    "/:organization/p2/:vendor/:file": { access: "token", answer: withToken(readPackage) },
    "/:organization/dists/:vendor/:name/:version/:file": { access: "token", answer: withToken(readDist) },
    // Whoever watches this process may know it by another name: no host is asked of it.
    "/health": { access: "anyone", answer: (request) => (isRead(request) ? health() : wrongMethod(["GET"])) },
  };
}

export function createPages(app: App, { gate, admission, live = createLive(app) }: Doors & { live?: Live }) {
  const files = readPublicFiles();
  const site = { app, asset: files.address };
  const pages = new Elysia({ aot: true })
    .onError(({ error, code, request, path }): Response => {
      const allowed: string[] = code === "NOT_FOUND" ? methodsOf(pages, path) : [];
      if (allowed.length > 0) return wrongMethod(allowed);
      const failure = failureOf(error, code);
      const accepts = request.headers.get("accept") ?? "";
      if (accepts.includes("text/html"))
        return pageFailure(app, request, { error: failure, asset: files.address });
      return composerFailure(app, request, failure);
    })
    .use(accessFor(app))
    .get(
      "/assets/*",
      ({ path }) => {
        const answer = files.answer(path);
        if (!answer) throw notFound("There is no such file.");
        return answer;
      },
      { access: "anyone" },
    )
    .use(setupPages(site))
    .use(signInPages(site))
    .use(secondFactorPages(site))
    .use(confirmPages(site))
    .use(accountSecurityPages(site))
    .use(passkeyPages(site))
    .use(sessionPages(site))
    .use(signUpPages(site))
    .use(passwordResetPages(site))
    .use(invitationPages(site))
    .use(accountPages(site))
    .use(ownOrganizationPages(site))
    .use(memberPages(site))
    .use(outboxPages(site))
    .use(startPages(site, createInstallWatch(app)))
    .use(palettePages(site))
    .use(organizationPages(site))
    .use(overviewPages(site))
    .use(activityPages(site))
    .use(securityPages(site))
    .use(settingsPages(site))
    .use(dangerZonePages(site))
    .use(repositoryPages(site))
    .use(repositoryPage(site))
    .use(repositoryActs(site))
    .use(credentialPages(site))
    .use(tokenPages(site))
    .use(liveRoutes(app, live))
    .use(packageListPages(site))
    .use(packagePages(site))
    .use(versionPages(site))
    .use(deletionPages(site))
    .use(composerRoutes(app, { gate, admission }));
  return pages;
}

/** The methods that a path is answered to, whatever was asked. */
function methodsOf({ router, routes }: Pick<Elysia, "router" | "routes">, path: string): string[] {
  const isRoute = (asked: string) =>
    routes.some((route) => route.path === path && route.method === asked) || router.http.find(asked, path);
  return [...new Set(routes.map(({ method }) => method))].filter(isRoute);
}

type Handlers = {
  routes: Record<string, Answer>;
  fetch: (request: Request, server: Bun.Server<undefined>) => Response | Promise<Response>;
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
