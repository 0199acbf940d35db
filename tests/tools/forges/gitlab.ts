import { answerHooks, missing, pageOf, redirected, repositoriesOf } from "./answers.ts";
import type { ForgeRequest, FakeForge, FakeHook, FakeRepository } from "./fake-forge.ts";

const prefix = "/api/v4";

export function answerGitlab(request: ForgeRequest): Response {
  const { path, forge } = request;
  const { login, name } = forge.account;
  if (path === "/user") return Response.json({ id: 1, username: login, name });
  if (path === "/personal_access_tokens/self")
    return forge.scopes
      ? Response.json({ id: 3, scopes: forge.scopes, active: true, expires_at: "2026-12-01" })
      : missing();
  if (path === "/groups")
    return listed(
      forge.organizations.map((each) => ({ id: 2, full_path: each, full_name: each })),
      request,
    );
  if (path === "/projects") return answerProjects(request, null);
  const [, kind, owner = ""] = /^\/(groups|users)\/([^/]+)\/projects$/.exec(path) ?? [];
  if (kind === "groups" && !forge.organizations.includes(decodeURIComponent(owner))) return missing();
  if (kind) return answerProjects(request, decodeURIComponent(owner));
  return answerProject(request);
}

function answerProjects(request: ForgeRequest, owner: string | null): Response {
  if (!request.forge.may.read) return insufficient("read_api");
  const search = request.query.get("search")?.toLowerCase() ?? "";
  const found = repositoriesOf(request.forge, owner).filter(({ path }) => path.includes(search));
  return listed(found.map(show(request.forge)), request);
}

function answerProject(request: ForgeRequest): Response {
  const { path, forge } = request;
  const [, encoded = "", rest = ""] = /^\/projects\/([^/]+)(\/.*)?$/.exec(path) ?? [];
  const name = decodeURIComponent(encoded);
  const repository =
    forge.repositories.get(name) ?? [...forge.repositories.values()].find(({ id }) => String(id) === name);
  const now = forge.repositories.get(forge.renamed.get(name) ?? "");
  if (!repository && now) return redirected(request, `${prefix}/projects/${now.id}${rest}`);
  if (!repository) return missing();
  if (rest === "") return forge.may.read ? Response.json(show(forge)(repository)) : insufficient("read_api");
  const [, id = null] = /^\/hooks(?:\/(\d+))?$/.exec(rest) ?? [];
  if (!forge.may.keepWebhooks) return insufficient("api");
  return answerHooks(request, { repository, id }, { read: readHook, show: showHook });
}

function listed(items: unknown[], request: ForgeRequest): Response {
  const { items: shown, page, isLast } = pageOf(items, request, "per_page");
  return Response.json(shown, { headers: { "x-next-page": isLast ? "" : String(page + 1) } });
}

function insufficient(scope: string): Response {
  const body = { error: "insufficient_scope", error_description: "The request requires more", scope };
  return Response.json(body, { status: 403 });
}

function readHook(body: Record<string, unknown>): Partial<FakeHook> {
  return {
    url: String(body["url"]),
    secret: String(body["token"]),
    events: ["push_events", "tag_push_events"].filter((each) => body[each] === true),
    verifiesTls: body["enable_ssl_verification"] === true,
  };
}

function showHook({ id, url, isActive, events }: FakeHook) {
  const pageHeaders = Object.fromEntries(
    ["push_events", "tag_push_events"].map((each) => [each, events.includes(each)]),
  );
  return { id: Number(id), url, alert_status: isActive ? "executable" : "disabled", ...pageHeaders };
}

function show({ origin }: FakeForge) {
  return ({ id, path, isPrivate, isArchived, description }: FakeRepository) => ({
    id,
    path_with_namespace: path,
    http_url_to_repo: `${origin}/${path}.git`,
    visibility: isPrivate ? "private" : "public",
    archived: isArchived,
    description,
    default_branch: "main",
    last_activity_at: "2026-02-01T10:00:00.000Z",
  });
}
