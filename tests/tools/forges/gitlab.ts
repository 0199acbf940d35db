import { answerHooks, missing, pageOf, redirected, repositoriesOf } from "./answers.ts";
import type { Asked, FakeForge, FakeHook, FakeRepository } from "./forge.ts";

const prefix = "/api/v4";

export function answerGitlab(asked: Asked): Response {
  const { path, forge } = asked;
  const { login, name } = forge.account;
  if (path === "/user") return Response.json({ id: 1, username: login, name });
  if (path === "/personal_access_tokens/self")
    return forge.scopes
      ? Response.json({ id: 3, scopes: forge.scopes, active: true, expires_at: "2026-12-01" })
      : missing();
  if (path === "/groups")
    return listed(
      forge.organizations.map((each) => ({ id: 2, full_path: each, full_name: each })),
      asked,
    );
  if (path === "/projects") return answerProjects(asked, null);
  const [, kind, owner = ""] = /^\/(groups|users)\/([^/]+)\/projects$/.exec(path) ?? [];
  if (kind === "groups" && !forge.organizations.includes(decodeURIComponent(owner))) return missing();
  if (kind) return answerProjects(asked, decodeURIComponent(owner));
  return answerProject(asked);
}

function answerProjects(asked: Asked, owner: string | null): Response {
  if (!asked.forge.may.read) return insufficient("read_api");
  const search = asked.query.get("search")?.toLowerCase() ?? "";
  const found = repositoriesOf(asked.forge, owner).filter(({ path }) => path.includes(search));
  return listed(found.map(show(asked.forge)), asked);
}

function answerProject(asked: Asked): Response {
  const { path, forge } = asked;
  const [, encoded = "", rest = ""] = /^\/projects\/([^/]+)(\/.*)?$/.exec(path) ?? [];
  const name = decodeURIComponent(encoded);
  const repository =
    forge.repositories.get(name) ?? [...forge.repositories.values()].find(({ id }) => String(id) === name);
  const now = forge.repositories.get(forge.renamed.get(name) ?? "");
  if (!repository && now) return redirected(asked, `${prefix}/projects/${now.id}${rest}`);
  if (!repository) return missing();
  if (rest === "") return forge.may.read ? Response.json(show(forge)(repository)) : insufficient("read_api");
  const [, id = null] = /^\/hooks(?:\/(\d+))?$/.exec(rest) ?? [];
  if (!forge.may.keepWebhooks) return insufficient("api");
  return answerHooks(asked, { repository, id }, { read: readHook, show: showHook });
}

function listed(items: unknown[], asked: Asked): Response {
  const { items: shown, page, isLast } = pageOf(items, asked, "per_page");
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
  const told = Object.fromEntries(
    ["push_events", "tag_push_events"].map((each) => [each, events.includes(each)]),
  );
  return { id: Number(id), url, alert_status: isActive ? "executable" : "disabled", ...told };
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
