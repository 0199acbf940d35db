// Where the forges are, and who this registry is to them and to the identity provider.
import type { Reader } from "./reader.ts";

type OAuthApp = { clientId: string; clientSecret: string };
/** `name` is the display name. */
type OidcApp = OAuthApp & { issuer: string; name: string };
type ForgeName = "github" | "gitlab" | "bitbucket" | "gitea";

/** Where each kind of forge is: the public one, or the company's own. There is no public Gitea. */
export type Forges = {
  github: { origin: string };
  gitlab: { origin: string };
  bitbucket: { origin: string };
  gitea: { origin: string | null };
};

/** null where not configured. */
export type OAuth = Record<ForgeName, OAuthApp | null> & { oidc: OidcApp | null };

export function forges(read: Reader): Forges {
  return {
    github: { origin: forgeOrigin(read, "GITHUB_URL") ?? "https://github.com" },
    gitlab: { origin: forgeOrigin(read, "GITLAB_INSTANCE_URI") ?? "https://gitlab.com" },
    bitbucket: { origin: "https://bitbucket.org" },
    gitea: { origin: forgeOrigin(read, "GITEA_URL") },
  };
}

function forgeOrigin(read: Reader, name: string): string | null {
  const text = read.text(name, "");
  if (text === "") return null;
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin;
  read.problem(name, `"${text}" is not an origin like https://git.example.com`);
  return null;
}

export function oauth(read: Reader): OAuth {
  const gitea = oauthApp(read, "GITEA");
  if (gitea) read.required("GITEA_URL", "where the Gitea is that GITEA_CLIENT_ID belongs to");
  return {
    github: oauthApp(read, "GITHUB"),
    gitlab: oauthApp(read, "GITLAB"),
    bitbucket: oauthApp(read, "BITBUCKET"),
    gitea,
    oidc: oidcApp(read),
  };
}

function oauthApp(read: Reader, name: string): OAuthApp | null {
  const clientId = read.text(`${name}_CLIENT_ID`, "");
  const clientSecret = read.text(`${name}_CLIENT_SECRET`, "");
  if (clientId !== "" && clientSecret !== "") return { clientId, clientSecret };
  const [missing, present] = clientId === "" ? ["ID", "SECRET"] : ["SECRET", "ID"];
  if (clientId !== clientSecret)
    read.problem(`${name}_CLIENT_${missing}`, `is missing: it goes with ${name}_CLIENT_${present}`);
  return null;
}

function oidcApp(read: Reader): OidcApp | null {
  const app = oauthApp(read, "OIDC");
  const issuer = read.text("OIDC_ISSUER", "");
  if (issuer === "") {
    if (app) read.problem("OIDC_ISSUER", "is missing: the address of the provider that OIDC_CLIENT_ID is of");
    return null;
  }
  const url = URL.parse(issuer);
  const isAddress = url && /^https?:$/.test(url.protocol) && !url.search && !url.hash && !url.username;
  if (!isAddress || issuer.length > 255)
    read.problem("OIDC_ISSUER", `"${issuer}" is not an address like https://id.example.com`);
  else if (!app) read.required("OIDC_CLIENT_ID", "as what OIDC_ISSUER knows this registry");
  return app && { ...app, issuer, name: read.text("OIDC_NAME", url?.host ?? issuer) };
}
