// One OpenID Connect provider of the operator's choice. openid-client implements the protocol and is loaded on first
// use; its requests go through src/outbound.
import type * as OpenIdClient from "openid-client";
import type { Configuration, CustomFetchOptions } from "openid-client";
import { Failure, unavailable } from "../errors.ts";
import { outbound, type OutboundPolicy } from "../outbound/outbound.ts";
import { away, foreignAnswer, refused, unknownClient, messageFor, type ClientApp } from "./oauth-client.ts";
import type { IdentityProvider, VerifiedIdentity, OAuthFlow } from "./oauth.ts";
import { withoutInvisible } from "../printable.ts";

export type OidcApp = ClientApp & { issuer: string; name: string };
type Settings = { app: OidcApp; policy: OutboundPolicy; now: () => number };

const limits = { totalMs: 10_000, bodyBytes: 1024 * 1024 };
/** As long as a flow may take. */
const againSeconds = 600;
const skewMs = 30_000;

export function oidcIdentity(settings: Settings): IdentityProvider {
  const { name: title } = settings.app;
  const issuer = normal(settings.app.issuer);
  return {
    name: "oidc",
    title,
    issuer,
    identityAddress: (trip, again) =>
      withClient(title, async (client) => {
        const config = await configurationOf(client, settings);
        const query = {
          redirect_uri: trip.redirectUri,
          scope: "openid email profile",
          state: trip.state,
          nonce: trip.nonce,
          code_challenge: await client.calculatePKCECodeChallenge(trip.verifier),
          code_challenge_method: "S256",
          ...(again ? { prompt: "login", max_age: "0" } : {}),
        };
        return client.buildAuthorizationUrl(config, query).href;
      }),
    identify: (trip, answer, again) =>
      withClient(title, async (client) => {
        const config = await configurationOf(client, settings);
        return identify(client, { config, settings, issuer }, { trip, answer, again });
      }),
  };
}

type Client = typeof OpenIdClient;
type Asking = { config: Configuration; settings: Settings; issuer: string };
type Arrived = { trip: OAuthFlow; answer: URLSearchParams; again: boolean };

async function identify(
  client: Client,
  { config, settings, issuer }: Asking,
  { trip, answer, again }: Arrived,
): Promise<VerifiedIdentity> {
  const title = settings.app.name;
  const from = answer.get("iss");
  if (from !== null && normal(from) !== issuer) throw foreignAnswer(title);
  const back = new URL(trip.redirectUri);
  back.search = answer.toString();
  const tokens = await client.authorizationCodeGrant(config, back, {
    expectedState: trip.state,
    expectedNonce: trip.nonce,
    pkceCodeVerifier: trip.verifier,
    idTokenExpected: true,
    ...(again ? { maxAge: againSeconds } : {}),
  });
  const claims = tokens.claims();
  if (!claims || normal(claims.iss) !== issuer) throw foreignAnswer(title);
  if (again && Number(claims.auth_time) * 1000 < trip.startedAt - skewMs)
    throw refused(title, "it did not ask again who you are");
  const profile =
    typeof claims["email"] === "string"
      ? claims
      : await client.fetchUserInfo(config, tokens.access_token, claims.sub);
  return personOf(claims.sub, issuer, { ...claims, ...profile });
}

function personOf(subject: string, issuer: string, claims: Record<string, unknown>): VerifiedIdentity {
  const text = (name: string) => {
    const value = claims[name];
    return typeof value === "string" && value !== "" ? withoutInvisible(value) : null;
  };
  const email = text("email");
  const isVerified = claims["email_verified"] === true || claims["email_verified"] === "true";
  const login = (text("preferred_username") ?? email ?? subject).slice(0, 255);
  return {
    issuer,
    subject,
    login,
    name: text("name") ?? login,
    addresses: email !== null && isVerified ? [email.toLowerCase()] : [],
  };
}

/** Discovered anew every time: sign-ins are rare, and providers rotate their keys. */
async function configurationOf(client: Client, { app, policy, now }: Settings): Promise<Configuration> {
  const { issuer, clientId, clientSecret } = app;
  const isInsecure = issuer.startsWith("http:");
  const gate = (url: string, { method, headers, body }: CustomFetchOptions) =>
    outbound(policy, url, { method, headers, limits, ...(body == null ? {} : { body: textOf(body) }) });
  const metadata = {
    client_secret: clientSecret,
    [client.clockSkew]: Math.round((now() - Date.now()) / 1000),
  };
  return client.discovery(new URL(issuer), clientId, metadata, clientAuthentication(client), {
    [client.customFetch]: gate,
    // Whether plain HTTP may be spoken there is the gate's question.
    execute: [client.enableNonRepudiationChecks, ...(isInsecure ? [client.allowInsecureRequests] : [])],
  });
}

/** In the body where the provider takes it there, for all agree on how to write it; else in the header. */
function clientAuthentication({ ClientSecretPost, ClientSecretBasic }: Client) {
  const [post, basic] = [ClientSecretPost(), ClientSecretBasic()];
  return (...args: Parameters<typeof post>) => {
    const [{ token_endpoint_auth_methods_supported: methods = ["client_secret_basic"] }] = args;
    return (methods.includes("client_secret_post") ? post : basic)(...args);
  };
}

/** Turns errors of the protocol into a Failure. */
async function withClient<Result>(title: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = await import("openid-client");
  try {
    return await work(client);
  } catch (error) {
    throw failureOf(client, title, error);
  }
}

function failureOf(client: Client, title: string, error: unknown): unknown {
  const failure = failureIn(error);
  if (failure?.code.startsWith("oauth_")) return failure;
  if (failure)
    return unavailable(`${title} could not be reached: ${failure.message}`, {
      code: "oauth_unavailable",
      advice: failure.advice ?? "Try again in a moment.",
    });
  if (error instanceof client.AuthorizationResponseError) return refused(title, messageFor(error.error));
  if (error instanceof client.WWWAuthenticateChallengeError) return unknownClient(title);
  if (error instanceof client.ResponseBodyError)
    return error.error === "invalid_client" ? unknownClient(title) : refused(title, messageFor(error.error));
  if (!(error instanceof client.ClientError)) return error;
  if (/NOT_CONFORM|NOT_JSON|TIMEOUT|ABORT|PARSE_ERROR/.test(error.code ?? ""))
    return away(title, error.message);
  return refused(title, `its answer does not hold (${error.message})`);
}

/** openid-client wraps failures of src/outbound. */
function failureIn(error: unknown): Failure | null {
  if (error instanceof Failure) return error;
  return error instanceof Error && error.cause !== undefined ? failureIn(error.cause) : null;
}

function textOf(body: NonNullable<CustomFetchOptions["body"]>): string | Uint8Array {
  if (typeof body === "string" || body instanceof Uint8Array) return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new TypeError("A request to the provider has a body of another kind.");
}

/** Equal apart from a trailing slash. */
function normal(issuer: string): string {
  return (URL.parse(issuer)?.href ?? issuer).replace(/\/$/, "");
}
