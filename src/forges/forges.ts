// Which forge a URL belongs to, and its client.
import type { OutboundLimits } from "../outbound/http.ts";
import type { OutboundPolicy } from "../outbound/outbound.ts";
import { createBitbucket } from "./bitbucket.ts";
import { createGitea } from "./gitea.ts";
import { createGithub } from "./github.ts";
import { createGitlab } from "./gitlab.ts";
import { forgeNames, type ForgeName, type Forge } from "./forge.ts";

export type Forges = {
  at(name: ForgeName, origin: string): Forge;
  /**
   * The forge of a URL and the repository's path there; null for an unknown host. `hint` adds a forge: at its origin, or
   * without one at the host of the URL.
   */
  recognize(url: string, hint?: { name: ForgeName; origin: string | null }): Recognized | null;
};

/** The parts of a repository URL: `https://github.com` and `acme/blog`. */
type Recognized = { name: ForgeName; origin: string; path: string };

/** The origins that this installation uses; null where there is none. */
type ForgeOrigins = Record<ForgeName, { origin: string | null }>;

const clients = {
  github: createGithub,
  gitlab: createGitlab,
  bitbucket: createBitbucket,
  gitea: createGitea,
};

export function createForges(of: {
  policy: OutboundPolicy;
  origins: ForgeOrigins;
  now: () => number;
  limits?: Partial<OutboundLimits>;
}): Forges {
  const { policy, origins, now, limits = {} } = of;
  const known = knownOrigins(origins);
  return {
    at: (name, origin) => clients[name]({ origin, policy, now, limits }),
    recognize(url, hint) {
      const site = siteOf(url);
      if (site === null) return null;
      const forges = hint?.origin ? [{ name: hint.name, origin: hint.origin }, ...known] : known;
      const found = forges.find(({ origin }) => isAt(site, origin));
      if (found) return { ...found, path: site.path };
      return hint && !hint.origin ? { name: hint.name, origin: site.origin, path: site.path } : null;
    },
  };
}

function isAt(site: Site, origin: string): boolean {
  if (site.isWeb) return site.origin === origin;
  const { host, hostname } = new URL(origin);
  // SSH may have a host of its own: ssh.github.com, altssh.gitlab.com, ssh.bitbucket.org.
  const web = site.host.replace(/^(?:alt)?ssh\./, "");
  return [hostname, host].some((known) => known === site.host || known === web);
}

/** Always includes the public hosts: a company with its own GitHub also mirrors repositories of github.com. */
function knownOrigins(origins: ForgeOrigins): { name: ForgeName; origin: string }[] {
  const own = forgeNames.flatMap((name) => {
    const { origin } = origins[name];
    return origin === null ? [] : [{ name, origin }];
  });
  return [
    ...own,
    { name: "github", origin: "https://github.com" },
    { name: "gitlab", origin: "https://gitlab.com" },
    { name: "bitbucket", origin: "https://bitbucket.org" },
    { name: "gitea", origin: "https://codeberg.org" },
  ];
}

type Site = { isWeb: boolean; origin: string; host: string; path: string };

/** `git@host:acme/blog.git`, `ssh://git@host:22/acme/blog.git` and `https://host/acme/blog.git`; null for others. */
function siteOf(url: string): Site | null {
  const short = /^(?:[^@/]+@)?([A-Za-z0-9.-]+):(?!\/)(.+)$/.exec(url);
  const parsed = URL.parse(short ? `ssh://${short[1]}/${short[2]}` : url);
  if (!parsed || !/^(https?|ssh):$/.test(parsed.protocol)) return null;
  const isWeb = parsed.protocol !== "ssh:";
  const host = isWeb ? parsed.host : parsed.hostname.toLowerCase();
  const path = decoded(parsed.pathname.replace(/^\/+|\/+$/g, "").replace(/\.git$/, ""));
  if (host === "" || path === null || path === "") return null;
  return { isWeb, origin: isWeb ? parsed.origin : `https://${host}`, host, path };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
