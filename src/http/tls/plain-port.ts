// The port of plain HTTP beside HTTPS: it answers the authority's challenges and sends everybody else to HTTPS. What
// comes with a credential is refused and not sent on: the credential has already travelled in clear, and its owner would
// never learn that.
import type { App } from "../../app.ts";
import { json, pageHeaders } from "../answers.ts";
import { listenOn, type Handlers } from "../listen.ts";
import { createContext, type RequestContext } from "../request/context.ts";
import { routeOf } from "../routes.ts";

type PlainPort = {
  /** The answer to a challenge, or null. */
  challenge: (token: string) => Promise<string | null>;
  /** Null once there is a certificate; until then why there is none, or an empty text. */
  waiting: () => string | null;
};

const challengePath = "/.well-known/acme-challenge/";
const loggedCharacters = 200;

export function startPlainPort(
  app: App,
  { port, ...plain }: PlainPort & { port: number },
): Bun.Server<undefined> {
  const handlers: Handlers = {
    routes: {},
    fetch: (request, server) => answer(app, plain, createContext(app, request, server)),
  };
  return listenOn({ host: app.config.host, port }, handlers);
}

async function answer(app: App, plain: PlainPort, context: RequestContext): Promise<Response> {
  const { request } = context;
  const { pathname = "/", search = "" } = URL.parse(request.url) ?? {};
  // Never redirected: the authority would follow, and report an error of the other port.
  if (pathname.startsWith(challengePath)) return challengeAnswer(plain, pathname.slice(challengePath.length));
  if (request.headers.has("authorization")) return refuseCredential(app, context, pathname);
  const reason = plain.waiting();
  if (reason !== null) return waitingAnswer(pathname, reason);
  if (request.method !== "GET" && request.method !== "HEAD") return upgradeAnswer(app);
  return new Response(null, {
    status: 308,
    headers: { Location: `${app.config.appUrl}${pathname}${search}` },
  });
}

async function challengeAnswer({ challenge }: PlainPort, token: string): Promise<Response> {
  const found = /^[\w-]{1,200}$/.test(token) ? await challenge(token).catch(() => null) : null;
  if (found === null) return json({ message: "There is no such challenge." }, { status: 404 });
  return new Response(found, { headers: { "Content-Type": "application/octet-stream" } });
}

function refuseCredential(app: App, { request, address }: RequestContext, path: string): Response {
  app.log.warn("tls.credential_in_clear", {
    method: request.method,
    path: path.slice(0, loggedCharacters),
    address,
  });
  const message =
    `This was sent unencrypted, with a credential that others may have read. Use ${app.config.appUrl}, ` +
    "and replace the credential.";
  return closing(json({ message, warning: message }, { status: 403 }));
}

function upgradeAnswer({ config }: App): Response {
  const message = `Only HTTPS is served. Use ${config.appUrl}`;
  return closing(json({ message, warning: message }, { status: 426, headers: { Upgrade: "TLS/1.2" } }));
}

/** Composer waits as long as it is asked to, and with it a whole build. */
const retrySeconds = { composer: 1, others: 10 };

function waitingAnswer(path: string, reason: string): Response {
  const message = `This server is waiting for its first certificate.${reason === "" ? "" : ` ${reason}`}`;
  const headers = (seconds: number) => ({ "Retry-After": String(seconds), "Cache-Control": "no-store" });
  if (isForComposer(path))
    return json({ message, warning: message }, { status: 503, headers: headers(retrySeconds.composer) });
  const page =
    "<!doctype html><html lang=en><meta name=viewport content=width=device-width><title>Pricore</title>" +
    `<h1>Waiting for a certificate</h1><p>${Bun.escapeHTML(message)}</p>` +
    "<p>This page works as soon as there is one. Reload it in a moment.</p>";
  const type = { "Content-Type": "text/html; charset=utf-8" };
  return new Response(page, {
    status: 503,
    headers: { ...pageHeaders, ...type, ...headers(retrySeconds.others) },
  });
}

function isForComposer(path: string): boolean {
  return routeOf(path).kind === "composer" || /^\/[^/]+\/(packages\.json$|p2\/|dists\/)/.test(path);
}

/** The body is not read. */
function closing(response: Response): Response {
  response.headers.set("Connection", "close");
  return response;
}
