// The identity providers and forges that this installation is registered with.
import type { OutboundPolicy } from "../outbound/outbound.ts";
import type { ClientApp } from "./oauth-client.ts";
import { forgeIdentity, oauthForge } from "./oauth-forges.ts";
import type { OAuth } from "./oauth.ts";
import { oidcIdentity, type OidcApp } from "./oidc.ts";
import { forgeNames, type ForgeName } from "./forge.ts";

type OAuthSettings = {
  policy: OutboundPolicy;
  now: () => number;
  forges: Record<ForgeName, { origin: string | null }>;
  apps: Record<ForgeName, ClientApp | null> & { oidc: OidcApp | null };
};

export function createOAuth({ policy, now, forges, apps }: OAuthSettings): OAuth {
  const known = forgeNames.flatMap((name) => {
    const [client, { origin }] = [apps[name], forges[name]];
    return client && origin !== null ? [{ name, app: { ...client, origin, policy, now } }] : [];
  });
  const forgesToSignIn = known.flatMap(({ name, app }) =>
    name === "github" || name === "gitlab" ? [forgeIdentity(name, app)] : [],
  );
  const { oidc } = apps;
  return {
    identities: [...forgesToSignIn, ...(oidc ? [oidcIdentity({ app: oidc, policy, now })] : [])],
    forges: known.map(({ name, app }) => oauthForge(name, app)),
  };
}
