import { answerHooks, linked, missing, redirected, repositoriesOf } from "./answers.ts";
import type { ForgeRequest, FakeForge, FakeHook, FakeRepository } from "./fake-forge.ts";

const prefix = "/api/v3";

export function answerGithub(request: ForgeRequest): Response {
  const response = answer(request);
  // Only classic tokens have scopes.
  if (request.forge.scopes) response.headers.set("x-oauth-scopes", request.forge.scopes.join(", "));
  response.headers.set("github-authentication-token-expiration", "2026-12-01 00:00:00 UTC");
  return response;
}

function answer(request: ForgeRequest): Response {
  const { path, forge } = request;
  const size = { size: "per_page", prefix };
  if (path === "/user") return Response.json({ login: forge.account.login, id: 1, name: forge.account.name });
  if (path === "/user/orgs")
    return forge.may.listOwners
      ? linked(
          forge.organizations.map((login) => ({ login, id: 2 })),
          request,
          size,
        )
      : refused(null);
  const list = (owner: string | null) => linked(repositoriesOf(forge, owner).map(show(forge)), request, size);
  if (path === "/user/repos")
    return list(request.query.get("affiliation") === "owner" ? forge.account.login : null);
  const [, kind, owner = ""] = /^\/(orgs|users)\/([^/]+)\/repos$/.exec(path) ?? [];
  if (kind === "orgs" && !forge.organizations.includes(owner)) return missing();
  if (kind) return list(owner);
  return answerRepository(request);
}

function answerRepository(request: ForgeRequest): Response {
  const { path, forge } = request;
  const [, byPath, byId, rest = ""] =
    /^(?:\/repos\/([^/]+\/[^/]+)|\/repositories\/(\d+))(\/.*)?$/.exec(path) ?? [];
  const repository =
    byPath === undefined
      ? [...forge.repositories.values()].find(({ id }) => String(id) === byId)
      : forge.repositories.get(byPath);
  const now = forge.repositories.get(forge.renamed.get(byPath ?? "") ?? "");
  if (!repository && now) return redirected(request, `${prefix}/repositories/${now.id}${rest}`);
  if (!repository) return missing();
  if (!forge.may.read) return refused("contents=read");
  if (rest === "") return Response.json(show(forge)(repository));
  const [, id = null] = /^\/hooks(?:\/(\d+))?$/.exec(rest) ?? [];
  // Classic tokens are told that nothing is there.
  if (!forge.may.keepWebhooks) return forge.scopes ? missing() : refused("repository_hooks=write");
  const { url } = (request.body["config"] ?? {}) as { url?: string };
  if (request.method === "POST" && repository.hooks.some((hook) => hook.url === url))
    return Response.json({ message: "Hook already exists on this repository" }, { status: 422 });
  return answerHooks(request, { repository, id }, { read: readHook, show: showHook });
}

function refused(permissions: string | null): Response {
  const headers: Record<string, string> = permissions ? { "x-accepted-github-permissions": permissions } : {};
  return Response.json(
    { message: "Resource not accessible by personal access token" },
    { status: 403, headers },
  );
}

function readHook(body: Record<string, unknown>): Partial<FakeHook> {
  const config = body["config"] as Record<string, string>;
  if (config["content_type"] !== "json") throw new Error("a webhook sends JSON");
  return {
    url: config["url"] ?? "",
    secret: config["secret"] ?? "",
    events: body["events"] as string[],
    isActive: body["active"] === true,
    verifiesTls: config["insecure_ssl"] === "0",
  };
}

function showHook({ id, url, isActive, events }: FakeHook) {
  return {
    id: Number(id),
    type: "Repository",
    active: isActive,
    events,
    config: { url, secret: "********" },
  };
}

function show({ origin }: FakeForge) {
  return ({ id, path, isPrivate, isArchived, description }: FakeRepository) => ({
    id,
    name: path.split("/").at(-1),
    full_name: path,
    private: isPrivate,
    archived: isArchived,
    description,
    default_branch: "main",
    clone_url: `${origin}/${path}.git`,
    pushed_at: "2026-02-01T10:00:00Z",
  });
}
