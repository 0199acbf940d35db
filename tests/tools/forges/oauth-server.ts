// A forge's OAuth as its public description says it, on loopback: people agree on a page, codes work once and for whom
// they were made, PKCE is checked, and refresh tokens change with every use.
import { createHash, randomBytes } from "node:crypto";
import type { FakeForge } from "./fake-forge.ts";

export type ForgeKind = "github" | "gitlab" | "bitbucket" | "gitea";

export type FakePerson = {
  id: number;
  login: string;
  name?: string;
  /** The first is the main one. */
  emails: { email: string; verified: boolean }[];
};

export type OAuthServer = {
  origin: string;
  client: { id: string; secret: string };
  /** Environment of a registry that is known here. */
  environment: Record<string, string>;
  /** Who is signed in there, whatever the browser. */
  person: FakePerson | null;
  /** What every answer of the token endpoint is, instead of what it should be. */
  fault: "down" | "refuses" | "silent" | null;
  requests: { path: string; query: Record<string, string> }[];
  /** How often each refresh token was used, right or wrong. */
  refreshes: string[];
  validTokens(): string[];
  /** What the browser does that was sent to `href`: agrees, and answers the path of ours that it is sent back to. */
  agree(href: string): Promise<string>;
  /** The same, saying no. */
  decline(href: string): Promise<string>;
  /** The person takes back what they granted. */
  revokeAll(): void;
  /** Access tokens are worth nothing any more, refresh tokens are. */
  voidAccess(): void;
  stop(): Promise<void>;
};

type Code = { person: FakePerson; redirectUri: string; challenge: string | null; scope: string };
type Granted = { person: FakePerson; access: string; refresh: string; scope: string; until: number };

const paths: Record<ForgeKind, { authorize: string; token: string }> = {
  github: { authorize: "/login/oauth/authorize", token: "/login/oauth/access_token" },
  gitlab: { authorize: "/oauth/authorize", token: "/oauth/token" },
  bitbucket: { authorize: "/site/oauth2/authorize", token: "/site/oauth2/access_token" },
  gitea: { authorize: "/login/oauth/authorize", token: "/login/oauth/access_token" },
};

const variables: Record<ForgeKind, { prefix: string; origin: string | null }> = {
  github: { prefix: "GITHUB", origin: "GITHUB_URL" },
  gitlab: { prefix: "GITLAB", origin: "GITLAB_INSTANCE_URI" },
  bitbucket: { prefix: "BITBUCKET", origin: null },
  gitea: { prefix: "GITEA", origin: "GITEA_URL" },
};

export type Settings = {
  /** How long an access token lasts; null for ever, and then there is no refresh token. */
  seconds?: number | null;
  now?: () => number;
  /** The rest of the forge: what is granted here opens its interface and its repositories. */
  behind?: FakeForge;
};

