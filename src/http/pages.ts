// All pages and forms in order, and the answers to their errors. Loaded after the server listens.
import { Elysia } from "elysia";
import type { App } from "../app.ts";
import { Failure, invalid, notFound } from "../errors.ts";
import { accessFor } from "./access.ts";
import { carryingRequest, contextOf, type RequestContext } from "./request/context.ts";
import type { Guards, RouteLimits } from "./request/guard.ts";
import { composerFailure, wrongMethod } from "./answers.ts";
import { routeOf } from "./routes.ts";
import { readPublicFiles } from "./assets.ts";
import { composerRoutes } from "./composer/routes.ts";
import { compressedPage } from "./compression.ts";
import { pageFailure } from "./pages/failure-page.ts";
import { createRecentRequests } from "./live/recent-requests.ts";
import { createLive, liveRoutes, type Live } from "./live/streams.ts";
import { passkeyPages } from "./pages/accounts/passkeys.tsx";
import { accountSecurityPages } from "./pages/accounts/security.tsx";
import { sessionPages } from "./pages/accounts/sessions.tsx";
import { connectionPages } from "./pages/accounts/connections.tsx";
import { confirmPages } from "./pages/sign-in/confirm.tsx";
import { docsAddress, docsPages } from "./pages/docs/docs.tsx";
import { addedRepositoryPages } from "./pages/repositories/added.tsx";
import { activityPages } from "./pages/organizations/activity.tsx";
import { dangerZonePages } from "./pages/organizations/danger-zone.tsx";
import { accountPages } from "./pages/accounts/profile.tsx";
import { invitationPages } from "./pages/organizations/invitations.tsx";
import { memberPages } from "./pages/organizations/members.tsx";
import { jobPages } from "./pages/jobs/board.tsx";
import { outboxPages } from "./pages/jobs/outbox.tsx";
import { operationsAddress, operationsPages } from "./pages/operations/operations.tsx";
import { ownOrganizationPages } from "./pages/accounts/organizations.tsx";
import { passwordResetPages } from "./pages/sign-in/password-reset.tsx";
import type { Pages } from "./request/page-requests.ts";
import { oauthCallback } from "./pages/sign-in/oauth-callback.tsx";
import { oauthPages } from "./pages/sign-in/oauth.tsx";
import { signUpPages } from "./pages/sign-in/sign-up.tsx";
import { fromForgePages } from "./pages/repositories/from-forge.tsx";
import { forgeCredentialPages } from "./pages/credentials/forge.tsx";
import { credentialPages } from "./pages/credentials/credentials.tsx";
import { organizationPages } from "./pages/organizations/list.tsx";
import { overviewPages } from "./pages/organizations/overview.tsx";
import { palettePages } from "./pages/palette/palette.tsx";
import { setupPages } from "./pages/sign-in/setup.tsx";
import { settingsPages } from "./pages/organizations/settings.tsx";
import { editRepositoryPages } from "./pages/repositories/edit.tsx";
import { hostKeyPages } from "./pages/repositories/host-key.tsx";
import { removalPages } from "./pages/repositories/removals.tsx";
import { removeRepositoryPages } from "./pages/repositories/remove.tsx";
import { syncPages } from "./pages/repositories/syncs.tsx";
import { repositoryPage } from "./pages/repositories/show.tsx";
import { repositoryPages } from "./pages/repositories/list.tsx";
import { deletionPages } from "./pages/packages/deletions.tsx";
import { packageListPages } from "./pages/packages/list.tsx";
import { packagePages } from "./pages/packages/package.tsx";
import { versionPages } from "./pages/packages/versions.tsx";
import { secondFactorPages } from "./pages/sign-in/second-factor.tsx";
import { startPages } from "./pages/organizations/start.tsx";
import { signInPages } from "./pages/sign-in/sign-in.tsx";
import { tokenPages } from "./pages/tokens/tokens.tsx";
import { usePages } from "./pages/organizations/use.tsx";
import { webhookPages } from "./pages/repositories/webhook.tsx";

