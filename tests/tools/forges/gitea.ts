import { answerHooks, linked, missing, redirected, repositoriesOf } from "./answers.ts";
import type { ForgeRequest, FakeForge, FakeHook, FakeRepository } from "./fake-forge.ts";

const prefix = "/api/v1";

export function answerGitea(request: ForgeRequest): Response {
  const { path, forge } = request;
  const { login, name } = forge.account;
  const size = { size: "limit", prefix };
  if (path === "/user") return Response.json({ id: 1, login, full_name: name });
  if (path === "/user/orgs") {
    if (!forge.may.listOwners) return refused("read:organization");
    const organizations = forge.organizations.map((each) => ({ id: 2, name: each, full_name: "" }));
    return linked(organizations, request, size);
  }
  const list = (owner: string | null) =>
    forge.may.read
      ? linked(repositoriesOf(forge, owner).map(show(forge)), request, size)
      : refused("read:repository");
  if (path === "/user/repos") return list(null);
  const [, kind, owner = ""] = /^\/(orgs|users)\/([^/]+)\/repos$/.exec(path) ?? [];
  if (kind === "orgs" && !forge.organizations.includes(owner)) return missing();
  if (kind) return list(owner);
  return answerRepository(request);
}

function answerRepository(request: ForgeRequest): Response {
  const { path, forge } = request;
  const [, name = "", rest = ""] = /^\/repos\/([^/]+\/[^/]+)(\/.*)?$/.exec(path) ?? [];
  const repository = forge.repositories.get(name);
  const now = forge.renamed.get(name);
  if (!repository && now !== undefined) return redirected(request, `${prefix}/repos/${now}${rest}`);
  if (!repository) return missing();
  if (!forge.may.read) return refused("read:repository");
  if (rest === "") return Response.json(show(forge)(repository));
  const [, id = null] = /^\/hooks(?:\/(\d+))?$/.exec(rest) ?? [];
  if (!forge.may.keepWebhooks) return refused("write:repository");
  return answerHooks(request, { repository, id }, { read: readHook, show: showHook });
}

function refused(scope: string): Response {
  const message = `token does not have at least one of required scope(s): [${scope}]`;
  return Response.json({ message }, { status: 403 });
}

function readHook(body: Record<string, unknown>): Partial<FakeHook> {
  const config = body["config"] as Record<string, string>;
  if (config["content_type"] !== "json") throw new Error("a webhook sends JSON");
  return {
    url: config["url"] ?? "",
    secret: config["secret"] ?? "",
    events: body["events"] as string[],
    isActive: body["active"] === true,
  };
}

function showHook({ id, url, isActive, events }: FakeHook) {
  return { id: Number(id), type: "gitea", active: isActive, events, config: { url, content_type: "json" } };
}

function show({ origin }: FakeForge) {
  return ({ id, path, isPrivate, isArchived, description }: FakeRepository) => ({
    id,
    full_name: path,
    private: isPrivate,
    archived: isArchived,
    description: description ?? "",
    default_branch: "main",
    clone_url: `${origin}/${path}.git`,
    updated_at: "2026-02-01T10:00:00Z",
  });
}
