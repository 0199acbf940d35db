// From the address of a page that a browser shows to the address of the repository that the page is of.

import { invalid } from "../errors.ts";

/** Hosts that show the same repositories under another name. */
const sameHosts: Record<string, string> = {
  "www.github.com": "github.com",
  "raw.githubusercontent.com": "github.com",
  "codeload.github.com": "github.com",
  "www.gitlab.com": "gitlab.com",
  "www.bitbucket.org": "bitbucket.org",
};

/** Where a repository's path always has two parts, so that whatever follows belongs to a page. */
const twoPartHosts = new Set(["github.com", "bitbucket.org", "codeberg.org", "gitea.com"]);

/** Where everybody may use https, so that http was not meant. */
export const publicHosts: ReadonlySet<string> = new Set([...twoPartHosts, "gitlab.com", "dev.azure.com"]);

// What follows a repository's path in the addresses of pages, at forges on hosts of one's own.
const pageParts = [
  /\/-(?:\/.*)?$/, // GitLab
  /\/(?:tree|blob|raw|blame|edit)\/[^/]+(?:\/.*)?$/, // GitHub
  /\/(?:commit|commits|compare|pull|pulls|issues|actions\/runs|releases\/tag)\/[^/]+(?:\/.*)?$/,
  /\/(?:src|raw|commits)\/(?:branch|tag|commit)\/.*$/, // Gitea
  /\/(?:info\/refs|git-upload-pack)$/,
];

/** `url` without what only a page needs. Throws invalid for a page that is of no repository. */
export function repositoryOfPage(url: URL): URL {
  const found = new URL(url);
  found.search = "";
  found.hash = "";
  found.host = sameHosts[url.host] ?? url.host;
  if (found.protocol === "http:" && found.port === "" && publicHosts.has(found.host))
    found.protocol = "https:";
  if (/^(?:www\.)?packagist\.org$/.test(url.hostname))
    throw noRepository("That is a page of Packagist; give the address of the git repository that it names.");
  if (url.host === "api.github.com") {
    found.host = "github.com";
    found.pathname = url.pathname.replace(/^\/repos(?=\/)/, "");
  }
  found.pathname = pathOfRepository(found.host, found.pathname.replace(/\/{2,}/g, "/").replace(/\/+$/, ""));
  return found;
}

function pathOfRepository(host: string, path: string): string {
  if (twoPartHosts.has(host)) return firstTwo(host, path);
  const azure = /^(.*\/_git\/[^/]+)/.exec(path)?.[1];
  if (azure !== undefined) return azure;
  const server = /^(\/.*?)?\/(?:projects\/([^/]+)|users\/([^/]+))\/repos\/([^/]+)(?:\/.*)?$/.exec(path);
  if (server) {
    const [, context = "", project, user, name] = server;
    return `${context}/scm/${project?.toLowerCase() ?? `~${user}`}/${name}.git`;
  }
  const ending = pageParts.find((part) => part.test(path));
  const cut = ending && partsOf(path.replace(ending, "")).length >= 2 ? path.replace(ending, "") : path;
  return withoutGitFolder(cut);
}

function firstTwo(host: string, path: string): string {
  const [owner, name] = partsOf(path);
  if (owner === undefined || name === undefined)
    throw noRepository(
      `That is a page of ${host}, not a repository; its address has the form https://${host}/acme/blog.`,
    );
  return `/${owner}/${name}`;
}

/** `/acme/blog/.git` is the folder within a work tree; servers find it by the work tree's name, too. */
export function withoutGitFolder(path: string): string {
  return path.replace(/(?<=[^/])\/+\.git$/, "");
}

function partsOf(path: string): string[] {
  return path.split("/").filter(Boolean);
}

function noRepository(message: string) {
  return invalid(message, { code: "url_malformed", field: "url" });
}
