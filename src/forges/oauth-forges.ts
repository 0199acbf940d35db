// Each forge's OAuth endpoints and scopes, and how its API identifies a user.
import type { OutboundPolicy } from "../outbound/outbound.ts";
import {
  askAs,
  authorizationAddress,
  away,
  exchangeCode,
  refreshGrant,
  type ClientApp,
  type OAuthClient,
} from "./oauth-client.ts";
import type { IdentityProvider, OAuthForge, VerifiedIdentity } from "./oauth.ts";
import type { ForgeName } from "./forge.ts";
import { withoutInvisible } from "../printable.ts";

type ForgeApp = ClientApp & {
  origin: string;
  policy: OutboundPolicy;
  now: () => number;
};

type Facts = {
  title: string;
  authorize: string;
  token: string;
  hasPkce: boolean;
  /** The issuer it names, if that is not its origin. */
  issuer: string;
  /** Scopes to list and read repositories and to register webhooks. */
  scope: string;
};

const facts: Record<ForgeName, Facts> = {
  github: {
    title: "GitHub",
    authorize: "/login/oauth/authorize",
    token: "/login/oauth/access_token",
    hasPkce: true,
    issuer: "/login/oauth",
    scope: "repo read:org",
  },
  gitlab: {
    title: "GitLab",
    authorize: "/oauth/authorize",
    token: "/oauth/token",
    hasPkce: true,
    issuer: "",
    scope: "api",
  },
  bitbucket: {
    title: "Bitbucket",
    authorize: "/site/oauth2/authorize",
    token: "/site/oauth2/access_token",
    hasPkce: false,
    issuer: "",
    scope: "account repository webhook",
  },
  gitea: {
    title: "Gitea",
    authorize: "/login/oauth/authorize",
    token: "/login/oauth/access_token",
    hasPkce: true,
    issuer: "/",
    scope: "read:user read:organization write:repository",
  },
};

export function oauthForge(name: ForgeName, app: ForgeApp): OAuthForge {
  const { title, scope } = facts[name];
  const client = clientOf(name, app);
  return {
    name,
    title,
    origin: app.origin,
    connectionAddress: async (trip) => authorizationAddress(client, trip, { scope }),
    connect: (trip, answer) => exchangeCode(client, trip, answer),
    refresh: (refreshToken) => refreshGrant(client, refreshToken),
  };
}

/** Sign-in requests only the identity. */
export function forgeIdentity(name: "github" | "gitlab", app: ForgeApp): IdentityProvider {
  const client = clientOf(name, app);
  const { title } = facts[name];
  const isGithub = name === "github";
  const scope = isGithub ? "read:user user:email" : "read_user";
  // Neither forge has an option to ask for the password again; GitHub can at least show which account is used.
  const once: Record<string, string> = isGithub ? { prompt: "select_account" } : {};
  return {
    name,
    title,
    issuer: app.origin,
    identityAddress: async (trip, again) =>
      authorizationAddress(client, trip, { scope, ...(again ? once : {}) }),
    async identify(trip, answer) {
      const { accessToken } = await exchangeCode(client, trip, answer);
      return isGithub ? githubPerson(client, app, accessToken) : gitlabPerson(client, app, accessToken);
    },
  };
}

function clientOf(name: ForgeName, { origin, ...app }: ForgeApp): OAuthClient {
  const { title, authorize, token, hasPkce, issuer } = facts[name];
  return {
    ...app,
    title,
    hasPkce,
    issuers: [origin, origin + issuer],
    authorizeUrl: origin + authorize,
    tokenUrl: origin + token,
  };
}

async function githubPerson(
  client: OAuthClient,
  { origin }: ForgeApp,
  token: string,
): Promise<VerifiedIdentity> {
  const api = githubApi(origin);
  const user = await askAs(client, `${api}/user`, token);
  const emails = await askAs(client, `${api}/user/emails`, token);
  const listed = (Array.isArray(emails) ? emails : []) as Record<string, unknown>[];
  const verified = listed.filter(({ verified, email }) => verified === true && typeof email === "string");
  const mainFirst = verified.toSorted(
    (a, b) => Number(b["primary"] === true) - Number(a["primary"] === true),
  );
  return personOf(client, origin, user, {
    login: "login",
    addresses: mainFirst.map(({ email }) => String(email)),
  });
}

async function gitlabPerson(
  client: OAuthClient,
  { origin }: ForgeApp,
  token: string,
): Promise<VerifiedIdentity> {
  const user = (await askAs(client, `${origin}/api/v4/user`, token)) as Record<string, unknown> | null;
  const isVerified = typeof user?.["confirmed_at"] === "string" && typeof user["email"] === "string";
  return personOf(client, origin, user, {
    login: "username",
    addresses: isVerified ? [String(user["email"])] : [],
  });
}

function personOf(
  client: OAuthClient,
  issuer: string,
  user: unknown,
  profile: { login: string; addresses: string[] },
): VerifiedIdentity {
  const { id, name } = (user ?? {}) as Record<string, unknown>;
  const subject = typeof id === "number" || typeof id === "string" ? String(id) : "";
  if (!/^[\x21-\x7e]{1,255}$/.test(subject)) throw away(client.title, "it did not say who you are");
  const login = withoutInvisible(textIn(client, user, profile.login));
  return {
    issuer,
    subject,
    login,
    name: typeof name === "string" && name.trim() !== "" ? withoutInvisible(name) : login,
    addresses: profile.addresses.map((address) => address.toLowerCase()),
  };
}

/** The first of these fields with text in it. */
function textIn({ title }: OAuthClient, body: unknown, ...fields: string[]): string {
  const all = (body ?? {}) as Record<string, unknown>;
  const found = fields.map((field) => all[field]).find((text) => typeof text === "string" && text !== "");
  if (typeof found !== "string") throw away(title, "it did not say who you are");
  return found.slice(0, 255);
}

function githubApi(origin: string): string {
  return origin === "https://github.com" ? "https://api.github.com" : `${origin}/api/v3`;
}
