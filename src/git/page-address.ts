// Derives the URL of a repository from the URL of one of its web pages.

import { invalid } from "../errors.ts";

/** Hosts that serve the same repositories under another name. */
const sameHosts: Record<string, string> = {
  "www.github.com": "github.com",
  "raw.githubusercontent.com": "github.com",
  "codeload.github.com": "github.com",
  "www.gitlab.com": "gitlab.com",
  "www.bitbucket.org": "bitbucket.org",
};

/** Hosts where repository paths always have two parts, so the rest belongs to a page. */
const twoPartHosts = new Set(["github.com", "bitbucket.org", "codeberg.org", "gitea.com"]);

/** Hosts that always support https, so http is corrected. */
export const publicHosts: ReadonlySet<string> = new Set([...twoPartHosts, "gitlab.com", "dev.azure.com"]);

// Page paths after the repository path, for self-hosted forges.
const pageParts = [
  /\/-(?:\/.*)?$/, // GitLab
  /\/(?:tree|blob|raw|blame|edit)\/[^/]+(?:\/.*)?$/, // GitHub
  /\/(?:commit|commits|compare|pull|pulls|issues|actions\/runs|releases\/tag)\/[^/]+(?:\/.*)?$/,
  /\/(?:src|raw|commits)\/(?:branch|tag|commit)\/.*$/, // Gitea
  /\/(?:info\/refs|git-upload-pack)$/,
];

/** `url` without the parts of a page. Throws invalid for a page that belongs to no repository. */
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

/** `/acme/blog/.git` is the git directory of a work tree; servers find it by the work tree's path, too. */
export function withoutGitFolder(path: string): string {
  return path.replace(/(?<=[^/])\/+\.git$/, "");
}

function partsOf(path: string): string[] {
  return path.split("/").filter(Boolean);
}

function noRepository(message: string) {
  return invalid(message, { code: "url_malformed", field: "url" });
}
