// Gitea and Forgejo, by their REST API v1.
import { ask, askFor, type ForgeApi, type ForgeSetup } from "./ask.ts";
import { encodePath } from "./github.ts";
import { hooksOf, readConfiguredHook } from "./hooks.ts";
import { listIn, objectIn, textIn, timeIn, type Json } from "./json.ts";
import { everything, nextInLink, nextPageIn, pageOf, repositoryAt, searchThrough } from "./lists.ts";
import type { ForgeLinks, ForgeOwner, ForgeRepository, Forge } from "./forge.ts";
import type { Purpose } from "./failures.ts";

export function createGitea(where: ForgeSetup): Forge {
  const { origin } = where;
  const forge: ForgeApi = {
    ...where,
    api: `${origin}/api/v1`,
    headers: ({ token }) => ({ authorization: `Bearer ${token}` }),
    needs,
  };
  // The server's own idea of its URL may differ from ours.
  const next = ({ headers }: { headers: Headers }) => {
    const link = nextInLink(headers, null);
    return link && `${new URL(link).pathname.replace(/^.*\/api\/v1/, "")}${new URL(link).search}`;
  };
  return {
    name: "gitea",
    origin,
    links: giteaLinks(origin),
    async findAccount(access) {
      const { json } = await askFor(forge, access, { path: "/user", purpose: "account", what: "account" });
      // Gitea has no endpoint that describes a token; a request shows whether it works.
      await ask(forge, access, { path: "/user/repos?limit=1", purpose: "repositories" });
      const login = textIn(objectIn(json)["login"]) ?? "";
      return { login, scopes: null, expiresAt: null, mayKeepWebhooks: null };
    },
    async listOwners(access) {
      const me = await askFor(forge, access, { path: "/user", purpose: "account", what: "account" });
      const organizations = await everything(forge, access, {
        path: "/user/orgs?limit=50",
        purpose: "account",
        what: "organizations",
        read: (json) => listIn(json).map((each) => readOwner(each, "organization")),
        next,
      });
      return [readOwner(objectIn(me.json), "user"), ...organizations];
    },
    listRepositories: (access, { owner, search, page }) =>
      searchThrough({ search, from: page }, (from) =>
        pageOf(from, {
          lists: ["user", "orgs", "users"] as const,
          async read(list, number) {
            const at = list === "user" ? "/user" : `/${list}/${encodeURIComponent(owner ?? "")}`;
            const path = `${at}/repos?limit=50&page=${number}`;
            const answer = await ask(forge, access, { path, purpose: "repositories" });
            if (!answer) return null;
            return {
              items: listIn(answer.json).map(readRepository(origin)),
              next: nextPageIn(answer.headers),
            };
          },
          first: () => (owner === null ? ["user"] : ["orgs", "users"]),
        }),
      ),
    findRepository: (access, path) =>
      repositoryAt(forge, access, { path: `/repos/${encodePath(path)}`, read: readRepository(origin) }),
    ...hooksOf(forge, {
      path: (repository) => `/repos/${encodePath(repository)}/hooks`,
      query: "?limit=50",
      update: "PATCH",
      body: ({ url, secret }) => ({
        type: "gitea",
        active: true,
        events: ["push", "create", "delete", "release"],
        config: { url, content_type: "json", secret },
      }),
      list: (json) => json,
      read: readConfiguredHook,
    }),
  };
}

function giteaLinks(origin: string): ForgeLinks {
  return {
    repository: (path) => `${origin}/${encodePath(path)}`,
    commit: (path, reference) => `${origin}/${encodePath(path)}/commit/${reference}`,
    tag: (path, name) => `${origin}/${encodePath(path)}/src/tag/${encodePath(name)}`,
    branch: (path, name) => `${origin}/${encodePath(path)}/src/branch/${encodePath(name)}`,
    compare: (path, from, to) => `${origin}/${encodePath(path)}/compare/${from}...${to}`,
  };
}

const scopeOf: Record<Purpose, string> = {
  account: 'the scopes "read:user" and "read:organization"',
  repositories: 'the scope "read:repository"',
  webhooks: 'the scope "write:repository", of an administrator of the repository',
};

/** Gitea names scopes in brackets; only text that looks like a scope is shown. */
function needs(purpose: Purpose, { body }: { headers: Headers; body: string }): string {
  const named = /required scope\(s\): \[([a-z:, -]{1,100})\]/.exec(body)?.[1];
  return named ? `the scope "${named.trim()}"` : scopeOf[purpose];
}

function readOwner(owner: Json, kind: ForgeOwner["kind"]): ForgeOwner {
  const path = textIn(owner["login"]) ?? textIn(owner["username"]) ?? textIn(owner["name"]) ?? "";
  return { path, name: textIn(owner["full_name"]) ?? path, kind };
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
      pushedAt: timeIn(found["updated_at"]),
    };
  };
}