export function openPages(app: App, guards: Guards): Pages {
  const live = createLive(app);
  const pages = createPages(app, { ...guards, live });
  const answer = async (context: RequestContext) =>
    compressedPage(context.request, await pages.fetch(carryingRequest(context)));
  return { answer, limitsOf: (path) => limitsOf(pages, path), close: () => live.close() };
}

export function createPages(
  app: App,
  { tokenAuth, guard, live = createLive(app) }: Guards & { live?: Live },
) {
  const files = readPublicFiles();
  const setup = { app, asset: files.address, docs: docsAddress(app), operations: operationsAddress(app) };
  const pages = new Elysia({ aot: true })
    .onError(({ error, code, request, path }): Response | Promise<Response> => {
      const allowed: string[] = code === "NOT_FOUND" ? methodsOf(pages, path) : [];
      if (allowed.length > 0) return wrongMethod(allowed);
      const failure = failureOf(error, code);
      const accepts = request.headers.get("accept") ?? "";
      if (accepts.includes("text/html")) return pageFailure(setup, contextOf(request), failure);
      return composerFailure(app, request, failure);
    })
    .use(accessFor(app))
    .get(
      "/assets/*",
      ({ path, request }) => {
        const answer = files.answer(path, request);
        if (!answer) throw notFound("There is no such file.");
        return answer;
      },
      { access: "anyone" },
    )
    .use(docsPages(setup))
    .use(setupPages(setup))
    .use(signInPages(setup))
    .use(secondFactorPages(setup))
    .use(confirmPages(setup))
    .use(oauthPages(setup))
    .use(oauthCallback(setup))
    .use(connectionPages(setup))
    .use(accountSecurityPages(setup))
    .use(passkeyPages(setup))
    .use(sessionPages(setup))
    .use(signUpPages(setup))
    .use(passwordResetPages(setup))
    .use(invitationPages(setup))
    .use(accountPages(setup))
    .use(ownOrganizationPages(setup))
    .use(memberPages(setup))
    .use(outboxPages(setup))
    .use(operationsPages(setup))
    .use(jobPages(setup))
    .use(startPages(setup, createRecentRequests(app)))
    .use(palettePages(setup))
    .use(organizationPages(setup))
    .use(overviewPages(setup))
    .use(activityPages(setup))
    .use(settingsPages(setup))
    .use(dangerZonePages(setup))
    .use(repositoryPages(setup))
    .use(addedRepositoryPages(setup))
    .use(fromForgePages(setup))
    .use(repositoryPage(setup))
    .use(syncPages(setup))
    .use(editRepositoryPages(setup))
    .use(removalPages(setup))
    .use(hostKeyPages(setup))
    .use(removeRepositoryPages(setup))
    .use(usePages(setup))
    .use(webhookPages(setup))
    .use(credentialPages(setup))
    .use(forgeCredentialPages(setup))
    .use(tokenPages(setup))
    .use(liveRoutes(app, live))
    .use(packageListPages(setup))
    .use(packagePages(setup))
    .use(versionPages(setup))
    .use(deletionPages(setup))
    .use(composerRoutes(app, { tokenAuth, guard }));
  return pages;
}

function limitsOf(pages: Pick<Elysia, "router" | "routes">, path: string): RouteLimits {
  return { ...routeOf(path), methods: methodsOf(pages, path) };
}

/** The methods that a path answers, whatever the method of the request. */
function methodsOf({ router, routes }: Pick<Elysia, "router" | "routes">, path: string): string[] {
  const isRoute = (method: string) =>
    routes.some((route) => route.path === path && route.method === method) || router.http.find(method, path);
  return [...new Set(routes.map(({ method }) => method))].filter(isRoute);
}

function failureOf(error: unknown, code: string | number): unknown {
  if (error instanceof Failure) return error;
  if (code === "NOT_FOUND") return notFound("There is no page at this address.");
  if (code === "VALIDATION" || code === "PARSE")
    return invalid("The request is not valid.", { code: "request_invalid" });
  return error;
}
