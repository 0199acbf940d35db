// An OpenID Connect provider on loopback: discovery, keys, codes with PKCE, signed ID tokens, userinfo. It can be made to
// lie in each of them.
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";

export type OidcPerson = {
  sub: string;
  email?: string;
  email_verified?: boolean;
  name?: string;
  preferred_username?: string;
};

/** What is wrong with the answer. */
export type Lie =
  | "another key"
  | "unsigned"
  | "another audience"
  | "another issuer"
  | "another nonce"
  | "expired"
  | "no issuer in the answer"
  | "another issuer in the answer"
  | "no auth_time"
  | "an auth_time of before"
  | "another issuer in its description"
  | "down";

export type OidcServer = {
  issuer: string;
  client: { id: string; secret: string };
  environment: Record<string, string>;
  person: OidcPerson;
  lie: Lie | null;
  /** Whether the ID token says the address; else userinfo does. */
  saysEmail: boolean;
  requests: { path: string; query: Record<string, string> }[];
  agree(href: string): Promise<string>;
  stop(): Promise<void>;
};

type Code = { redirectUri: string; challenge: string; nonce: string; again: boolean; person: OidcPerson };

export function startOidc({ now = () => Date.now() }: { now?: () => number } = {}): OidcServer {
  const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const others = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const codes = new Map<string, Code>();
  const tokens = new Map<string, OidcPerson>();
  const client = { id: "pricore", secret: "s3cret & more" };

  const authorize = (query: URLSearchParams): Response => {
    const code = randomBytes(16).toString("hex");
    const redirectUri = query.get("redirect_uri") ?? "";
    const isWhole = query.get("client_id") === client.id && query.get("code_challenge_method") === "S256";
    if (!isWhole || !(query.get("scope") ?? "").split(" ").includes("openid"))
      return new Response("Not what was expected.", { status: 400 });
    codes.set(code, {
      redirectUri,
      challenge: query.get("code_challenge") ?? "",
      nonce: query.get("nonce") ?? "",
      again: query.get("prompt") === "login" && query.get("max_age") === "0",
      person: server.person,
    });
    const back = new URL(redirectUri);
    back.searchParams.set("code", code);
    back.searchParams.set("state", query.get("state") ?? "");
    if (server.lie === "another issuer in the answer") back.searchParams.set("iss", "https://evil.test");
    else if (server.lie !== "no issuer in the answer") back.searchParams.set("iss", server.issuer);
    const link = `<a href="${back.href.replaceAll("&", "&amp;")}">Go on</a>`;
    const page = `<!doctype html><html lang="en"><title>Sign in</title><h1>Acme ID</h1><p>${link}</p></html>`;
    return new Response(page, { headers: { "Content-Type": "text/html" } });
  };

  const token = async (request: Request): Promise<Response> => {
    const form = new URLSearchParams(await request.text());
    const basic = Buffer.from((request.headers.get("authorization") ?? "").slice(6), "base64").toString();
    const pair = basic || `${encodeURIComponent(form.get("client_id") ?? "")}:${form.get("client_secret")}`;
    if (decodeURIComponent(pair.replaceAll("+", " ")) !== `${client.id}:${client.secret}`)
      return Response.json({ error: "invalid_client" }, { status: 401 });
    const code = codes.get(form.get("code") ?? "");
    codes.delete(form.get("code") ?? "");
    const verifier = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    if (!code || code.redirectUri !== form.get("redirect_uri") || code.challenge !== verifier)
      return Response.json({ error: "invalid_grant" }, { status: 400 });
    const access = randomBytes(16).toString("hex");
    tokens.set(access, code.person);
    const body = { access_token: access, token_type: "Bearer", expires_in: 300, id_token: idToken(code) };
    return Response.json(body);
  };

  const idToken = ({ nonce, again, person }: Code): string => {
    const { lie } = server;
    const seconds = Math.floor(now() / 1000);
    const { email, email_verified, ...others_ } = person;
    const claims = {
      iss: lie === "another issuer" ? "https://evil.test" : server.issuer,
      aud: lie === "another audience" ? "another" : client.id,
      nonce: lie === "another nonce" ? "another" : nonce,
      iat: lie === "expired" ? seconds - 7200 : seconds,
      exp: lie === "expired" ? seconds - 3600 : seconds + 300,
      ...(lie === "no auth_time" ? {} : { auth_time: again && lie === null ? seconds : seconds - 3600 }),
      ...others_,
      ...(server.saysEmail ? { email, email_verified } : {}),
    };
    if (lie === "unsigned") return `${encoded({ alg: "none" })}.${encoded(claims)}.`;
    return signed(claims, lie === "another key" ? others.privateKey : keys.privateKey);
  };

  const http = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      server.requests.push({ path: pathname, query: Object.fromEntries(searchParams) });
      if (server.lie === "down") return new Response("Down.", { status: 503 });
      if (pathname === "/.well-known/openid-configuration") return Response.json(description(server));
      if (pathname === "/authorize") return authorize(searchParams);
      if (pathname === "/token" && request.method === "POST") return token(request);
      if (pathname === "/keys")
        return Response.json({
          keys: [{ ...keys.publicKey.export({ format: "jwk" }), kid: "1", alg: "RS256", use: "sig" }],
        });
      const person = tokens.get((request.headers.get("authorization") ?? "").replace(/^Bearer /i, ""));
      if (pathname === "/userinfo" && person) return Response.json(person);
      return new Response(null, { status: pathname === "/favicon.ico" ? 204 : 404 });
    },
  });

  const issuer = `http://127.0.0.1:${http.port}`;
  const server: OidcServer = {
    issuer,
    client,
    environment: {
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: client.id,
      OIDC_CLIENT_SECRET: client.secret,
      OIDC_NAME: "Acme ID",
      OUTBOUND_ALLOW: "127.0.0.1",
    },
    person: {
      sub: "u-7",
      email: "ann@acme.test",
      email_verified: true,
      name: "Ann",
      preferred_username: "ann",
    },
    lie: null,
    saysEmail: true,
    requests: [],
    async agree(href) {
      const shown = await (await fetch(href)).text();
      const [, link = ""] = /<a href="([^"]+)">/.exec(shown) ?? [];
      const { pathname, search } = new URL(link.replaceAll("&amp;", "&"));
      return pathname + search;
    },
    stop: () => http.stop(true),
  };
  return server;
}

function description({ issuer, lie }: OidcServer) {
  return {
    issuer: lie === "another issuer in its description" ? "https://evil.test" : issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/keys`,
    userinfo_endpoint: `${issuer}/userinfo`,
    response_types_supported: ["code"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
    authorization_response_iss_parameter_supported: true,
  };
}

function signed(claims: object, key: KeyObject): string {
  const text = `${encoded({ alg: "RS256", kid: "1", typ: "JWT" })}.${encoded(claims)}`;
  return `${text}.${sign("sha256", Buffer.from(text), key).toString("base64url")}`;
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
