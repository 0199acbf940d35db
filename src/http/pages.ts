// The map: every page and form in order, and what becomes of their errors. Loaded after the server listens.
import { Elysia } from "elysia";
import type { App } from "../app.ts";
import { Failure, invalid, notFound } from "../errors.ts";
import { accessFor } from "./access.ts";
import type { RequestGuard, RouteLimits } from "./request/guard.ts";
import { composerFailure, wrongMethod } from "./answers.ts";
import { readPublicFiles } from "./assets.ts";
import type { TokenAuth } from "./composer/token-auth.ts";
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
import { repositoryActs } from "./pages/repositories/edit.tsx";
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

export type Guards = { gate: TokenAuth; admission: RequestGuard };

export function openPages(app: App, doors: Guards): Pages {
  const live = createLive(app);
  const pages = createPages(app, { ...doors, live });
  const answer = async (request: Request) => compressedPage(request, await pages.fetch(request));
  return { answer, takes: (path) => takesOf(pages, path), close: () => live.close() };
}

export function createPages(app: App, { gate, admission, live = createLive(app) }: Guards & { live?: Live }) {
  const files = readPublicFiles();
  const site = { app, asset: files.address, docs: docsAddress(app) };
  const pages = new Elysia({ aot: true })
    .onError(({ error, code, request, path }): Response | Promise<Response> => {
      const allowed: string[] = code === "NOT_FOUND" ? methodsOf(pages, path) : [];
      if (allowed.length > 0) return wrongMethod(allowed);
      const failure = failureOf(error, code);
      const accepts = request.headers.get("accept") ?? "";
      if (accepts.includes("text/html")) return pageFailure(site, request, failure);
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
    .use(docsPages(site))
    .use(setupPages(site))
    .use(signInPages(site))
    .use(secondFactorPages(site))
    .use(confirmPages(site))
    .use(oauthPages(site))
    .use(oauthCallback(site))
    .use(connectionPages(site))
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
    .use(jobPages(site))
    .use(startPages(site, createRecentRequests(app)))
    .use(palettePages(site))
    .use(organizationPages(site))
    .use(overviewPages(site))
    .use(activityPages(site))
    .use(settingsPages(site))
    .use(dangerZonePages(site))
    .use(repositoryPages(site))
    .use(addedRepositoryPages(site))
    .use(fromForgePages(site))
    .use(repositoryPage(site))
    .use(repositoryActs(site))
    .use(usePages(site))
    .use(webhookPages(site))
    .use(credentialPages(site))
    .use(forgeCredentialPages(site))
    .use(tokenPages(site))
    .use(liveRoutes(app, live))
    .use(packageListPages(site))
    .use(packagePages(site))
    .use(versionPages(site))
    .use(deletionPages(site))
    .use(composerRoutes(app, { gate, admission }));
  return pages;
}

const formBytes = 256 * 1024;
const reportBytes = 64 * 1024;

function takesOf(pages: Pick<Elysia, "router" | "routes">, path: string): RouteLimits {
  const bodyBytes = path.endsWith("/notify-batch") ? reportBytes : formBytes;
  return { methods: methodsOf(pages, path), bodyBytes };
}

/** The methods that a path is answered to, whatever was asked. */
function methodsOf({ router, routes }: Pick<Elysia, "router" | "routes">, path: string): string[] {
  const isRoute = (asked: string) =>
    routes.some((route) => route.path === path && route.method === asked) || router.http.find(asked, path);
  return [...new Set(routes.map(({ method }) => method))].filter(isRoute);
}

function failureOf(error: unknown, code: string | number): unknown {
  if (error instanceof Failure) return error;
  if (code === "NOT_FOUND") return notFound("There is nothing at this address.");
  if (code === "VALIDATION" || code === "PARSE")
    return invalid("The request is not of the form that is expected here.", { code: "request_invalid" });
  return error;
}
