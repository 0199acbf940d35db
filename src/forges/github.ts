// GitHub and GitHub Enterprise Server, by its REST API of 2022-11-28.
import { ask, askFor, type ForgeApi, type ForgeSetup } from "./ask.ts";
import { hooksOf, readConfiguredHook } from "./hooks.ts";
import { listIn, objectIn, textIn, timeIn, type Json } from "./json.ts";
import { everything, nextInLink, nextPageIn, pageOf, repositoryAt, searchThrough } from "./lists.ts";
import type { ForgeCredential, ForgeLinks, ForgeOwner, ForgeRepository, Forge } from "./forge.ts";
import { scopeMissing, type Purpose } from "./failures.ts";
import { Failure } from "../errors.ts";

export function createGithub(where: ForgeSetup): Forge {
  const { origin } = where;
  const forge: ForgeApi = {
    ...where,
    api: origin === "https://github.com" ? "https://api.github.com" : `${origin}/api/v3`,
    headers: ({ token }) => ({
      authorization: `Bearer ${token}`,
      accept: "application/vnd.github+json",
      "x-github-api-version": "2022-11-28",
    }),
    needs,
  };
  const next = ({ headers }: { headers: Headers }) => nextInLink(headers, new URL(forge.api).origin);
  const login = async (access: ForgeCredential) => {
    const { json } = await askFor(forge, access, { path: "/user", purpose: "account", what: "account" });
    return textIn(objectIn(json)["login"]) ?? "";
  };
  return {
    name: "github",
    origin,
    links: githubLinks(origin),
    async findAccount(access) {
      const { json, headers } = await askFor(forge, access, {
        path: "/user",
        purpose: "account",
        what: "account",
      });
      const scopes = scopesIn(headers);
      if (scopes && !scopes.includes("repo"))
        throw scopeMissing(new URL(origin).host, { purpose: "repositories", needs: scopeOf.repositories });
      const login = textIn(objectIn(json)["login"]) ?? "";
      const expiresAt = timeIn(headers.get("github-authentication-token-expiration"));
      const mayKeepWebhooks = scopes && scopes.some((scope) => hookScopes.has(scope));
      return { login, scopes, expiresAt, mayKeepWebhooks };
    },
    async listOwners(access) {
      const me = await askFor(forge, access, { path: "/user", purpose: "account", what: "account" });
      const own: ForgeOwner = { ...readOwner(objectIn(me.json)), kind: "user" };
      const path = "/user/orgs?per_page=100";
      const of = { path, purpose: "account" as const, what: "organizations", next };
      const read = (json: unknown) => listIn(json).map(readOwner);
      // A token that may not list organizations still lists their repositories.
      const organizations = await everything(forge, access, { ...of, read }).catch((error: unknown) => {
        if (error instanceof Failure && error.code === "forge_scope_missing") return [];
        throw error;
      });
      return [own, ...organizations];
    },
    listRepositories: (access, { owner, search, page }) =>
      searchThrough({ search, from: page }, (from) =>
        pageOf(from, {
          lists: ["all", "orgs", "own", "users"] as const,
          async read(list, number) {
            const path = `${listPath(list, owner)}sort=full_name&per_page=100&page=${number}`;
            const answer = await ask(forge, access, { path, purpose: "repositories" });
            if (!answer) return null;
            return {
              items: listIn(answer.json).map(readRepository(origin)),
              next: nextPageIn(answer.headers),
            };
          },
          async *first() {
            if (owner === null) return yield "all";
            yield "orgs";
            yield owner.toLowerCase() === (await login(access)).toLowerCase() ? "own" : "users";
          },
        }),
      ),
    findRepository: (access, path) =>
      repositoryAt(forge, access, { path: `/repos/${encodePath(path)}`, read: readRepository(origin) }),
    ...hooksOf(forge, {
      path: (repository) => `/repos/${encodePath(repository)}/hooks`,
      query: "?per_page=100",
      update: "PATCH",
      body: ({ url, secret }) => ({
        name: "web",
        active: true,
        events: ["push", "delete", "release"],
        config: { url, content_type: "json", secret, insecure_ssl: "0" },
      }),
      list: (json) => json,
      read: readConfiguredHook,
    }),
  };
}

function listPath(list: "all" | "orgs" | "own" | "users", owner: string | null): string {
  if (list === "all") return "/user/repos?";
  return list === "own"
    ? "/user/repos?affiliation=owner&"
    : `/${list}/${encodeURIComponent(owner ?? "")}/repos?`;
}

function githubLinks(origin: string): ForgeLinks {
  return {
    repository: (path) => `${origin}/${encodePath(path)}`,
    commit: (path, reference) => `${origin}/${encodePath(path)}/commit/${reference}`,
    tag: (path, name) => `${origin}/${encodePath(path)}/releases/tag/${encodePath(name)}`,
    branch: (path, name) => `${origin}/${encodePath(path)}/tree/${encodePath(name)}`,
    compare: (path, from, to) => `${origin}/${encodePath(path)}/compare/${from}...${to}`,
  };
}

/** Encodes each segment, so that slashes stay slashes. */
export function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

const hookScopes = new Set(["admin:repo_hook", "write:repo_hook", "repo"]);

const scopeOf: Record<Purpose, string> = {
  account: "to be a token of a user",
  repositories: 'the scope "repo" (or, fine-grained, the permissions "Contents" and "Metadata": read)',
  webhooks:
    'the scope "admin:repo_hook" (or, fine-grained, the permission "Webhooks": read and write) and the role of an administrator of the repository',
};

/** Classic tokens list their scopes in one header; for fine-grained tokens another header names what is missing. */
function scopesIn(headers: Headers): string[] | null {
  return headers.get("x-oauth-scopes")?.split(/,\s*/).filter(Boolean) ?? null;
}

function needs(purpose: Purpose, { headers }: { headers: Headers }): string {
  if (headers.has("x-github-sso")) return "to be authorized for the organization's single sign-on";
  const permissions = headers.get("x-accepted-github-permissions") ?? "";
  if (/^[a-z_]+=[a-z]+([,;] ?[a-z_]+=[a-z]+)*$/.test(permissions)) return `the permission ${permissions}`;
  return scopeOf[purpose];
}

function readOwner(owner: Json): ForgeOwner {
  const path = textIn(owner["login"]) ?? "";
  return { path, name: textIn(owner["name"]) ?? path, kind: "organization" };
}

function readRepository(origin: string) {
  return (found: Json): ForgeRepository => {
    const path = textIn(found["full_name"]) ?? "";
    return {
      path,
      cloneUrl: `${origin}/${path}.git`,
      description: textIn(found["description"]),
      isPrivate: found["private"] === true,
      isArchived: found["archived"] === true,
      defaultBranch: textIn(found["default_branch"]),
      pushedAt: timeIn(found["pushed_at"]),
    };
  };
}
