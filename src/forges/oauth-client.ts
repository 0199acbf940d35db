// The OAuth 2.0 requests that the forges share: RFC 6749 with PKCE (RFC 7636) and the issuer parameter (RFC 9207).
import { createHash } from "node:crypto";
import { Failure, forbidden, invalid, unavailable } from "../errors.ts";
import { outbound, type OutboundPolicy } from "../outbound/outbound.ts";
import type { Grant, OAuthFlow } from "./oauth.ts";

export type ClientApp = { clientId: string; clientSecret: string };

export type OAuthClient = ClientApp & {
  title: string;
  /** The expected issuer, checked when an answer names one. */
  issuers: string[];
  authorizeUrl: string;
  tokenUrl: string;
  /** False for Bitbucket, which has no PKCE. */
  hasPkce: boolean;
  policy: OutboundPolicy;
  now: () => number;
};

const limits = { totalMs: 10_000, bodyBytes: 1024 * 1024 };

export function authorizationAddress(
  client: OAuthClient,
  trip: OAuthFlow,
  more: Record<string, string>,
): string {
  const url = new URL(client.authorizeUrl);
  const query = {
    response_type: "code",
    client_id: client.clientId,
    redirect_uri: trip.redirectUri,
    state: trip.state,
    ...(client.hasPkce ? { code_challenge: challengeOf(trip.verifier), code_challenge_method: "S256" } : {}),
    ...more,
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}

/** Exchanges the authorization code for tokens. */
export async function exchangeCode(
  client: OAuthClient,
  trip: OAuthFlow,
  answer: URLSearchParams,
): Promise<Grant> {
  const code = codeIn(client, answer);
  return askForToken(client, {
    grant_type: "authorization_code",
    code,
    redirect_uri: trip.redirectUri,
    ...(client.hasPkce ? { code_verifier: trip.verifier } : {}),
  });
}

export function refreshGrant(client: OAuthClient, refreshToken: string): Promise<Grant> {
  return askForToken(client, { grant_type: "refresh_token", refresh_token: refreshToken });
}

/** JSON from the forge's API, with the access token. */
export async function askAs(client: OAuthClient, url: string, token: string): Promise<unknown> {
  const headers = { Accept: "application/json", Authorization: `Bearer ${token}` };
  const { status, body } = await askJson(client, url, { headers });
  if (status === 200) return body;
  if (status >= 500 || status === 429) throw away(client.title, `it answered ${status}`);
  throw refused(client.title, `it answered ${status} to the question who you are`);
}

export function refused(title: string, why: string): Failure {
  return invalid(`${title} did not sign you in: ${why}.`, { code: "oauth_refused" });
}

export function away(title: string, why: string): Failure {
  return unavailable(`${title} could not be reached: ${why}.`, {
    code: "oauth_unavailable",
    advice: "Try again in a moment.",
  });
}

/** Prevents mix-up attacks: an answer of one provider must never be used at another. */
export function foreignAnswer(title: string): Failure {
  return forbidden(`This response is not from ${title}, so it was not used.`, { code: "oauth_foreign" });
}

export function unknownClient(title: string): Failure {
  return unavailable(`${title} does not accept this registry's client ID and secret.`, {
    code: "oauth_client_refused",
    advice: "An administrator of the server has to check them.",
  });
}

function codeIn({ title, issuers }: OAuthClient, answer: URLSearchParams): string {
  const issuer = answer.get("iss");
  if (issuer !== null && !issuers.includes(issuer)) throw foreignAnswer(title);
  const error = answer.get("error");
  if (error !== null) throw refused(title, messageFor(error));
  const [code = "", ...others] = answer.getAll("code");
  if (code === "" || others.length > 0) throw refused(title, "its answer has no code");
  return code;
}

/** The error message of a provider; nothing else of its answer is passed on. */
export function messageFor(error: string): string {
  if (error === "access_denied") return "access was denied there";
  if (error === "invalid_scope") return "its application may not ask for what is needed here";
  return /^[a-z_]{1,60}$/.test(error) ? `it says ${error}` : "it says no";
}

async function askForToken(client: OAuthClient, form: Record<string, string>): Promise<Grant> {
  const { clientId, clientSecret, title } = client;
  const { status, body } = await askJson(client, client.tokenUrl, {
    method: "POST",
    headers: {
      Accept: "application/json",
      "Content-Type": "application/x-www-form-urlencoded",
      ...(client.hasPkce ? {} : { Authorization: basic(clientId, clientSecret) }),
    },
    body: new URLSearchParams(
      client.hasPkce ? { ...form, client_id: clientId, client_secret: clientSecret } : form,
    ).toString(),
  });
  const reply = (body ?? {}) as Record<string, unknown>;
  // GitHub reports errors with status 200.
  const error = typeof reply["error"] === "string" ? reply["error"] : null;
  if (error !== null && /client/.test(error) && error !== "unauthorized_client") throw unknownClient(title);
  if (error !== null) throw refused(title, messageFor(error));
  if (status === 401) throw unknownClient(title);
  if (status !== 200 && status !== 201) throw away(title, `it answered ${status}`);
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds } = reply;
  if (typeof accessToken !== "string" || accessToken === "") throw away(title, "it gave no access token");
  return {
    accessToken,
    refreshToken: typeof refreshToken === "string" && refreshToken !== "" ? refreshToken : null,
    expiresAt: Number(seconds) > 0 ? client.now() + Number(seconds) * 1000 : null,
  };
}

type TokenRequest = { method?: string; headers: Record<string, string>; body?: string };

async function askJson(
  { policy, title }: OAuthClient,
  url: string,
  request: TokenRequest,
): Promise<{ status: number; body: unknown }> {
  try {
    const answer = await outbound(policy, url, { ...request, limits });
    const text = await answer.text();
    return { status: answer.status, body: parsed(text) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw unavailable(`${title} could not be reached: ${error.message}`, {
      code: "oauth_unavailable",
      advice: error.advice ?? "Try again in a moment.",
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function challengeOf(verifier: string): string {
  return createHash("sha256").update(verifier).digest("base64url");
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}