export function startOAuthForge(
  kind: ForgeKind,
  { seconds, now = Date.now, behind }: Settings = {},
): OAuthServer {
  const lasts = seconds === undefined ? (kind === "github" ? null : 7200) : seconds;
  const codes = new Map<string, Code>();
  let grants: Granted[] = [];
  const text = () => randomBytes(20).toString("hex");
  const client = { id: `client-of-${kind}`, secret: `secret-of-${kind}` };

  const grant = (person: FakePerson, scope: string) => {
    const made = {
      person,
      scope,
      access: `at-${text()}`,
      refresh: `rt-${text()}`,
      until: now() + (lasts ?? 1e9) * 1000,
    };
    grants.push(made);
    return json({
      access_token: made.access,
      token_type: "bearer",
      scope,
      ...(lasts === null ? {} : { refresh_token: made.refresh, expires_in: lasts }),
    });
  };
  // GitHub says no with 200.
  const no = (error: string) => json({ error, error_description: "No." }, kind === "github" ? 200 : 400);

  const exchange = (form: URLSearchParams): Response => {
    const code = codes.get(form.get("code") ?? "");
    codes.delete(form.get("code") ?? "");
    if (!code || code.redirectUri !== form.get("redirect_uri")) return no("invalid_grant");
    const verifier = form.get("code_verifier");
    if (code.challenge !== null && code.challenge !== challengeOf(verifier ?? "")) return no("invalid_grant");
    return grant(code.person, code.scope);
  };
  const refresh = (form: URLSearchParams): Response => {
    const token = form.get("refresh_token") ?? "";
    server.refreshes.push(token);
    const old = grants.find((each) => each.refresh === token);
    if (!old) return no(kind === "github" ? "bad_refresh_token" : "invalid_grant");
    grants = grants.filter((each) => each !== old);
    return grant(old.person, old.scope);
  };
  const token = async (request: Request): Promise<Response> => {
    if (server.fault === "down") return new Response("We are down for maintenance.", { status: 502 });
    if (server.fault === "silent") await new Promise(() => {});
    const form = new URLSearchParams(await request.text());
    if (server.fault === "refuses") return no("invalid_grant");
    if (!isClient(client, request, form)) return json({ error: "invalid_client" }, 401);
    return form.get("grant_type") === "refresh_token" ? refresh(form) : exchange(form);
  };
  const authorize = (query: URLSearchParams): Response => {
    const { person } = server;
    const back = new URL(query.get("redirect_uri") ?? "");
    if (query.get("client_id") !== client.id || query.get("response_type") !== "code" || !person)
      return new Response("Unknown application, or nobody is signed in.", { status: 400 });
    const challenge = query.get("code_challenge");
    if (challenge !== null && query.get("code_challenge_method") !== "S256")
      return new Response("S256 only.", { status: 400 });
    const code = text();
    codes.set(code, { person, redirectUri: back.href, challenge, scope: query.get("scope") ?? "" });
    return page(kind, person, back, { state: query.get("state") ?? "", code });
  };
  const grantOf = (request: Request) => {
    const access = /^(?:bearer|token) (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    return grants.find((each) => each.access === access && each.until > now());
  };
  const isForIdentity = (request: Request) =>
    /^read[_:]user( user:email)?$/.test(grantOf(request)?.scope ?? "");
  const user = (request: Request, path: string): Response | null => {
    const found = grantOf(request);
    const answer = found ? bodies[kind](found.person)[path] : undefined;
    if (!Object.keys(bodies[kind](nobody)).includes(path)) return null;
    return found ? json(answer) : json({ message: "Bad credentials" }, 401);
  };

  const http = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      server.requests.push({ path: pathname, query: Object.fromEntries(searchParams) });
      if (pathname === paths[kind].authorize) return authorize(searchParams);
      if (pathname === paths[kind].token && request.method === "POST") return token(request);
      if (pathname === "/favicon.ico") return new Response(null, { status: 204 });
      if (behind && upstream && !isForIdentity(request))
        return forward(request, { upstream, token: behind.token, isValid });
      return user(request, pathname) ?? new Response("Not found", { status: 404 });
    },
  });
  const origin = `http://127.0.0.1:${http.port}`;
  const upstream = behind?.origin;
  const isValid = (access: string) => server.validTokens().includes(access);
  if (behind) behind.origin = origin;
  const { prefix, origin: variable } = variables[kind];
  const answered = async (href: string, words: string) => {
    const shown = await (await fetch(href)).text();
    const [, link = ""] = new RegExp(`<a href="([^"]+)">${words}</a>`).exec(shown) ?? [];
    if (link === "") throw new Error(`the forge shows no way on: ${shown}`);
    const { pathname, search } = new URL(link.replaceAll("&amp;", "&"));
    return pathname + search;
  };
  const server: OAuthServer = {
    origin,
    client,
    environment: {
      [`${prefix}_CLIENT_ID`]: client.id,
      [`${prefix}_CLIENT_SECRET`]: client.secret,
      ...(variable === null ? {} : { [variable]: origin }),
      OUTBOUND_ALLOW: "127.0.0.1",
    },
    person: null,
    fault: null,
    requests: [],
    refreshes: [],
    validTokens: () => grants.filter(({ until }) => until > now()).map(({ access }) => access),
    agree: (href) => answered(href, "Authorize"),
    decline: (href) => answered(href, "Cancel"),
    revokeAll: () => void (grants = []),
    voidAccess: () => void (grants = grants.map((each) => ({ ...each, until: 0 }))),
    stop: () => http.stop(true),
  };
  return server;
}

