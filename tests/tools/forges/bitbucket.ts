import { answerHooks, missing, pageOf, redirected, repositoriesOf } from "./answers.ts";
import type { ForgeRequest, FakeForge, FakeHook, FakeRepository } from "./fake-forge.ts";

const prefix = "/!api/2.0";

export function answerBitbucket(request: ForgeRequest): Response {
  const response = answer(request);
  if (request.forge.scopes) response.headers.set("x-oauth-scopes", request.forge.scopes.join(", "));
  return response;
}

function answer(request: ForgeRequest): Response {
  const { path, forge } = request;
  const { login, name } = forge.account;
  if (path === "/user")
    return Response.json({ type: "user", nickname: login, display_name: name, uuid: "{1}" });
  if (path === "/user/workspaces") {
    if (!forge.may.listOwners) return refused(["read:workspace:bitbucket"]);
    const values = forge.organizations.map((slug) => ({
      type: "workspace_access",
      administrator: false,
      workspace: { type: "workspace_base", uuid: "{2}", slug },
    }));
    return listed(values, request);
  }
  const [, workspace] = /^\/repositories\/([^/]+)$/.exec(path) ?? [];
  if (workspace !== undefined) {
    if (!forge.may.read) return refused(["read:repository:bitbucket"]);
    if (!forge.organizations.includes(workspace)) return missing();
    const words = /^name ~ "(.*)"$/.exec(request.query.get("q") ?? "")?.[1]?.toLowerCase() ?? "";
    const found = repositoriesOf(forge, workspace).filter((each) => each.path.split("/")[1]?.includes(words));
    return listed(found.map(show(forge)), request);
  }
  return answerRepository(request);
}

function answerRepository(request: ForgeRequest): Response {
  const { path, forge } = request;
  const [, name = "", rest = ""] = /^\/repositories\/([^/]+\/[^/]+)(\/.*)?$/.exec(path) ?? [];
  const repository = forge.repositories.get(name);
  const now = forge.renamed.get(name);
  if (!repository && now !== undefined) return redirected(request, `${prefix}/repositories/${now}${rest}`);
  if (!repository) return missing();
  if (!forge.may.read) return refused(["read:repository:bitbucket"]);
  if (rest === "") return Response.json(show(forge)(repository));
  const [, id = null] = /^\/hooks(?:\/(.+))?$/.exec(rest) ?? [];
  if (!forge.may.keepWebhooks) return refused(["write:webhook:bitbucket"]);
  return answerHooks(
    request,
    { repository, id: id === null ? null : decodeURIComponent(id).replace(/[{}]/g, "") },
    { read: readHook, show: showHook, list: (values) => ({ pagelen: 100, values }) },
  );
}

/** The next page is an address whose query is Bitbucket's own. */
function listed(items: unknown[], request: ForgeRequest): Response {
  const { items: values, page, isLast } = pageOf(items, request, "pagelen");
  const query = new URLSearchParams(request.query);
  query.set("page", String(page + 1));
  const next = `${request.forge.origin}${prefix}${request.path}?${query}`;
  return Response.json({ pagelen: 100, page, values, ...(isLast ? {} : { next }) });
}

function refused(required: string[]): Response {
  const message = "Your credentials lack one or more required privilege scopes.";
  const body = { type: "error", error: { message, detail: { required, granted: [] } } };
  return Response.json(body, { status: 403 });
}

function readHook(body: Record<string, unknown>): Partial<FakeHook> {
  return {
    url: String(body["url"]),
    secret: String(body["secret"]),
    events: body["events"] as string[],
    isActive: body["active"] === true,
  };
}

function showHook({ id, url, isActive, events }: FakeHook) {
  return { type: "webhook_subscription", uuid: `{${id}}`, url, active: isActive, events, secret_set: true };
}

function show({ origin }: FakeForge) {
  return ({ path, isPrivate, description }: FakeRepository) => ({
    type: "repository",
    uuid: "{3}",
    full_name: path,
    is_private: isPrivate,
    description: description ?? "",
    mainbranch: { type: "branch", name: "main" },
    updated_on: "2026-02-01T10:00:00.000000+00:00",
    links: { clone: [{ name: "https", href: `${origin}/${path}.git` }] },
  });
}
