// gitlab.com and self-managed GitLab, by the REST API v4.
import { ask, askFor, type ForgeApi, type ForgeSetup } from "./ask.ts";
import { hooksOf } from "./hooks.ts";
import { listIn, objectIn, textIn, textsIn, timeIn, type Json } from "./json.ts";
import { encodePath } from "./github.ts";
import { everything, pageOf, repositoryAt } from "./lists.ts";
import type { ForgeCredential, ForgeLinks, ForgeOwner, ForgeRepository, Forge } from "./forge.ts";
import { scopeMissing, type Purpose } from "./failures.ts";

export function createGitlab(where: ForgeSetup): Forge {
  const { origin } = where;
  const forge: ForgeApi = {
    ...where,
    api: `${origin}/api/v4`,
    headers: ({ token }) => ({ authorization: `Bearer ${token}` }),
    needs,
  };
  const account = (access: ForgeCredential) =>
    askFor(forge, access, { path: "/user", purpose: "account", what: "account" });
  return {
    name: "gitlab",
    origin,
    links: gitlabLinks(origin),
    async findAccount(access) {
      const { json } = await account(access);
      // Tokens from OAuth have no such page.
      const self = await ask(forge, access, {
        path: "/personal_access_tokens/self",
        purpose: "account",
      }).catch(() => null);
      const token = objectIn(self?.json);
      const scopes = self ? textsIn(token["scopes"]) : null;
      const host = new URL(origin).host;
      const missing = scopes && needed.find(({ any }) => !any.some((scope) => scopes.includes(scope)));
      if (missing) throw scopeMissing(host, { purpose: "repositories", needs: missing.text });
      return {
        login: textIn(objectIn(json)["username"]) ?? "",
        scopes,
        expiresAt: timeIn(token["expires_at"]),
        mayKeepWebhooks: scopes && scopes.includes("api"),
      };
    },
    async listOwners(access) {
      const me = objectIn((await account(access)).json);
      const own: ForgeOwner = {
        path: textIn(me["username"]) ?? "",
        name: textIn(me["name"]) ?? "",
        kind: "user",
      };
      const groups = await everything(forge, access, {
        path: groupsPath,
        purpose: "repositories",
        what: "groups",
        read: (json) => listIn(json).map(readGroup),
        next({ headers }) {
          const page = nextPage(headers);
          return page === null ? null : `${groupsPath}&page=${page}`;
        },
      });
      return [own, ...groups];
    },
    listRepositories: (access, { owner, search, page }) =>
      pageOf(page, {
        lists: ["all", "groups", "users"] as const,
        async read(list, number) {
          const filter =
            search.trim() === "" ? "" : `&search_namespaces=true&search=${encodeURIComponent(search)}`;
          const path = `${listPath(list, owner)}&order_by=path&sort=asc&per_page=100&page=${number}${filter}`;
          const answer = await ask(forge, access, { path, purpose: "repositories" });
          if (!answer) return null;
          return { items: listIn(answer.json).map(readProject(origin)), next: nextPage(answer.headers) };
        },
        first: () => (owner === null ? ["all"] : ["groups", "users"]),
      }),
    findRepository: (access, path) =>
      repositoryAt(forge, access, {
        path: `/projects/${encodeURIComponent(path)}`,
        read: readProject(origin),
      }),
    ...hooksOf(forge, {
      path: (repository) => `/projects/${encodeURIComponent(repository)}/hooks`,
      query: "?per_page=100",
      update: "PUT",
      body: ({ url, secret }) => ({
        url,
        token: secret,
        push_events: true,
        tag_push_events: true,
        enable_ssl_verification: true,
      }),
      list: (json) => json,
      read: (hook) => ({
        id: textIn(hook["id"]),
        url: textIn(hook["url"]) ?? "",
        isActive: !/disabled/.test(textIn(hook["alert_status"]) ?? ""),
        events: ["push_events", "tag_push_events"].filter((name) => hook[name] === true),
      }),
    }),
  };
}

const groupsPath = "/groups?min_access_level=20&order_by=path&per_page=100";

function listPath(list: "all" | "groups" | "users", owner: string | null): string {
  const name = encodeURIComponent(owner ?? "");
  if (list === "all") return "/projects?membership=true&min_access_level=20";
  return list === "groups"
    ? `/groups/${name}/projects?include_subgroups=true&with_shared=false`
    : `/users/${name}/projects?simple=false`;
}

function gitlabLinks(origin: string): ForgeLinks {
  return {
    repository: (path) => `${origin}/${encodePath(path)}`,
    commit: (path, reference) => `${origin}/${encodePath(path)}/-/commit/${reference}`,
    tag: (path, name) => `${origin}/${encodePath(path)}/-/tags/${encodePath(name)}`,
    branch: (path, name) => `${origin}/${encodePath(path)}/-/tree/${encodePath(name)}`,
    compare: (path, from, to) => `${origin}/${encodePath(path)}/-/compare/${from}...${to}`,
  };
}

const needed = [
  { any: ["api", "read_api"], text: 'the scope "read_api" (or "api", which keeps webhooks as well)' },
  { any: ["api", "read_repository"], text: 'the scope "read_repository"' },
];

/** GitLab names a missing scope, but does not mention a role that is too low. */
function needs(purpose: Purpose, { body }: { headers: Headers; body: string }): string {
  if (!/insufficient_scope/.test(body) && purpose === "webhooks") return "the role Maintainer in the project";
  return purpose === "webhooks" ? 'the scope "api"' : 'the scopes "read_api" and "read_repository"';
}

function nextPage(headers: Headers): string | null {
  return /^\d{1,6}$/.exec(headers.get("x-next-page") ?? "")?.[0] ?? null;
}

function readGroup(group: Json): ForgeOwner {
  const path = textIn(group["full_path"]) ?? "";
  return { path, name: textIn(group["full_name"]) ?? path, kind: "organization" };
}

function readProject(origin: string) {
  return (project: Json): ForgeRepository => {
    const path = textIn(project["path_with_namespace"]) ?? "";
    return {
      path,
      cloneUrl: `${origin}/${path}.git`,
      description: textIn(project["description"]),
      isPrivate: project["visibility"] !== "public",
      isArchived: project["archived"] === true,
      defaultBranch: textIn(project["default_branch"]),
      pushedAt: timeIn(project["last_activity_at"]),
    };
  };
}