const nobody: FakePerson = { id: 0, login: "", emails: [] };

/** What each forge tells of whoever has a token. */
const bodies: Record<ForgeKind, (person: FakePerson) => Record<string, unknown>> = {
  github: ({ id, login, name = null, emails }) => ({
    "/api/v3/user": { id, login, name, email: null },
    "/api/v3/user/emails": emails
      .map(({ email, verified }, at) => ({ email, verified, primary: at === 0, visibility: null }))
      .toReversed(),
  }),
  gitlab: ({ id, login, name = login, emails: [first] }) => ({
    "/api/v4/user": {
      id,
      username: login,
      name,
      email: first?.email ?? null,
      confirmed_at: first?.verified ? "2026-01-01T00:00:00.000Z" : null,
    },
  }),
  bitbucket: ({ id, login, name = login }) => ({
    "/2.0/user": { uuid: `{${id}}`, nickname: login, display_name: name },
  }),
  gitea: ({ id, login, name = "", emails: [first] }) => ({
    "/api/v1/user": { id, login, full_name: name, email: first?.email ?? "" },
  }),
};

/** With the forge's own token in the place of one that was granted. */
async function forward(
  request: Request,
  { upstream, token, isValid }: { upstream: string; token: string; isValid: (access: string) => boolean },
): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const headers = new Headers(request.headers);
  const [scheme = "", credential = ""] = (headers.get("authorization") ?? "").split(" ");
  const basic = Buffer.from(credential, "base64").toString();
  const access = /^basic$/i.test(scheme) ? basic.slice(basic.indexOf(":") + 1) : credential;
  const isBasic = /^basic$/i.test(scheme);
  const worth = isValid(access) ? token : "worth nothing";
  headers.set(
    "authorization",
    isBasic ? `Basic ${Buffer.from(`x:${worth}`).toString("base64")}` : `Bearer ${worth}`,
  );
  const body = request.method === "GET" ? undefined : await request.bytes();
  const answer = await fetch(upstream + pathname + search, {
    method: request.method,
    headers,
    body,
    redirect: "manual",
    decompress: false,
  });
  return new Response(answer.body, { status: answer.status, headers: answer.headers });
}

function isClient(client: OAuthServer["client"], request: Request, form: URLSearchParams): boolean {
  const basic = /^basic (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  const credential = basic
    ? Buffer.from(basic, "base64").toString("utf8")
    : `${form.get("client_id")}:${form.get("client_secret")}`;
  return credential === `${client.id}:${client.secret}`;
}

function page(
  kind: string,
  { login }: FakePerson,
  back: URL,
  answer: { state: string; code: string },
): Response {
  const to = (more: Record<string, string>) => {
    const url = new URL(back);
    for (const [name, value] of Object.entries({ state: answer.state, ...more }))
      url.searchParams.set(name, value);
    return url.href.replaceAll("&", "&amp;");
  };
  const yes = `<a href="${to({ code: answer.code })}">Authorize</a>`;
  const refused = `<a href="${to({ error: "access_denied" })}">Cancel</a>`;
  const body = `<html lang="en"><title>${kind}</title><h1>Authorize Pricore, ${login}?</h1><p>${yes} ${refused}</p></html>`;
  return new Response(`<!doctype html>${body}`, { headers: { "Content-Type": "text/html; charset=utf-8" } });
}

function challengeOf(verifier: string): string {
  return createHash("sha256").update(verifier).digest("base64url");
}

function json(body: unknown, status = 200): Response {
  return Response.json(body, { status });
}
