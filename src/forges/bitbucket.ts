// Bitbucket Cloud, by its REST API 2.0. An API token is used with the email address of its account.
import { Failure, invalid } from "../errors.ts";
import { askFor, type ForgeApi, type ForgeSetup } from "./ask.ts";
import { encodePath } from "./github.ts";
import { hooksOf } from "./hooks.ts";
import { listIn, objectIn, textIn, textsIn, timeIn, type Json } from "./json.ts";
import { everything, isPath, repositoryAt } from "./lists.ts";
import type { ForgeLinks, ForgeOwner, ForgeRepository, Forge } from "./forge.ts";
import { credentialRefused, scopeMissing, type Purpose } from "./failures.ts";

export function createBitbucket(where: ForgeSetup): Forge {
  const { origin } = where;
  const host = new URL(origin).host;
  const forge: ForgeApi = {
    ...where,
    api: origin === "https://bitbucket.org" ? "https://api.bitbucket.org/2.0" : `${origin}/!api/2.0`,
    headers: ({ token, username }) => ({
      authorization: username === null ? `Bearer ${token}` : basic(username, token),
    }),
    needs,
  };
  return {
    name: "bitbucket",
    origin,
    links: bitbucketLinks(origin),
    async findAccount(access) {
      const what = "account";
      const { json, headers } = await askFor(forge, access, {
        path: "/user",
        purpose: "account",
        what,
      }).catch((error: unknown) => {
        throw withAddress(error, host);
      });
      const user = objectIn(json);
      const scopes = headers.get("x-oauth-scopes")?.split(/,\s*/).filter(Boolean) ?? null;
      const may = (pattern: RegExp) => scopes && scopes.some((scope) => pattern.test(scope));
      if (may(/^(repository|(read|write|admin):repository)/) === false)
        throw scopeMissing(host, { purpose: "repositories", needs: scopeOf.repositories });
      return {
        login: textIn(user["username"]) ?? textIn(user["nickname"]) ?? textIn(user["display_name"]) ?? "",
        scopes,
        expiresAt: null,
        mayKeepWebhooks: may(/^webhook$|^write:webhook/),
      };
    },
    listOwners: (access) =>
      everything(forge, access, {
        path: "/user/workspaces?pagelen=100",
        purpose: "account",
        what: "workspaces",
        read: (json) => listIn(objectIn(json)["values"]).map(readWorkspace),
        next: ({ json }) => textIn(objectIn(json)["next"]),
      }),
    async listRepositories(access, { owner, search, page }) {
      if (owner === null)
        throw invalid("Bitbucket lists the repositories of one workspace. Choose a workspace.", {
          field: "owner",
        });
      const terms = search.replace(/["\\]/g, " ").trim();
      const query = terms === "" ? "" : `&q=${encodeURIComponent(`name ~ "${terms}"`)}`;
      // The next page is Bitbucket's own query string, used unchanged.
      const pageQuery = page ?? `?pagelen=100&sort=full_name${query}`;
      const isQuery = /^\?[\w%=&.~+-]*$/.test(pageQuery);
      const path = `/repositories/${encodeURIComponent(owner)}${isQuery ? pageQuery : ""}`;
      const what = `workspace ${owner}`;
      const { json } = await askFor(forge, access, { path, purpose: "repositories", what });
      const next = URL.parse(textIn(objectIn(json)["next"]) ?? "");
      const all = listIn(objectIn(json)["values"]).map(readRepository(origin));
      const items = all.filter((each) => isPath(each.path));
      const isOurs = next?.origin === new URL(forge.api).origin && next.search !== "";
      return { items, next: isOurs ? next.search : null };
    },
    findRepository: (access, path) =>
      repositoryAt(forge, access, {
        path: `/repositories/${encodePath(path)}`,
        read: readRepository(origin),
      }),
    ...hooksOf(forge, {
      path: (repository) => `/repositories/${encodePath(repository)}/hooks`,
      query: "?pagelen=100",
      update: "PUT",
      body: ({ url, secret }) => ({
        description: "Pricore",
        url,
        secret,
        active: true,
        events: ["repo:push"],
      }),
      list: (json) => objectIn(json)["values"],
      read: (hook) => ({
        id: textIn(hook["uuid"]),
        url: textIn(hook["url"]) ?? "",
        isActive: hook["active"] === true,
        events: textsIn(hook["events"]),
      }),
    }),
  };
}

function bitbucketLinks(origin: string): ForgeLinks {
  return {
    repository: (path) => `${origin}/${encodePath(path)}`,
    commit: (path, reference) => `${origin}/${encodePath(path)}/commits/${reference}`,
    tag: (path, name) => `${origin}/${encodePath(path)}/src/${encodePath(name)}`,
    branch: (path, name) => `${origin}/${encodePath(path)}/branch/${encodePath(name)}`,
    compare: (path, from, to) => `${origin}/${encodePath(path)}/branches/compare/${to}%0D${from}`,
  };
}

const scopeOf: Record<Purpose, string> = {
  account: 'the scopes "read:user:bitbucket" and "read:workspace:bitbucket"',
  repositories: 'the scope "read:repository:bitbucket"',
  webhooks: 'the scopes "read:webhook:bitbucket", "write:webhook:bitbucket" and "delete:webhook:bitbucket"',
};

/** Bitbucket lists the required scopes; only text that looks like a scope is shown. */
function needs(purpose: Purpose, { body }: { headers: Headers; body: string }): string {
  const detail = objectIn(objectIn(safely(body))["error"])["detail"];
  const required = textsIn(objectIn(detail)["required"]).filter((scope) => /^[a-z:_-]{1,60}$/.test(scope));
  if (required.length === 0) return scopeOf[purpose];
  return `the ${required.length === 1 ? "scope" : "scopes"} ${required.map((each) => `"${each}"`).join(" and ")}`;
}

function safely(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

/** Either the email address or the token may be wrong. */
function withAddress(error: unknown, host: string): unknown {
  if (!(error instanceof Failure) || error.code !== "forge_credential_refused") return error;
  const { code, field, advice } = credentialRefused(host);
  const message = `${host} rejected the email address or the token: one of them is wrong, or the token has expired or was revoked.`;
  return invalid(message, { code, ...(field ? { field } : {}), ...(advice ? { advice } : {}) });
}

function basic(username: string, token: string): string {
  return `Basic ${Buffer.from(`${username}:${token}`).toString("base64")}`;
}

/** Each workspace is wrapped in a membership object. */
function readWorkspace(value: Json): ForgeOwner {
  const workspace = "workspace" in value ? objectIn(value["workspace"]) : value;
  const path = textIn(workspace["slug"]) ?? "";
  return { path, name: textIn(workspace["name"]) ?? path, kind: "organization" };
}

function readRepository(origin: string) {
  return (found: Json): ForgeRepository => {
    const path = textIn(found["full_name"]) ?? "";
    return {
      path,
      cloneUrl: `${origin}/${path}.git`,
      description: textIn(found["description"]),
      isPrivate: found["is_private"] === true,
      isArchived: false,
      defaultBranch: textIn(objectIn(found["mainbranch"])["name"]),
      pushedAt: timeIn(found["updated_on"]),
    };
  };
}
