// What the kind of a forge means for a page: its icon, and where it shows a commit.
import type { IconName } from "../../../../templates/parts/icons.ts";

export function forgeIcon(provider: string | null): IconName {
  return provider === "github" ? "github" : provider === "gitlab" ? "gitlab" : "git-branch";
}

const commitPaths: Record<string, string> = {
  github: "commit",
  gitlab: "-/commit",
  bitbucket: "commits",
  gitea: "commit",
};

/** The page of a commit; null for a plain git server and a local folder. Never with credentials. */
export function commitHref(
  { url, provider }: { url: string | null; provider: string | null },
  reference: string,
): string | null {
  const path = commitPaths[provider ?? ""];
  const site = url === null ? null : siteOf(url);
  return path === undefined || site === null ? null : `${site}/${path}/${reference}`;
}

/** `git@host:acme/blog.git` and `ssh://git@host:22/acme/blog.git` → `https://host/acme/blog`. */
function siteOf(url: string): string | null {
  const short = /^(?:[^@/]+@)?([A-Za-z0-9.-]+):(?!\/)(.+)$/.exec(url);
  const parsed = URL.parse(short ? `ssh://${short[1]}/${short[2]}` : url);
  if (!parsed || !/^(https?|ssh):$/.test(parsed.protocol)) return null;
  const host = parsed.protocol === "ssh:" ? parsed.hostname : parsed.host;
  const path = parsed.pathname.replace(/\/+$/, "").replace(/\.git$/, "");
  return host === "" || path === "" ? null : `https://${host}${path}`;
}
